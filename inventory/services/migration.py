"""Registering what another system held: donations, units and samples of origin *migrated*, with their identifiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.din import CANONICAL
from inventory.domain.identifier import ScanKind
from inventory.domain.import_plan import Step, code_of
from inventory.domain.sample import SampleRole
from inventory.domain.unit import Origin, UnitState
from inventory.models.donation import Donation
from inventory.models.identifier import Identifier
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit, UnitSource
from inventory.queries.import_file import donations_by_id
from inventory.services.sample import NewSample, register_samples
from inventory.services.unit import record_registered

BATCH = 1000


class RegisterDonors(Protocol):
    """Registers so many migrated donors, each under a code of its own, and returns their ids: the door hands it in."""

    def __call__(self, count: int, *, site: Site, by: Person, at: datetime) -> Sequence[int]: ...


@dataclass(frozen=True)
class Migration:
    """New rows of one imported file, to be held by ``site``; ``issuer`` gave the codes that were scanned."""

    steps: Sequence[Step]
    is_unit: bool
    issuer: str
    site: Site
    file: str
    register_donors: RegisterDonors


@service
def register_migrated(new: Migration, *, by: Person, at: datetime) -> list[Unit | ReferenceSample]:
    """Register the things of new rows, in their order: units quarantined, samples stored, no consent known of either.

    Rows that name the same source share one donation, under one donor; a row that names none has its own.
    """
    donations = _donations(new, by=by, at=at)
    things: list[Unit | ReferenceSample] = []
    if new.is_unit:
        things += _units(new, donations, by=by, at=at)
    else:
        things += _samples(new, donations, by=by, at=at)
    _identify(new, things, by=by, at=at)
    return things


def _donations(new: Migration, *, by: Person, at: datetime) -> list[Donation]:
    """Return the donation of each step: its parent's, or one registered for its source."""
    codes = [step.source or ("" if step.parent else new_code("DON")) for step in new.steps]
    first = {code: step for code, step in reversed(list(zip(codes, new.steps, strict=True))) if code}
    wanted = list(dict.fromkeys(code for code in codes if code))
    donors = new.register_donors(len(wanted), site=new.site, by=by, at=at)
    made = Donation.objects.bulk_create(
        (
            Donation(
                code=code,
                din=code if CANONICAL.fullmatch(code) else None,
                donor_id=donor_id,
                origin=Origin.MIGRATED.value,
                collection_site=new.site,
                collected_at=first[code].row.collected_at,
                registered_by=by,
                registered_at=at,
            )
            for code, donor_id in zip(wanted, donors, strict=True)
        ),
        batch_size=BATCH,
    )
    found = donations_by_id(
        [*(one.pk for one in made), *(step.parent.donation_id for step in new.steps if step.parent)]
    )
    for one in made:
        _record_donation(found[one.pk], first[one.code], new, by=by, at=at)
    by_code = {donation.code: donation for donation in found.values()}
    return [
        found[step.parent.donation_id] if step.parent else by_code[code]
        for code, step in zip(codes, new.steps, strict=True)
    ]


def _record_donation(donation: Donation, step: Step, new: Migration, *, by: Person, at: datetime) -> None:
    record(
        "donation.registered",
        subjects=[donation.code, donation.donor.donor_code],
        by=by,
        at=at,
        occurred_at=donation.collected_at,
        reason=f"imported from {new.file}",
        new={
            "origin": donation.origin,
            "site": new.site.code,
            "collected_at": donation.collected_at,
            "source": step.row.parent.text if step.row.parent else "",
        },
    )


def _units(new: Migration, donations: Sequence[Donation], *, by: Person, at: datetime) -> list[Unit]:
    units = Unit.objects.bulk_create(
        (
            Unit(
                code=code_of(step.row) if step.row.code and step.row.code.din else new_code("UNT"),
                donation=donation,
                product_code=_product_code(step),
                kind=step.row.kind,
                product_class=step.row.term,
                origin=Origin.MIGRATED.value,
                state=UnitState.QUARANTINED.value,
                holder=new.site.code,
                volume_ml=step.row.volume_ml,
                mass_g=step.row.mass_g,
                registered_at=at,
            )
            for step, donation in zip(new.steps, donations, strict=True)
        ),
        batch_size=BATCH,
    )
    UnitSource.objects.bulk_create((UnitSource(unit=unit, donation=unit.donation) for unit in units), batch_size=BATCH)
    record_registered(units, reason=f"imported from {new.file}", by=by, at=at)
    return units


def _product_code(step: Step) -> str:
    scanned = step.row.code.product_code if step.row.code else None
    return scanned.text if scanned else step.row.product_code


def _samples(new: Migration, donations: Sequence[Donation], *, by: Person, at: datetime) -> list[ReferenceSample]:
    parents: Mapping[int, Unit] = Unit.objects.in_bulk(
        {step.parent.unit_id for step in new.steps if step.parent and step.parent.unit_id}
    )
    news = [
        NewSample(
            donation=donation,
            role=SampleRole(step.row.term),
            holder=new.site.code,
            unit=parents.get(step.parent.unit_id or 0) if step.parent else None,
            volume_ml=step.row.volume_ml,
            origin=Origin.MIGRATED.value,
        )
        for step, donation in zip(new.steps, donations, strict=True)
    ]
    return register_samples(news, by=by, at=at)


def _identify(new: Migration, things: Sequence[Unit | ReferenceSample], *, by: Person, at: datetime) -> None:
    """Keep each scanned code beside the bank's own; an ISBT 128 code of a unit is its own already."""
    identifiers = []
    for step, thing in zip(new.steps, things, strict=True):
        unit, sample = (thing, None) if isinstance(thing, Unit) else (None, thing)
        scan = step.row.code
        if scan is None or (unit and scan.kind is not ScanKind.BARCODE):
            continue
        identifiers.append(Identifier(issuer=new.issuer, value=scan.text, unit=unit, sample=sample))
        record(
            "unit.identified" if unit else "sample.identified",
            subjects=[thing.donation.code, thing.donation.donor.donor_code],
            item=thing.code,
            by=by,
            at=at,
            reason=f"imported from {new.file}, line {step.row.line}",
            occurred_at=step.row.scanned_at,
            new={"issuer": new.issuer, "identifier": scan.text, "origin": thing.origin, "volume_ml": thing.volume_ml},
        )
    Identifier.objects.bulk_create(identifiers, batch_size=BATCH)
