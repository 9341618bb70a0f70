"""Registering donations with what was collected of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service
from consent.domain.permitted_use import Standing
from consent.queries.consent import consent_status
from consent.queries.donor import infants_of, lock_donors
from inventory.domain.amount import obstacles_to_amounts
from inventory.domain.din import Din
from inventory.domain.donation import Delivery, DonationFacts, DonationRefused, obstacles_to_registering_a_donation
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind, UnitState
from inventory.models.donation import Donation
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit, UnitSource
from inventory.queries.product_code import product_table
from inventory.services.sample import NewSample, register_samples
from inventory.services.unit import record_registered


@dataclass(frozen=True)
class Collected:
    """One bag or piece as collected. Volume in millilitres without additives, mass in grams."""

    product_class: ProductClass
    kind: UnitKind
    product_code: str
    volume_ml: Decimal | None = None
    mass_g: Decimal | None = None


@dataclass(frozen=True)
class NewDonation:
    """One infant's gift at birth; ``din`` as scanned or typed; ``maternal_tubes`` are kept as reference samples."""

    din: str
    donor_id: int
    infant_id: int
    site: Site
    collector: Person
    collected_at: datetime
    collected: tuple[Collected, ...]
    delivery: Delivery = Delivery.VAGINAL
    gestational_age_days: int | None = None
    clamp_seconds: int | None = None
    procedure_version: str = ""
    maternal_tubes: tuple[SampleRole, ...] = (SampleRole.MATERNAL_SERUM, SampleRole.MATERNAL_PLASMA)


@dataclass(frozen=True)
class Registered:
    """What a registration made."""

    donation: Donation
    units: tuple[Unit, ...]
    samples: tuple[ReferenceSample, ...]


@service
def register_donations(news: Sequence[NewDonation], *, by: Person, at: datetime) -> list[Registered]:
    """Register donations with their collected units and maternal tubes, in bulk, all or nothing.

    Raises ``DonationRefused`` with every obstacle (consent not given before collection, DIN taken, impossible times)
    ``DinRefused`` for a DIN that is none, ``ProductCodeRefused`` for a product code that is none of the bank's.
    """
    donors = {donor.pk: donor for donor in lock_donors(new.donor_id for new in news)}
    dins = [Din.parse(new.din).text for new in news]
    _check(news, dins, at=at)
    _check_collected(news, dins, at=at)
    donations = Donation.objects.bulk_create(
        [_donation(new, din, by=by, at=at) for new, din in zip(news, dins, strict=True)], batch_size=500
    )
    units = _collect(news, donations, at=at)
    samples = _keep_tubes(news, donations, by=by, at=at)
    for donation, new in zip(donations, news, strict=True):
        donation.donor = donors[new.donor_id]
        _record(donation, new, by=by, at=at)
    record_registered([unit for made in units for unit in made], reason="collected at birth", by=by, at=at)
    return [
        Registered(donation=donation, units=tuple(made), samples=tuple(tubes))
        for donation, made, tubes in zip(donations, units, samples, strict=True)
    ]


def _check(news: Sequence[NewDonation], dins: Sequence[str], *, at: datetime) -> None:
    taken = set(Donation.objects.filter(code__in=dins).values_list("code", flat=True))
    consents = consent_status({new.donor_id for new in news}, at)
    births = {infant.pk: infant for each in infants_of({new.donor_id for new in news}).values() for infant in each}
    reasons: list[Reason] = []
    for new, din in zip(news, dins, strict=True):
        consent = consents.get(new.donor_id)
        infant = births.get(new.infant_id)
        if infant is None or infant.donor_id != new.donor_id:
            reasons.append(Reason(f"{din}: the infant is not one of this donor's.", "other-donor", "infant"))
        facts = DonationFacts(
            collected_at=new.collected_at,
            consented_at=consent.given_at if consent and consent.standing is Standing.ACTIVE else None,
            born_at=infant.born_at if infant else None,
            clamp_seconds=new.clamp_seconds,
            gestational_age_days=new.gestational_age_days,
        )
        if din in taken:
            reasons.append(Reason(f"{din} is registered already.", "din-taken", "din"))
        reasons += [
            Reason(f"{din}: {each.text}", each.code, each.field)
            for each in obstacles_to_registering_a_donation(facts, at=at)
        ]
        taken.add(din)
    if reasons:
        raise DonationRefused("The donation was not registered.", reasons=reasons)


