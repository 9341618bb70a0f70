"""Importing a file of foreign layout: all of it or nothing, once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, transaction

from biobank.domain.refusal import Reason, RuleViolation
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import one_entry_per_item, record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.assay import Subject
from inventory.domain.import_column import Columns, Fault
from inventory.domain.import_facts import Plan, Step
from inventory.domain.import_plan import plan_import
from inventory.domain.import_row import ImportRow, read_row
from inventory.domain.mapping import ImportMapping, parse_mapping
from inventory.exchange.table import read_table
from inventory.models.import_file import ImportFile
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.import_file import (
    UNITS,
    bank_facts,
    donors_of_steps,
    imported_at,
    positions_of_steps,
    stand_of,
    things_of_steps,
)
from inventory.services.container import NewContainer, register_containers
from inventory.services.migration import Migration, register_migrated
from inventory.services.origin import RegisterDonors
from inventory.services.placement import PutAway, put_away
from inventory.services.result import NewResult, record_results

STAGES = ("reading", "checking", "registering", "placing", "results", "sealing")
LONGEST_NAME = 200


class ImportRefused(RuleViolation):
    """The file has faults: ``faults`` are all of them, each with its line."""

    code = "import-refused"
    title = "Nothing was imported"
    mend = "Nothing was imported. Correct the file or the mapping and run again."
    faults: tuple[Fault, ...] = ()

    @classmethod
    def because_of(cls, faults: Sequence[Fault]) -> "ImportRefused":
        reasons = [Reason(str(fault), fault.code, fault.column) for fault in faults]
        refusal = cls(f"The file has {len(faults)} fault{'s' if len(faults) > 1 else ''}.", reasons=reasons)
        refusal.faults = tuple(faults)
        return refusal


class FileImportedBefore(RuleViolation):
    code = "file-imported-before"
    title = "This file was imported before"
    mend = "Nothing was imported. Look up its units and samples, or choose another file."


@dataclass(frozen=True)
class GivenFile:
    """A file and its mapping, as bytes; ``tell`` hears of each stage as it begins."""

    name: str
    data: bytes
    mapping: bytes
    tell: Callable[[str], object] = str


@dataclass(frozen=True)
class Checked:
    """A file without faults, its mapping, and what importing it does."""

    mapping: ImportMapping
    plan: Plan
    sha256: str


def check_import(given: GivenFile, *, at: datetime) -> Checked:
    """Return what importing a file would do, writing nothing.

    Raises ``MappingRefused``, ``TableRefused``, ``FileImportedBefore``, or ``ImportRefused`` with every fault.
    """
    given.tell("reading")
    mapping, digest = parse_mapping(given.mapping), sha256(given.data).hexdigest()
    _check_first_time(digest)
    rows, faults = _read(given.data, mapping, at=at)
    given.tell("checking")
    plan = plan_import(rows, mapping, bank_facts(rows, mapping))
    if found := sorted([*faults, *plan.faults], key=lambda fault: fault.line):
        raise ImportRefused.because_of(found)
    return Checked(mapping, plan, digest)


@service
def import_units(given: GivenFile, *, register_donors: RegisterDonors, by: Person, at: datetime) -> Checked:
    """Import a file: what is known is placed, what is new is registered as migrated, results are entered unverified.

    Raises as ``check_import`` does.
    """
    checked = check_import(given, at=at)
    steps, mapping = checked.plan.steps, checked.mapping
    lock_donors(donors_of_steps(steps))
    _note_file(given, checked, by=by, at=at)
    given.tell("registering")
    site = _stand_racks(checked, by=by, at=at)
    new = [step for step in steps if step.thing is None]
    migration = Migration(new, mapping.code.issuer, site, given.name, register_donors)
    with one_entry_per_item():
        made = register_migrated(migration, by=by, at=at)
        given.tell("placing")
        things = things_of_steps(steps) | made
        _place(steps, things, because=f"imported from {given.name}", by=by, at=at)
    given.tell("results")
    _enter_results(steps, things, by=by, at=at)
    given.tell("sealing")
    return checked


def _check_first_time(digest: str) -> None:
    if (before := imported_at(digest)) is not None:
        raise FileImportedBefore(f"A file of the same content was imported on {before:%Y-%m-%d at %H:%M} UTC.")


def _read(data: bytes, mapping: ImportMapping, *, at: datetime) -> tuple[list[ImportRow], list[Fault]]:
    table = read_table(data, mapping.layout)
    columns = Columns(mapping, table.header, table.width)
    rows: list[ImportRow] = []
    faults: list[Fault] = []
    for raw in table.rows:
        if isinstance(raw, Fault):
            faults.append(raw)
            continue
        row, wrong = read_row(raw, mapping, columns, at=at)
        rows.append(row)
        faults += wrong
    if not rows and not faults:
        faults.append(Fault(0, "The file holds no rows below its header.", code="no-rows"))
    return rows, faults


def _note_file(given: GivenFile, checked: Checked, *, by: Person, at: datetime) -> None:
    """Write the file's row: its unique hash lets one of two imports at once go on."""
    try:
        with transaction.atomic():
            ImportFile.objects.create(
                kind=UNITS,
                name=given.name[-LONGEST_NAME:],
                sha256=checked.sha256,
                mapping_sha256=sha256(given.mapping).hexdigest(),
                rows=len(checked.plan.steps),
                imported_by=by,
                imported_at=at,
            )
    except IntegrityError:
        raise FileImportedBefore("A file of the same content was imported just now by somebody else.") from None
    record(
        "file.imported",
        subjects=[],
        by=by,
        at=at,
        new={
            "name": given.name,
            "sha256": checked.sha256,
            "mapping_sha256": sha256(given.mapping).hexdigest(),
            **checked.plan.counted(),
        },
    )


