"""Many hands at the same positions: one unit in each, one position for each, and who comes second is told by name."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.db.models import QuerySet

from biobank.domain.role import Role
from biobank.models.ledger import LedgerHead
from inventory.domain.container import NotPlaceable
from inventory.models.container import Position
from inventory.models.placement import Placement
from inventory.queries.fold import fold_findings
from inventory.services import placement as service
from inventory.services.donation import register_donations
from inventory.services.placement import PutAway, put_away
from inventory.services.processing import process_units
from inventory.services.rack import Read, re_rack, swap_items
from inventory.services.receipt import receive_collection
from tests.concurrency.threads import ALWAYS, FEWER, at_once, crew
from tests.factories.donation import REGISTERED_AT, new_donation, on_its_way, seen
from tests.factories.person import staff
from tests.factories.time import NOON
from tests.factories.unit import FROZEN_AT, RECEIVED_AT, box, new_processing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
THREADS = 16


def stock(number):
    """Return that many frozen units that are in no position yet, and one person to put them away."""
    lab = staff(Role.LAB_TECHNICIAN)
    registered = register_donations([new_donation() for _ in range(number)], by=lab, at=REGISTERED_AT)
    shipment = on_its_way(*registered)
    bags = [each.units[0] for each in registered]
    receive_collection(shipment, {bag.pk: seen(bag) for bag in bags}, by=lab, at=RECEIVED_AT)
    for bag in bags:
        bag.refresh_from_db()
    children = process_units([new_processing(bag) for bag in bags], by=lab, at=FROZEN_AT)
    return [each[0] for each in children], staff(Role.STORAGE_TECHNICIAN)


def race(units, position, by, at=NOON, together=at_once):
    """Put every unit into the one position at once; return what became of each."""

    def put(unit):
        put_away([PutAway(position.pk, unit_id=unit.pk)], reason="race", by=by, at=at)
        return unit

    return together([lambda unit=unit: put(unit) for unit in units])


def inside(position):
    return list(Placement.objects.filter(position=position, removed_at__isnull=True))


def trial(units, position, by, at, together=at_once):
    answers = race(units, position, by, at, together)

    won = [each for each in answers if each in units]
    assert len(won) == 1, answers
    assert all(isinstance(each, NotPlaceable) for each in answers if each not in units), answers
    assert all(won[0].code in str(each) for each in answers if each not in units)
    assert [placement.unit for placement in inside(position)] == won
    Placement.objects.filter(removed_at__isnull=True).update(removed_at=at, removed_by=by)


@pytest.mark.postgresql
def test_sixteen_units_for_one_position_leave_one_inside_in_every_trial():
    units, by = stock(THREADS)
    position = box().positions.first()

    with crew(THREADS) as together:
        for number in range(ALWAYS):
            trial(units, position, by, NOON + timedelta(seconds=number), together)

    assert Placement.objects.count() == ALWAYS


@pytest.mark.sqlite
def test_units_for_one_position_leave_one_inside_on_sqlite_too():
    units, by = stock(8)
    position = box().positions.first()

    for number in range(10):
        trial(units, position, by, NOON + timedelta(seconds=number))

    assert Placement.objects.count() == 10


@pytest.mark.postgresql
def test_without_the_locks_the_index_alone_still_keeps_one_inside(monkeypatch):
    units, by = stock(THREADS)
    position = box().positions.first()
    take_away_the_locks(monkeypatch)

    for number in range(10):
        at = NOON + timedelta(seconds=number)
        answers = race(units, position, by, at)

        assert len(inside(position)) == 1
        assert all(isinstance(each, NotPlaceable | IntegrityError) for each in answers if each not in units), answers
        Placement.objects.filter(removed_at__isnull=True).update(removed_at=at, removed_by=by)


@pytest.mark.postgresql
def test_canary_without_locks_and_index_one_position_holds_many_units(monkeypatch):
    units, by = stock(THREADS)
    position = box().positions.first()
    take_away_the_locks(monkeypatch)

    with no_index():
        race(units, position, by)

        assert len(inside(position)) > 1
        Placement.objects.update(removed_at=NOON, removed_by=by)


@pytest.mark.postgresql
def test_canary_with_the_locks_alone_one_position_still_holds_one_unit():
    units, by = stock(THREADS)
    position = box().positions.first()

    with no_index():
        for number in range(10):
            trial(units, position, by, NOON + timedelta(seconds=number))


class Shelf:
    """Six units in six of eight positions, and what people do with them: put away, swap, re-rack."""

    def __init__(self) -> None:
        self.units, self.by = stock(6)
        self.box = box()
        self.positions = list(self.box.positions.order_by("pk")[:8])
        wanted = [PutAway(at.pk, unit_id=unit.pk) for unit, at in zip(self.units, self.positions, strict=False)]
        put_away(wanted, reason="begin", by=self.by, at=NOON)

    def acts(self, luck: random.Random, at: datetime) -> list[Callable[[], None]]:
        return [luck.choice((self.put, self.swap, self.re_rack))(luck, at) for _ in range(THREADS)]

    def put(self, luck: random.Random, at: datetime) -> Callable[[], None]:
        wanted = [PutAway(luck.choice(self.positions).pk, unit_id=luck.choice(self.units).pk)]
        return lambda: put_away(wanted, reason="race", by=self.by, at=at)

    def swap(self, luck: random.Random, at: datetime) -> Callable[[], None]:
        first, second = luck.sample(self.units, 2)
        return lambda: swap_items(first, second, reason="race", by=self.by, at=at)

    def re_rack(self, luck: random.Random, at: datetime) -> Callable[[], None]:
        number = luck.choice((3, 6))
        places = luck.sample(self.positions, number)
        rows = [Read(p.label, u.code) for p, u in zip(places, luck.sample(self.units, number), strict=True)]
        return lambda: re_rack(self.box, rows, reason="race", by=self.by, at=at)

    def is_whole(self) -> bool:
        """Whether each unit is in one position of the shelf, and no position holds two."""
        rows = list(Placement.objects.filter(removed_at__isnull=True).values_list("unit_id", "position_id"))
        units, places = {unit for unit, _ in rows}, {place for _, place in rows}
        return len(rows) == len(places) == 6 and units == {unit.pk for unit in self.units}


def shelf_trials(shelf: Shelf, trials: int, threads: int = THREADS) -> list[str]:
    """Let people do all this at once, time after time; return how each ended, and stop where the shelf is not whole."""
    ends = []
    with crew(threads) as together:
        for number in range(trials):
            luck = random.Random(number)  # noqa: S311  a trial that can be repeated, no secret
            answers = together(shelf.acts(luck, NOON + timedelta(seconds=number))[:threads])
            ends += [type(each).__name__ for each in answers]
            if not shelf.is_whole():
                return [*ends, "broken"]
    return ends


@pytest.mark.postgresql
def test_putting_away_swapping_and_re_racking_at_once_leave_the_shelf_whole():
    ends = shelf_trials(Shelf(), FEWER)

    assert set(ends) == {"NoneType", "NotPlaceable"}
    assert not list(fold_findings())


@pytest.mark.sqlite
def test_putting_away_swapping_and_re_racking_leave_the_shelf_whole_on_sqlite_too():
    assert set(shelf_trials(Shelf(), 20, threads=4)) == {"NoneType", "NotPlaceable"}


@pytest.mark.postgresql
def test_without_the_locks_the_indexes_alone_still_keep_the_shelf_whole(monkeypatch):
    shelf = Shelf()
    take_away_every_lock(monkeypatch)

    ends = shelf_trials(shelf, 20)

    assert "broken" not in ends
    assert "IntegrityError" in ends


@pytest.mark.postgresql
def test_canary_without_locks_and_indexes_the_shelf_breaks(monkeypatch):
    shelf = Shelf()
    take_away_every_lock(monkeypatch)

    with no_index("one_thing_per_position", "one_position_per_unit"):
        assert shelf_trials(shelf, 100)[-1] == "broken"
        Placement.objects.filter(removed_at__isnull=True).update(
            removed_at=NOON + timedelta(days=1), removed_by=shelf.by
        )


@pytest.mark.postgresql
def test_swaps_of_the_same_two_units_from_both_ends_never_lose_one():
    units, by = stock(2)
    first, second = box().positions.order_by("pk")[:2]
    here, there = (
        [PutAway(a.pk, unit_id=units[0].pk), PutAway(b.pk, unit_id=units[1].pk)]
        for a, b in ((first, second), (second, first))
    )
    put_away(here, reason="begin", by=by, at=NOON)

    def swap(wanted):
        put_away(wanted, reason="swap", by=by, at=NOON)

    for _ in range(20):
        answers = at_once([lambda: swap(there), lambda: swap(list(reversed(here)))] * 4)

        assert answers == [None] * 8
        placed = Placement.objects.filter(removed_at__isnull=True)
        assert {row.unit_id for row in placed} == {unit.pk for unit in units}
        assert {row.position_id for row in placed} == {first.pk, second.pk}


def take_away_the_locks(monkeypatch):
    """Read positions and containers where the service would lock them."""
    monkeypatch.setattr(service, "lock_containers", lambda _ids: [])
    read = Position.objects.select_related("container__kind", "container__site")
    monkeypatch.setattr(service, "lock_positions", lambda ids: list(read.filter(pk__in=ids).order_by("pk")))


def take_away_every_lock(monkeypatch):
    """Read where a lock would be taken; only the ledger's head keeps its own."""
    locked = QuerySet.select_for_update
    monkeypatch.setattr(
        QuerySet,
        "select_for_update",
        lambda rows, **how: locked(rows, **how) if rows.model is LedgerHead else rows,
    )


@contextmanager
def no_index(*names: str) -> Iterator[None]:
    """Take unique indexes away, so that only the service stands in the way."""
    wanted = names or ("one_thing_per_position",)
    indexes = [each for each in Placement._meta.constraints if each.name in wanted]
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.remove_constraint(Placement, index)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for index in indexes:
                editor.add_constraint(Placement, index)
