"""What the bank knows of the codes, racks and places of a file that is to be imported."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import Q

from inventory.domain.container import Grid, LabelStyle
from inventory.domain.import_facts import BankFacts, Parent, RackFacts, Step, Thing, code_of
from inventory.domain.import_row import ImportRow
from inventory.domain.mapping import ImportMapping
from inventory.domain.mapping_part import CodeColumn, Rack
from inventory.domain.origin import code_of_source
from inventory.domain.sample import SampleState
from inventory.domain.unit import FINAL, Origin, UnitState
from inventory.models.container import Container, ContainerKind, Position
from inventory.models.donation import Donation
from inventory.models.identifier import Identifier
from inventory.models.import_file import ImportFile
from inventory.models.placement import Placement
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.origin import donors_by_key
from inventory.queries.unit import donors_behind

UNITS = "units"


def imported_at(sha256: str) -> datetime | None:
    """Return when a file of these bytes was imported, or None when it never was."""
    return ImportFile.objects.filter(kind=UNITS, sha256=sha256).values_list("imported_at", flat=True).first()


def stand_of(rack: Rack) -> tuple[Container, ContainerKind]:
    """Return the container in which new racks stand, and their kind; both were found when the file was checked."""
    return (
        Container.objects.select_related("site").get(code=rack.stands_in),
        ContainerKind.objects.get(name=rack.kind),
    )


def bank_facts(rows: Sequence[ImportRow], mapping: ImportMapping) -> BankFacts:
    """Return everything that planning an import asks of the bank, in a number of queries that rows do not change."""
    kind = ContainerKind.objects.filter(name=mapping.rack.kind).first()
    stands_in = Container.objects.filter(code=mapping.rack.stands_in).select_related("site").first()
    racks = _racks({row.rack for row in rows if row.rack})
    return BankFacts(
        grid=_grid(kind) if kind else None,
        accepts=frozenset(kind.accepts) if kind else frozenset(),
        site=stands_in.site.code if stands_in else "",
        things=_things({code_of(row) for row in rows if row.code}, mapping.code.issuer),
        parents=_parents({row.parent.text for row in rows if row.parent}, mapping.parent),
        donations=_donations(
            {row.code.din.text for row in rows if row.code and row.code.din}
            | {row.source for row in rows if row.source}
        ),
        racks=racks,
        occupants=_occupants(racks),
    )


def _grid(kind: ContainerKind) -> Grid:
    return Grid(kind.rows, kind.columns, LabelStyle(kind.row_labels), LabelStyle(kind.column_labels), kind.capacity)


def _racks(codes: Collection[str]) -> dict[str, RackFacts]:
    found = Container.objects.filter(code__in=codes).values_list("code", "kind__name", "parent__code", "site__code")
    return {code: RackFacts(kind, parent or "", site) for code, kind, parent, site in found}


def _occupants(racks: Collection[str]) -> dict[str, str]:
    """Return who is in each taken position of these racks."""
    rows = Placement.objects.filter(position__container__code__in=racks, removed_at__isnull=True)
    found = rows.values_list("position__code", "unit__code", "sample__code")
    return {position: unit or sample or "" for position, unit, sample in found}


def _things(codes: Collection[str], issuer: str) -> dict[str, tuple[Thing, ...]]:
    """Return, by code, the units and samples that have it as their own or as this issuer's identifier."""
    named: dict[tuple[bool, int], set[str]] = {}
    for is_unit, pk, code in _named(codes, issuer):
        named.setdefault((is_unit, pk), set()).add(code)
    units, samples = ([pk for is_unit, pk in named if is_unit is wanted] for wanted in (True, False))
    found: dict[str, list[Thing]] = {}
    for thing in [*_units(units), *_samples(samples)]:
        for code in named[thing.is_unit, thing.pk]:
            found.setdefault(code, []).append(thing)
    return {code: tuple(things) for code, things in found.items()}


def _named(codes: Collection[str], issuer: str) -> Iterator[tuple[bool, int, str]]:
    for pk, code in Unit.objects.filter(code__in=codes).values_list("pk", "code"):
        yield True, pk, code
    for pk, code in ReferenceSample.objects.filter(code__in=codes).values_list("pk", "code"):
        yield False, pk, code
    of_issuer = Identifier.objects.filter(issuer=issuer, value__in=codes)
    for unit, sample, value in of_issuer.values_list("unit_id", "sample_id", "value"):
        yield unit is not None, unit or sample or 0, value


def _units(ids: Sequence[int]) -> list[Thing]:
    places = _places("unit_id", ids)
    return [
        Thing(
            is_unit=True,
            pk=unit.pk,
            code=unit.code,
            product=unit.product_class,
            holder=unit.holder,
            place=places.get(unit.pk, ""),
            is_final=UnitState(unit.state) in FINAL,
            is_foreign=unit.donation.origin == Origin.OTHER_BANK,
        )
        for unit in Unit.objects.filter(pk__in=ids).select_related("donation")
    ]


def _samples(ids: Sequence[int]) -> list[Thing]:
    places = _places("sample_id", ids)
    return [
        Thing(
            is_unit=False,
            pk=sample.pk,
            code=sample.code,
            product=sample.role,
            holder=sample.holder,
            place=places.get(sample.pk, ""),
            is_final=sample.state != SampleState.STORED,
            attached_to=sample.unit.code if sample.attached and sample.unit else "",
            of_unit=sample.unit_id is not None,
            is_foreign=sample.donation.origin == Origin.OTHER_BANK,
        )
        for sample in ReferenceSample.objects.filter(pk__in=ids).select_related("unit", "donation")
    ]


