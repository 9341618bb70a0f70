"""Taking in units of another bank: quarantined, each number as it came, with the journey that brought them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from biobank.domain.site import SiteKind
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.amount import obstacles_to_amounts
from inventory.domain.din import Din
from inventory.domain.expiry import expiry_of
from inventory.domain.origin import ForeignFacts, InboundFacts, NotTakenIn, check_taking_in, donor_key
from inventory.domain.sample import MATERNAL
from inventory.domain.shipment import FROZEN_KINDS
from inventory.domain.unit import Event, Origin, UnitState
from inventory.models.donation import Donation
from inventory.models.unit import Unit, UnitSource
from inventory.queries.origin import donations_by_code, donors_by_key, known_of
from inventory.queries.product_code import product_table
from inventory.services.arrival import obstacles_of_another_site
from inventory.services.origin_journey import ForeignUnit, Inbound, arrive, depart
from inventory.services.sample import NewSample, register_samples
from inventory.services.unit import record_registered


class RegisterDonors(Protocol):
    """Registers so many donors of this origin under codes of their own, and returns their ids: the door hands it in."""

    def __call__(self, count: int, *, origin: str, site: Site, by: Person, at: datetime) -> Sequence[int]: ...


@service
def receive_from_other_bank(
    inbound: Inbound, *, register_donors: RegisterDonors, by: Person, at: datetime
) -> list[Unit]:
    """Register units of another bank, quarantined, with the journey that brought them and what was found on each.

    Nothing of consent, eligibility or results is known until it is attested or found here. What differs from its papers
    is held. Raises ``NotTakenIn`` with every obstacle, ``DinRefused`` and ``ProductCodeRefused``.
    """
    dins = [Din.parse(unit.din) for unit in inbound.units]
    keys = [donor_key(inbound.from_site.code, unit.donor) for unit in inbound.units]
    donors = donors_by_key(keys)
    lock_donors(donors.values())
    _check(inbound, dins, keys, by=by, at=at)
    donations = _donations(inbound, dins, keys, donors, register_donors, by=by, at=at)
    shipment = depart(inbound, by=by, at=at)
    units = _units(inbound, donations, at=at)
    record_registered(
        units,
        event=Event.TAKEN_IN,
        reason=f"received from {inbound.from_site.name}",
        by=by,
        at=at,
        also=(shipment.reference,),
    )
    arrive(inbound, shipment, units, by=by, at=at)
    _keep_samples(inbound, units, by=by, at=at)
    return units


def _check(inbound: Inbound, dins: Sequence[Din], keys: Sequence[str], *, by: Person, at: datetime) -> None:
    table = product_table(unit.product_code for unit in inbound.units)
    reasons = obstacles_of_another_site(inbound.to_site, by, field="to_site")
    for unit, din in zip(inbound.units, dins, strict=True):
        table.check(unit.product_code, on=at.date())
        amounts = {"volume_ml": unit.volume_ml, "mass_g": unit.mass_g}
        reasons += obstacles_to_amounts(f"{din}{unit.product_code}", tnc=unit.tnc, **amounts)
    if reasons:
        raise NotTakenIn("The units cannot be taken in as stated.", reasons=reasons)
    facts = InboundFacts(
        route=(SiteKind(inbound.from_site.kind), SiteKind(inbound.to_site.kind)),
        units=[
            ForeignFacts(
                code=f"{din}{unit.product_code}",
                din=din,
                donor=key,
                collected_at=unit.collected_at,
                frozen_at=unit.frozen_at,
            )
            for unit, din, key in zip(inbound.units, dins, keys, strict=True)
        ],
        handed_over_at=inbound.handed_over_at,
    )
    check_taking_in(facts, known_of([each.code for each in facts.units], dins), at=at)


def _donations(
    inbound: Inbound,
    dins: Sequence[Din],
    keys: Sequence[str],
    donors: dict[str, int],
    register_donors: RegisterDonors,
    *,
    by: Person,
    at: datetime,
) -> list[Donation]:
    """Return the donation of each unit, under the donor known by its key; new ones are registered for what is new."""
    unknown = [key for key in dict.fromkeys(keys) if key not in donors]
    made = register_donors(len(unknown), origin=Origin.OTHER_BANK.value, site=inbound.to_site, by=by, at=at)
    donors = donors | dict(zip(unknown, made, strict=True))
    first = {din.text: (unit, key) for din, unit, key in reversed(list(zip(dins, inbound.units, keys, strict=True)))}
    there = donations_by_code(first)
    new = [din for din in dict.fromkeys(din.text for din in dins) if din not in there]
    Donation.objects.bulk_create(
        (
            Donation(
                code=din,
                din=din,
                donor_id=donors[first[din][1]],
                donor_key=first[din][1],
                origin=Origin.OTHER_BANK.value,
                collection_site=inbound.from_site,
                collected_at=first[din][0].collected_at,
                registered_by=by,
                registered_at=at,
            )
            for din in new
        ),
        batch_size=500,
    )
    found = donations_by_code(first)
    _record_donations(inbound, [found[din] for din in new], by=by, at=at)
    return [found[din.text] for din in dins]


def _record_donations(inbound: Inbound, donations: Sequence[Donation], *, by: Person, at: datetime) -> None:
    for donation in donations:
        record(
            "donation.registered",
            subjects=[donation.code, donation.donor.donor_code],
            by=by,
            at=at,
            occurred_at=donation.collected_at,
            reason=f"received from {inbound.from_site.name}",
            new={
                "origin": donation.origin,
                "site": inbound.from_site.code,
                "collected_at": donation.collected_at,
            },
        )


def _units(inbound: Inbound, donations: Sequence[Donation], *, at: datetime) -> list[Unit]:
    units = Unit.objects.bulk_create(
        [_unit(new, donation, inbound, at=at) for new, donation in zip(inbound.units, donations, strict=True)],
        batch_size=500,
    )
    UnitSource.objects.bulk_create([UnitSource(unit=unit, donation=unit.donation) for unit in units], batch_size=500)
    return units


def _unit(new: ForeignUnit, donation: Donation, inbound: Inbound, *, at: datetime) -> Unit:
    """Return the row of one unit; its expiry is decided by this bank's policy where the papers say what it asks."""
    known = new.frozen_at if new.kind in FROZEN_KINDS else new.collected_at
    expiry = (
        expiry_of(new.kind, new.product_class, collected_at=new.collected_at or known, frozen_at=new.frozen_at)
        if known is not None
        else None
    )
    return Unit(
        code=f"{donation.code}{new.product_code}",
        donation=donation,
        product_code=new.product_code,
        kind=new.kind.value,
        product_class=new.product_class.value,
        origin=Origin.OTHER_BANK.value,
        state=UnitState.QUARANTINED.value,
        holder=inbound.to_site.code,
        volume_ml=new.volume_ml,
        mass_g=new.mass_g,
        tnc=new.tnc,
        expires_at=expiry.at if expiry else None,
        expiry_basis=expiry.basis.value if expiry and expiry.basis else "",
        registered_at=at,
    )


def _keep_samples(inbound: Inbound, units: Sequence[Unit], *, by: Person, at: datetime) -> None:
    """Register the reference samples that came with each unit; a mother's is of the birth and of no unit."""
    news = [
        NewSample(
            donation=unit.donation,
            role=role,
            holder=unit.holder,
            unit=None if role in MATERNAL else unit,
            attached=attached,
            origin=Origin.OTHER_BANK.value,
        )
        for new, unit in zip(inbound.units, units, strict=True)
        for roles, attached in ((new.attached, True), (new.kept, False))
        for role in roles
    ]
    register_samples(news, by=by, at=at)
