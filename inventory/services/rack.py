"""Swapping two items, and re-racking many in one command, as a scanner reads them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.services.service import service
from inventory.domain.container import NotPlaceable
from inventory.models.container import Container, Position
from inventory.models.unit import Unit
from inventory.queries.item import Item, items_read, places_of_items
from inventory.queries.placement import positions_read
from inventory.services.placement import PutAway, put_away

MOST_ROWS = 10_000


@dataclass(frozen=True)
class Read:
    """What was read of one place: its label or whole code, and the code of what is in it."""

    position: str
    item: str


@service
def swap_items(first: Item, second: Item, *, reason: str, by: Person, at: datetime) -> None:
    """Put each of two items where the other is, in one command: neither position is free for anyone in between.

    Raises ``NotPlaceable`` where one is in no position, was moved meanwhile, or may not go where the other is.
    """
    places = places_of_items([first, second])
    if missing := [item.code for item in (first, second) if item.code not in places]:
        raise NotPlaceable(f"Nothing was swapped: {' and '.join(missing)} is in no position.", field="position")
    here, there = places[first.code], places[second.code]
    wanted = [_put(first, there, expected=here), _put(second, here, expected=there)]
    put_away(wanted, reason=reason, by=by, at=at)


@service
def re_rack(container: Container, rows: Sequence[Read], *, reason: str, by: Person, at: datetime) -> None:
    """Put items from anywhere into the named positions of a container: all or nothing, with one entry for each.

    For a spilled box: what the rows leave out stays where the record has it. Raises ``NotPlaceable`` with every fault
    of every row.
    """
    if not 0 < len(rows) <= MOST_ROWS:
        raise NotPlaceable(f"Name from 1 to {MOST_ROWS} positions with what is in them.", field="position")
    positions = positions_read(container, {row.position for row in rows})
    items = items_read({row.item for row in rows})
    reasons = [fault for row in rows for fault in _faults(row, container, positions.get(row.position), items[row.item])]
    named = Counter(item.code for row in rows for item in items[row.item][:1])
    twice = (code for code, times in named.items() if times > 1)
    reasons += [Reason(f"{code} is named for two positions.", "item-twice", "item") for code in twice]
    if reasons:
        raise NotPlaceable("Nothing was re-racked.", reasons=reasons, field="position")
    put_away([_put(items[row.item][0], positions[row.position]) for row in rows], reason=reason, by=by, at=at)


def _faults(row: Read, container: Container, position: Position | None, items: Sequence[Item]) -> list[Reason]:
    where = f"{row.position[:80]}: "
    reasons = []
    if position is None or position.container_id != container.pk:
        reasons.append(Reason(f"{where}there is no such position in {container.code}.", "no-position", "position"))
    if not items:
        reasons.append(Reason(f"{where}no unit or sample is known by “{row.item[:80]}”.", "unknown-item", "item"))
    if len(items) > 1:
        names = " and ".join(sorted(item.code for item in items))
        reasons.append(Reason(f"{where}“{row.item[:80]}” is a code of {names}.", "ambiguous-item", "item"))
    return reasons


def _put(item: Item, position: Position, *, expected: Position | None = None) -> PutAway:
    expected_id = expected.pk if expected else None
    if isinstance(item, Unit):
        return PutAway(position.pk, unit_id=item.pk, from_position_id=expected_id)
    return PutAway(position.pk, sample_id=item.pk, from_position_id=expected_id)