def _check_collected(news: Sequence[NewDonation], dins: Sequence[str], *, at: datetime) -> None:
    table = product_table(bag.product_code for new in news for bag in new.collected)
    reasons: list[Reason] = []
    codes: list[str] = []
    for new, din in zip(news, dins, strict=True):
        if not new.collected:
            reasons.append(Reason(f"{din}: nothing was collected.", "nothing-collected", "collected"))
        for bag in new.collected:
            table.check(bag.product_code, on=at.date())
            codes.append(_code(din, bag))
            reasons += obstacles_to_amounts(codes[-1], volume_ml=bag.volume_ml, mass_g=bag.mass_g)
    repeated = {code for code in codes if codes.count(code) > 1} if len(set(codes)) < len(codes) else set()
    taken = set(Unit.objects.filter(code__in=codes).values_list("code", flat=True))
    reasons += [
        Reason(f"{code} is one unit and cannot be two: give each a division of its own.", "code-taken", "collected")
        for code in sorted(repeated | taken)
    ]
    if reasons:
        raise DonationRefused("The donation was not registered.", reasons=reasons)


def _code(din: str, bag: Collected) -> str:
    return f"{din}{bag.product_code}"


def _donation(new: NewDonation, din: str, *, by: Person, at: datetime) -> Donation:
    return Donation(
        code=din,
        din=din,
        donor_id=new.donor_id,
        infant_id=new.infant_id,
        collection_site=new.site,
        collector=new.collector,
        procedure_version=new.procedure_version,
        collected_at=new.collected_at,
        delivery=new.delivery.value,
        gestational_age_days=new.gestational_age_days,
        clamp_seconds=new.clamp_seconds,
        registered_by=by,
        registered_at=at,
    )


def _collect(news: Sequence[NewDonation], donations: Sequence[Donation], *, at: datetime) -> list[list[Unit]]:
    made = [
        [_unit(bag, donation, holder=new.site.code, at=at) for bag in new.collected]
        for new, donation in zip(news, donations, strict=True)
    ]
    units = Unit.objects.bulk_create([unit for each in made for unit in each], batch_size=500)
    UnitSource.objects.bulk_create([UnitSource(unit=unit, donation=unit.donation) for unit in units], batch_size=500)
    return made


def _unit(bag: Collected, donation: Donation, *, holder: str, at: datetime) -> Unit:
    return Unit(
        code=_code(donation.code, bag),
        donation=donation,
        product_code=bag.product_code,
        kind=bag.kind.value,
        product_class=bag.product_class.value,
        state=UnitState.COLLECTED.value,
        holder=holder,
        volume_ml=bag.volume_ml,
        mass_g=bag.mass_g,
        registered_at=at,
    )


def _keep_tubes(
    news: Sequence[NewDonation], donations: Sequence[Donation], *, by: Person, at: datetime
) -> list[list[ReferenceSample]]:
    wanted = [
        NewSample(donation=donation, role=role, holder=new.site.code)
        for new, donation in zip(news, donations, strict=True)
        for role in new.maternal_tubes
    ]
    samples = iter(register_samples(wanted, by=by, at=at))
    return [[next(samples) for _ in new.maternal_tubes] for new in news]


def _record(donation: Donation, new: NewDonation, *, by: Person, at: datetime) -> None:
    record(
        "donation.registered",
        subjects=[donation.code, donation.donor.donor_code],
        by=by,
        at=at,
        occurred_at=new.collected_at,
        new={
            "event": donation.event,
            "purpose": donation.purpose,
            "collected_at": donation.collected_at,
            "collector": new.collector.username,
            "site": new.site.code,
            "delivery": donation.delivery,
            "gestational_age_days": donation.gestational_age_days,
            "clamp_seconds": donation.clamp_seconds,
        },
    )
