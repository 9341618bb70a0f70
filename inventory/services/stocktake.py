"""Counting a container: opened, read position by position, and compared with the record at one instant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.domain.text import check_text, obstacles_to_text
from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.sample import SampleState
from inventory.domain.stocktake import (
    LONGEST_NOTE,
    LONGEST_READ,
    OPEN,
    Seen,
    StocktakeRefused,
    StocktakeStatus,
    differences,
)
from inventory.domain.unit import FINAL, UnitState
from inventory.models.container import Container, Position
from inventory.models.placement import Placement
from inventory.models.stocktake import Stocktake, StocktakeDifference, StocktakeScan
from inventory.models.unit import Unit
from inventory.queries.container import containers_above, containers_within, lock_containers
from inventory.queries.item import Item, items_read, places_of_items
from inventory.queries.placement import positions_read
from inventory.queries.stocktake import (
    changed_since,
    last_scans,
    lock_stocktake,
    open_stocktakes_of,
    recorded_in,
)

MOST_READS = 10_000


@dataclass(frozen=True)
class Count:
    """What was read of one position: the item's code, "" for an empty one, or that its label could not be read."""

    position: str
    item: str = ""
    readable: bool = True


@service
def open_stocktake(container: Container, *, by: Person, at: datetime) -> Stocktake:
    """Begin to count a container and all that stands in it.

    Raises ``StocktakeRefused`` while a part of it, or what it stands in, is being counted.
    """
    within = containers_within(container.pk)
    lock_containers(within)
    if going_on := open_stocktakes_of({*within, *containers_above([container.pk])[container.pk]}):
        names = ", ".join(f"{each.container.code} ({each.reference})" for each in going_on)
        raise StocktakeRefused(f"It is being counted already: {names}.", mend="Go on with it, or abandon it first.")
    stocktake = Stocktake.objects.create(
        reference=new_code("STK"), container=container, status="counting", opened_by=by, opened_at=at
    )
    record("stocktake.opened", subjects=[stocktake.reference, container.code], by=by, at=at)
    return stocktake


@service
def record_counts(
    stocktake: Stocktake, counts: Sequence[Count], *, rack: Container | None = None, by: Person, at: datetime
) -> None:
    """Record what was read, by one person or by a rack scanner; the last reading of a position counts.

    ``rack`` is the container in which labels such as ``A01`` stand, where it is not the counted one. Raises
    ``StocktakeRefused`` with every reading that cannot be.
    """
    stocktake = lock_stocktake(stocktake.pk)
    check_status(stocktake, StocktakeStatus.COUNTING)
    positions = positions_read(rack or stocktake.container, {count.position for count in counts})
    _check(counts, positions, set(containers_within(stocktake.container_id)))
    StocktakeScan.objects.bulk_create(
        StocktakeScan(
            stocktake=stocktake,
            position=positions[count.position],
            text=count.item if count.readable else "",
            readable=count.readable,
            scanned_by=by,
            scanned_at=at,
        )
        for count in counts
    )
    record(
        "stocktake.counted",
        subjects=[stocktake.reference, (rack or stocktake.container).code],
        by=by,
        at=at,
        new={"read": [[positions[each.position].code, each.item if each.readable else None] for each in counts]},
    )


@service
def compare_stocktake(stocktake: Stocktake, *, by: Person, at: datetime) -> list[StocktakeDifference]:
    """End the count and write how it differs from the record at this instant.

    Raises ``StocktakeRefused`` where something was put into, or taken out of, a position since it was read.
    """
    stocktake = lock_stocktake(stocktake.pk)
    check_status(stocktake, StocktakeStatus.COUNTING)
    within = containers_within(stocktake.container_id)
    lock_containers(within)
    scans, recorded = last_scans(stocktake.pk), recorded_in(within)
    _check_undisturbed(changed_since(within, stocktake.opened_at), scans, recorded)
    rows = StocktakeDifference.objects.bulk_create(_compared(stocktake, scans, recorded))
    stocktake.status, stocktake.compared_at = StocktakeStatus.COMPARED.value, at
    stocktake.save(update_fields=["status", "compared_at"])
    record(
        "stocktake.compared",
        subjects=[stocktake.reference, stocktake.container.code, *(code_of(row) for row in rows)],
        by=by,
        at=at,
        new={
            "recorded": len(recorded),
            "read": len(scans),
            "differences": [{"kind": row.kind, "code": row.code} for row in rows],
        },
    )
    return rows


