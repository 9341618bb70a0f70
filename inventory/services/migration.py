"""Registering what another system held: donations, units and samples of origin *migrated*, with their identifiers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.din import CANONICAL
from inventory.domain.identifier import ScanKind
from inventory.domain.import_facts import Step, code_of
from inventory.domain.mapping_part import LineageWord
from inventory.domain.sample import MATERNAL, SampleRole
from inventory.domain.unit import Event, Origin, UnitState
from inventory.models.donation import Donation
from inventory.models.identifier import Identifier
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Lineage, Unit, UnitSource
from inventory.queries.import_file import donations_by_id
from inventory.queries.origin import donors_by_key
from inventory.services.origin import RegisterDonors
from inventory.services.sample import NewSample, register_samples
from inventory.services.unit import record_registered

BATCH = 1000


@dataclass(frozen=True)
class Migration:
    """New rows of one imported file, to be held by ``site``; ``issuer`` gave the codes that were scanned."""

    steps: Sequence[Step]
    issuer: str
    site: Site
    file: str
    register_donors: RegisterDonors

    @property
    def units(self) -> list[Step]:
        return [step for step in self.steps if step.row.is_unit]

    @property
    def samples(self) -> list[Step]:
        return [step for step in self.steps if not step.row.is_unit]


@service
def register_migrated(new: Migration, *, by: Person, at: datetime) -> dict[int, Unit | ReferenceSample]:
    """Register the things of new rows and return them by line: units quarantined, samples stored, no consent known.

    Rows that name the same source share one donation, and donations that name the same donor one donor; a row that
    names none has its own. What was made from another unit keeps that, by no processing of this bank's record.
    """
    donations = _donations(new, by=by, at=at)
    units = _units(new, donations, by=by, at=at)
    made: dict[int, Unit | ReferenceSample] = {**units}
    parents = _known_units(new)
    _descend(new, units, parents)
    made |= _samples(new, donations, units, parents, by=by, at=at)
    _identify(new, made, by=by, at=at)
    return made


def _donations(new: Migration, *, by: Person, at: datetime) -> dict[int, Donation]:
    """Return the donation of each line: its parent's, or one registered for its source."""
    codes = {step.row.line: step.source or new_code("DON") for step in new.steps if not step.parent}
    first: dict[str, Step] = {}
    collected: dict[str, datetime] = {}
    for step in new.steps:
        if code := codes.get(step.row.line):
            first.setdefault(code, step)
            if step.row.collected_at:
                collected.setdefault(code, step.row.collected_at)
    donors = _donors(new, first, by=by, at=at)
    made = Donation.objects.bulk_create(
        (
            Donation(
                code=code,
                din=code if CANONICAL.fullmatch(code) else None,
                donor_id=donors[code],
                donor_key=step.donor,
                origin=Origin.MIGRATED.value,
                collection_site=new.site,
                collected_at=collected.get(code),
                registered_by=by,
                registered_at=at,
            )
            for code, step in first.items()
        ),
        batch_size=BATCH,
    )
    known = {step.parent.donation_id for step in new.steps if step.parent}
    found = donations_by_id([*(one.pk for one in made), *known])
    for one in made:
        _record_donation(found[one.pk], first[one.code], new, by=by, at=at)
    by_code = {donation.code: donation for donation in found.values()}
    return {
        step.row.line: found[step.parent.donation_id] if step.parent else by_code[codes[step.row.line]]
        for step in new.steps
    }


def _donors(new: Migration, first: Mapping[str, Step], *, by: Person, at: datetime) -> dict[str, int]:
    """Return the donor of each new donation: the one known by its key, or one registered for it."""
    keys = {code: step.donor or code for code, step in first.items()}
    known = donors_by_key({step.donor for step in first.values() if step.donor})
    missing = [key for key in dict.fromkeys(keys.values()) if key not in known]
    made = new.register_donors(len(missing), origin=Origin.MIGRATED.value, site=new.site, by=by, at=at)
    ids = known | dict(zip(missing, made, strict=True))
    return {code: ids[key] for code, key in keys.items()}


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


def _units(new: Migration, donations: Mapping[int, Donation], *, by: Person, at: datetime) -> dict[int, Unit]:
    units = Unit.objects.bulk_create(
        (
            Unit(
                code=code_of(step.row) if step.row.code and step.row.code.din else new_code("UNT"),
                donation=donations[step.row.line],
                product_code=_product_code(step),
                kind=step.row.kind,
                product_class=step.row.term,
                origin=Origin.MIGRATED.value,
                state=UnitState.QUARANTINED.value,
                holder=new.site.code,
                volume_ml=step.row.volume_ml,
                mass_g=step.row.mass_g,
                tnc=step.row.tnc,
                registered_at=at,
            )
            for step in new.units
        ),
        batch_size=BATCH,
    )
    UnitSource.objects.bulk_create((UnitSource(unit=unit, donation=unit.donation) for unit in units), batch_size=BATCH)
    record_registered(units, event=Event.TAKEN_IN, reason=f"imported from {new.file}", by=by, at=at)
    return dict(zip([step.row.line for step in new.units], units, strict=True))