def _stand_racks(checked: Checked, *, by: Person, at: datetime) -> Site:
    """Register the racks that are new where the mapping says they stand; return the site of that place."""
    parent, kind = stand_of(checked.mapping.rack)
    news = [NewContainer(code, kind, parent.site, parent) for code in checked.plan.new_racks]
    if news:
        register_containers(news, by=by, at=at)
    return parent.site


def _place(
    steps: Sequence[Step], things: dict[int, Unit | ReferenceSample], *, because: str, by: Person, at: datetime
) -> None:
    positions = positions_of_steps(steps)
    wanted = [
        PutAway(
            positions[step.place],
            unit_id=thing.pk if isinstance(thing, Unit) else None,
            sample_id=thing.pk if isinstance(thing, ReferenceSample) else None,
        )
        for step, thing in ((step, things[step.row.line]) for step in steps if step.place and not step.stays)
    ]
    if wanted:
        put_away(wanted, reason=because, by=by, at=at)


def _enter_results(
    steps: Sequence[Step], things: dict[int, Unit | ReferenceSample], *, by: Person, at: datetime
) -> None:
    news = [new for step in steps for new in _results(step, things[step.row.line])]
    if news:
        record_results(news, by=by, at=at)


def _results(step: Step, thing: Unit | ReferenceSample) -> Iterable[NewResult]:
    sample = thing if isinstance(thing, ReferenceSample) else None
    unit = sample.unit if sample else thing
    for result in step.row.results:
        of_unit = result.of.subject is Subject.UNIT
        yield NewResult(
            assay=result.of.assay.code,
            subject=result.of.subject,
            unit=unit if of_unit and isinstance(unit, Unit) else None,
            donation=None if of_unit else thing.donation,
            sample=sample,
            value=result.value,
            qualifier=result.qualifier,
            method=result.of.method,
            instrument=result.of.instrument,
            laboratory=result.of.laboratory,
            reported_by=result.of.establishment,
        )