@service
def abandon_stocktake(stocktake: Stocktake, *, reason: str, by: Person, at: datetime) -> Stocktake:
    """End a stocktake that is not brought to its end; what was moved to resolve it stays moved, nothing is lost."""
    check_text(reason, "reason", longest=LONGEST_NOTE)
    stocktake = lock_stocktake(stocktake.pk)
    check_status(stocktake, *OPEN)
    stocktake.status, stocktake.ended_at, stocktake.ended_because = StocktakeStatus.ABANDONED.value, at, reason
    stocktake.save(update_fields=["status", "ended_at", "ended_because"])
    subjects = [stocktake.reference, stocktake.container.code]
    record("stocktake.abandoned", subjects=subjects, by=by, at=at, reason=reason)
    return stocktake


def check_status(stocktake: Stocktake, *expected: StocktakeStatus) -> None:
    """Raise ``StocktakeRefused`` for a stocktake that is not where the step begins."""
    if StocktakeStatus(stocktake.status) not in expected:
        raise StocktakeRefused(f"{stocktake.reference} is {stocktake.status}: this cannot be done with it now.")


def code_of(row: StocktakeDifference) -> str:
    """Return the code of the known item that a difference is about; "" where none is known."""
    item = row.unit or row.sample
    return item.code if item else ""


def _check(counts: Sequence[Count], positions: Mapping[str, Position], within: Collection[int]) -> None:
    reasons: list[Reason] = []
    named: set[int] = set()
    if not 0 < len(counts) <= MOST_READS:
        reasons.append(Reason(f"Record from 1 to {MOST_READS} readings at once.", "number", "position"))
    for count in counts:
        position, where = positions.get(count.position), count.position[:80]
        if position is None or position.container_id not in within:
            reasons.append(Reason(f"{where}: no such position is counted here.", "no-position", "position"))
            continue
        if position.pk in named:
            reasons.append(Reason(f"{where} is named twice.", "position-twice", "position"))
        named.add(position.pk)
        reasons += obstacles_to_text(count.item, "item", longest=LONGEST_READ)
    if reasons:
        raise StocktakeRefused("Nothing of this list was recorded.", reasons=reasons, field="position")


def _check_undisturbed(
    changed: Mapping[int, tuple[str, datetime]],
    scans: Mapping[int, StocktakeScan],
    recorded: Mapping[int, Placement],
) -> None:
    reasons = [
        Reason(f"{code} was written to since it was read: read it again.", "disturbed", "position")
        for position_id, (code, when) in sorted(changed.items(), key=lambda each: each[1])
        if (scans[position_id].scanned_at <= when if position_id in scans else position_id in recorded)
    ]
    if reasons:
        raise StocktakeRefused("The container was written to while it was counted.", reasons=reasons)


def _compared(
    stocktake: Stocktake, scans: Mapping[int, StocktakeScan], recorded: Mapping[int, Placement]
) -> list[StocktakeDifference]:
    read = items_read({scan.text for scan in scans.values() if scan.text})
    items: dict[str, Item] = {found[0].code: found[0] for found in read.values() if len(found) == 1}
    items |= {thing.code: thing for row in recorded.values() if (thing := row.unit or row.sample) is not None}
    before = {row.position.code: thing.code for row in recorded.values() if (thing := row.unit or row.sample)}
    found = differences(before, [_seen(scan, read.get(scan.text, [])) for scan in scans.values()])
    positions = {row.position.code: row.position for row in recorded.values()}
    positions |= {scan.position.code: scan.position for scan in scans.values()}
    places = places_of_items([item for each in found if (item := items.get(each.code))])
    rows = []
    for each in found:
        item = items.get(each.code)
        rows.append(
            StocktakeDifference(
                stocktake=stocktake,
                kind=each.kind.value,
                code=each.code,
                unit=item if isinstance(item, Unit) else None,
                sample=item if item is not None and not isinstance(item, Unit) else None,
                found_position=positions.get(each.found),
                recorded_position=places.get(each.code),
            )
        )
    return rows


def _seen(scan: StocktakeScan, items: Sequence[Item]) -> Seen:
    item = items[0] if len(items) == 1 else None
    return Seen(
        position=scan.position.code,
        item=item.code if item else "",
        text=scan.text,
        readable=scan.readable,
        ended=item is not None and _is_ended(item),
    )


def _is_ended(item: Item) -> bool:
    return UnitState(item.state) in FINAL if isinstance(item, Unit) else item.state != SampleState.STORED