def _product_code(step: Step) -> str:
    scanned = step.row.code.product_code if step.row.code else None
    return scanned.text if scanned else step.row.product_code


def _known_units(new: Migration) -> Mapping[int, Unit]:
    """Return the units of the bank that new things were made from or taken of."""
    return Unit.objects.in_bulk({step.parent.unit_id for step in new.steps if step.parent and step.parent.unit_id})


def _parent_of(step: Step, units: Mapping[int, Unit], known: Mapping[int, Unit]) -> Unit | None:
    """Return the unit that a new unit was made from."""
    if step.made_from is not None:
        return units.get(step.made_from)
    if step.row.parent is None or step.parent is None or not step.parent.is_unit:
        return None
    return known.get(step.parent.unit_id or 0)


def _descend(new: Migration, units: Mapping[int, Unit], known: Mapping[int, Unit]) -> None:
    """Keep what each unit was made from; of an aliquot, that all of it was taken from there."""
    lineage, inherited = [], []
    behind = _further_sources(known)
    for step in new.units:
        child, parent = units[step.row.line], _parent_of(step, units, known)
        if parent is None:
            continue
        is_aliquot = step.row.lineage is LineageWord.ALIQUOT
        lineage.append(
            Lineage(
                parent=parent,
                child=child,
                taken_ml=child.volume_ml if is_aliquot else None,
                taken_g=child.mass_g if is_aliquot else None,
            )
        )
        inherited += [
            UnitSource(unit=child, donation_id=each) for each in behind.get(parent.pk, ()) if each != child.donation_id
        ]
    Lineage.objects.bulk_create(lineage, batch_size=BATCH)
    UnitSource.objects.bulk_create(inherited, batch_size=BATCH)


def _further_sources(known: Mapping[int, Unit]) -> dict[int, list[int]]:
    """Return every donation behind units of the bank: what is made from a pool names them all."""
    found: dict[int, list[int]] = {}
    for unit_id, donation_id in UnitSource.objects.filter(unit__in=known).values_list("unit_id", "donation_id"):
        found.setdefault(unit_id, []).append(donation_id)
    return found


def _samples(
    new: Migration,
    donations: Mapping[int, Donation],
    units: Mapping[int, Unit],
    known: Mapping[int, Unit],
    *,
    by: Person,
    at: datetime,
) -> dict[int, ReferenceSample]:
    news = [
        NewSample(
            donation=donations[step.row.line],
            role=SampleRole(step.row.term),
            holder=new.site.code,
            unit=_unit_of(step, units, known),
            volume_ml=step.row.volume_ml,
            origin=Origin.MIGRATED.value,
        )
        for step in new.samples
    ]
    return dict(zip([step.row.line for step in new.samples], register_samples(news, by=by, at=at), strict=True))


def _unit_of(step: Step, units: Mapping[int, Unit], known: Mapping[int, Unit]) -> Unit | None:
    """Return the unit that a sample is of; a mother's is of the birth alone."""
    if SampleRole(step.row.term) in MATERNAL:
        return None
    if step.of_unit is not None:
        return units[step.of_unit]
    return known.get(step.parent.unit_id or 0) if step.parent else None


def _identify(new: Migration, things: Mapping[int, Unit | ReferenceSample], *, by: Person, at: datetime) -> None:
    """Keep each scanned code beside the bank's own; an ISBT 128 code of a unit is its own already."""
    identifiers = []
    for step in new.steps:
        thing, row = things[step.row.line], step.row
        unit, sample = (thing, None) if isinstance(thing, Unit) else (None, thing)
        told = dict(_told(step))
        if row.code and (sample or row.code.kind is ScanKind.BARCODE):
            identifiers.append(Identifier(issuer=new.issuer, value=row.code.text, unit=unit, sample=sample))
            told |= {"issuer": new.issuer, "identifier": row.code.text}
        record(
            "unit.identified" if unit else "sample.identified",
            subjects=[thing.donation.code, thing.donation.donor.donor_code],
            item=thing.code,
            by=by,
            at=at,
            reason=f"imported from {new.file}, line {row.line}",
            occurred_at=row.scanned_at or row.created_at,
            new={"origin": thing.origin, "volume_ml": thing.volume_ml, **told},
        )
    Identifier.objects.bulk_create(identifiers, batch_size=BATCH)


def _told(step: Step) -> Iterator[tuple[str, object]]:
    """Yield what the file says of a thing that no column keeps: what it was made from, when, where, and as stated."""
    row = step.row
    if row.lineage is not None:
        yield "lineage", row.lineage
    if row.parent is not None:
        yield "made_from", row.parent.text
    if row.created_at is not None:
        yield "created_at", row.created_at
    if not step.place:
        yield "place_stated", " ".join(filter(None, (row.rack, row.well)))
    if row.told:
        yield "stated", dict(row.told)