def _places(key: str, ids: Sequence[int]) -> dict[int, str]:
    rows = Placement.objects.filter(**{f"{key}__in": ids}, removed_at__isnull=True)
    return dict(rows.values_list(key, "position__code"))


def _donations(codes: Collection[str]) -> dict[str, Parent]:
    rows = Donation.objects.filter(code__in=codes).values_list("pk", "code", "origin")
    return {code: Parent(pk, code, is_foreign=origin == Origin.OTHER_BANK) for pk, code, origin in rows}


def _parents(codes: Collection[str], of: CodeColumn | None) -> dict[str, tuple[Parent, ...]]:
    """Return, by the parent's code, the donations it leads to: as unit, sample, donation, identifier or source."""
    if of is None or not codes:
        return {}
    found: dict[str, list[Parent]] = {code: [] for code in codes}
    sources = {code_of_source(of.issuer, code): code for code in codes}
    for source, parent in _donations(sources).items():
        found[sources[source]].append(parent)
    for code, parent in _donations(codes).items():
        found[code].append(parent)
    for code, parent in _parent_things(codes, of.issuer):
        found[code].append(parent)
    return {code: tuple(parents) for code, parents in found.items() if parents}


def _parent_things(codes: Collection[str], issuer: str) -> Iterator[tuple[str, Parent]]:
    """Yield the parents that are units or samples, by the code in the file."""
    of_donation = ("donation_id", "donation__code", "donation__origin")
    units = Unit.objects.filter(code__in=codes).values_list("code", *of_donation, "pk", "volume_ml")
    rows = Identifier.objects.filter(issuer=issuer, value__in=codes)
    of_units = (*(f"unit__{name}" for name in of_donation), "unit_id", "unit__volume_ml")
    named = rows.filter(unit__isnull=False).values_list("value", *of_units)
    for code, donation, donation_code, origin, unit, volume in (*units, *named):
        foreign = origin == Origin.OTHER_BANK
        yield code, Parent(donation, donation_code, unit, is_unit=True, volume_ml=volume, is_foreign=foreign)
    of_samples = (*(f"sample__{name}" for name in of_donation), "sample__unit_id", "sample__volume_ml")
    samples = rows.filter(sample__isnull=False).values_list("value", *of_samples)
    for code, donation, donation_code, origin, unit, volume in samples:
        foreign = origin == Origin.OTHER_BANK
        yield code, Parent(donation, donation_code, unit, is_sample=True, volume_ml=volume, is_foreign=foreign)


def donors_of_steps(steps: Iterable[Step]) -> list[int]:
    """Return the ids of the donors behind what an import touches and the bank knows."""
    steps = list(steps)
    units = [step.thing.pk for step in steps if step.thing and step.thing.is_unit]
    samples = [step.thing.pk for step in steps if step.thing and not step.thing.is_unit]
    donations = [step.parent.donation_id for step in steps if step.parent]
    known = donors_by_key({step.donor for step in steps if step.donor})
    of_samples = ReferenceSample.objects.filter(pk__in=samples).values_list("donation__donor_id", flat=True)
    of_donations = Donation.objects.filter(pk__in=donations).values_list("donor_id", flat=True)
    return sorted({*donors_behind(units), *of_samples, *of_donations, *known.values()})


def donations_by_id(ids: Iterable[int]) -> dict[int, Donation]:
    """Return these donations with their donors."""
    return {each.pk: each for each in Donation.objects.filter(pk__in=set(ids)).select_related("donor")}


def positions_of_steps(steps: Iterable[Step]) -> dict[str, int]:
    """Return the id of each position that an import puts something in."""
    places = [step.place for step in steps if step.place]
    return dict(Position.objects.filter(code__in=places).values_list("code", "pk"))


def things_of_steps(steps: Iterable[Step]) -> dict[int, Unit | ReferenceSample]:
    """Return, by line, the known units and samples of an import, with their donations and donors."""
    lines = {(step.thing.is_unit, step.thing.pk): step.row.line for step in steps if step.thing}
    units = Unit.objects.filter(pk__in=[pk for is_unit, pk in lines if is_unit])
    samples = ReferenceSample.objects.filter(pk__in=[pk for is_unit, pk in lines if not is_unit])
    found: dict[int, Unit | ReferenceSample] = {}
    found |= {lines[True, unit.pk]: unit for unit in units.select_related("donation__donor")}
    found |= {lines[False, sample.pk]: sample for sample in samples.select_related("donation__donor", "unit")}
    return found


def place_of_identifier(issuer: str, value: str) -> str:
    """Return the code of the position in which the thing with this identifier is; nothing when it is in none."""
    placed = Placement.objects.filter(removed_at__isnull=True)
    of_issuer = {"identifiers__issuer": issuer, "identifiers__value": value}
    wanted = Q(**{f"unit__{key}": name for key, name in of_issuer.items()}) | Q(
        **{f"sample__{key}": name for key, name in of_issuer.items()}
    )
    return placed.filter(wanted).values_list("position__code", flat=True).first() or ""
