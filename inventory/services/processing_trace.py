"""What a processing leaves behind it: lineage, the donations behind its children, hours to freezing, its entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.assay import Subject
from inventory.domain.specification import hours_to_freezing
from inventory.models.donation import Donation
from inventory.models.processing import Processing
from inventory.models.unit import Lineage, Unit, UnitSource
from inventory.services.result import NewResult, enter_results


@dataclass(frozen=True)
class Made:
    """One run on one parent with its children, written; ``taken`` is what each took of it, in mL and in g."""

    run: Processing
    parent: Unit
    children: tuple[Unit, ...]
    taken: tuple[tuple[Decimal | None, Decimal | None], ...]


def trace(made: Sequence[Made], behind: Mapping[int, Sequence[Donation]]) -> None:
    """Write lineage, and hand down every donation behind a parent to its children."""
    lineage, sources = [], []
    for each in made:
        for unit, (taken_ml, taken_g) in zip(each.children, each.taken, strict=True):
            lineage.append(
                Lineage(parent=each.parent, child=unit, processing=each.run, taken_ml=taken_ml, taken_g=taken_g)
            )
            sources += [UnitSource(unit=unit, donation=donation) for donation in behind[each.parent.pk]]
    Lineage.objects.bulk_create(lineage, batch_size=500)
    UnitSource.objects.bulk_create(sources, batch_size=500)


def record_hours(made: Sequence[Made], *, by: Person, at: datetime) -> None:
    """Enter the hours from collection to freezing, a computed value, as a result of each frozen child."""
    results = [
        NewResult(
            assay="hours_to_freezing",
            subject=Subject.UNIT,
            unit=unit,
            value=f"{hours_to_freezing(collected_at, each.run.frozen_at):f}",
            method="computed from the times recorded",
        )
        for each in made
        for unit in each.children
        if each.run.frozen_at is not None and (collected_at := each.parent.donation.collected_at) is not None
    ]
    enter_results(results, by=by, at=at)


def record_processed(made: Sequence[Made], *, by: Person, at: datetime) -> None:
    """Record each run once, with what it was done with and what it made."""
    for each in made:
        _record(each.run, each.parent, each.children, by=by, at=at)


def _record(run: Processing, parent: Unit, children: Sequence[Unit], *, by: Person, at: datetime) -> None:
    record(
        "unit.processed",
        subjects=[run.reference, parent.code, parent.donation.code, *(child.code for child in children)],
        by=by,
        at=at,
        occurred_at=run.started_at,
        new={
            "processing": run.reference,
            "method": run.method,
            "started_at": run.started_at,
            "frozen_at": run.frozen_at,
            "volume_before_ml": run.volume_before_ml,
            "volume_after_ml": run.volume_after_ml,
            "additives": run.additives,
            "freezer_run": run.freezer_run,
            "operator": run.operator.username,
            "children": [child.code for child in children],
        },
    )
