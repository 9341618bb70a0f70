import pytest

from biobank.domain.role import Role
from inventory.domain.container import Grid
from inventory.domain.stocktake import StocktakeRefused
from inventory.models.stocktake import StocktakeScan
from inventory.services.container import NewContainer, NewContainerKind, register_container_kind, register_containers
from inventory.services.placement import PutAway, put_away, take_out
from inventory.services.stocktake import abandon_stocktake, compare_stocktake
from tests.factories.person import LONG_AGO, default_site, staff
from tests.factories.stocktake import LATER, at, close, compared, count, counter, counting, quality
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import box, frozen_unit, within_a_service
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def shown(rows):
    return [
        (row.kind, row.code, *(place.label if place else "" for place in (row.found_position, row.recorded_position)))
        for row in rows
    ]


def test_a_count_that_agrees_is_closed_by_a_signature():
    first, second = frozen_unit(), frozen_unit()
    before = head_number()

    stocktake, differences = compared(("A01", first.code), ("A2", second.code), ("A03",))
    closed = close(stocktake)

    assert differences == []
    assert (closed.status, closed.signature.person) == ("closed", quality())
    kinds = [kind for kind in kinds_since(before) if kind.startswith("stocktake")]
    assert kinds == ["stocktake.opened", "stocktake.counted", "stocktake.compared", "stocktake.closed"]


def test_every_kind_of_difference_is_found():
    moved, missing, right, ended = (frozen_unit() for _ in range(4))
    within_a_service(lambda by: take_out([ended], reason="out", by=by, at=NOON - hours(1)))
    type(ended).objects.filter(pk=ended.pk).update(state="discarded")
    stranger = frozen_unit()
    elsewhere = box("T01-R01-02").positions.order_by("pk")[0]
    put_away([PutAway(elsewhere.pk, unit_id=stranger.pk)], reason="apart", by=counter(), at=NOON - hours(1))

    _, rows = compared(
        *[
            ("B01", moved.code),
            ("A03", right.code),
            ("B02", stranger.code),
            ("B03", "NOBODY-KNOWS"),
            ("B04", "", False),
        ],
        *[("B05", ended.code), ("B06", right.code)],
    )

    assert shown(rows) == [
        ("misplaced", moved.code, "B01", "A01"),
        ("unexpected", stranger.code, "B02", elsewhere.label),
        ("unknown", "NOBODY-KNOWS", "B03", ""),
        ("unreadable", "", "B04", ""),
        ("ended", ended.code, "B05", ""),
        ("twice", right.code, "B06", "A03"),
        ("missing", missing.code, "", "A02"),
    ]


def test_the_last_reading_of_a_position_counts():
    unit = frozen_unit()
    stocktake = counting()
    count(stocktake, ("A01", "WRONG-READ"))
    count(stocktake, ("A01", unit.code))

    assert compare_stocktake(stocktake, by=counter(), at=LATER) == []
    assert StocktakeScan.objects.count() == 2


def test_a_rack_scanners_list_is_read_within_its_own_box_of_the_tank_counted():
    admin = staff(Role.ADMINISTRATOR)
    kind = register_container_kind(NewContainerKind("Tank", "tank", Grid()), by=admin, at=LONG_AGO)
    tank = register_containers([NewContainer("T07", kind, default_site())], by=admin, at=LONG_AGO)[0]
    new = NewContainer("T07-B1", box().kind, default_site(), tank)
    inner = register_containers([new], by=admin, at=LONG_AGO)[0]
    unit = frozen_unit()
    wanted = [PutAway(inner.positions.get(label="A01").pk, unit_id=unit.pk)]
    put_away(wanted, reason="in", by=counter(), at=NOON - hours(1))
    stocktake = counting(tank)

    count(stocktake, ("A01", unit.code), ("A02", ""), rack=inner)

    assert compare_stocktake(stocktake, by=counter(), at=LATER) == []


def test_readings_outside_the_count_refuse_the_whole_list():
    box("T01-R01-02")
    stocktake = counting()

    with pytest.raises(StocktakeRefused) as refused, nothing_changes():
        count(stocktake, ("T01-R01-02-A01", "X-1"), ("Q77", "X-2"), ("A01", "X" * 65), ("A02", "X-3"), ("A2", "X-4"))

    codes = [reason.code for reason in refused.value.reasons]
    assert codes == ["no-position", "no-position", "too-long", "position-twice"]
    with pytest.raises(StocktakeRefused, match="from 1 to 10000"), nothing_changes():
        count(stocktake)


def test_a_container_is_counted_once_at_a_time_and_so_is_what_it_stands_in():
    admin = staff(Role.ADMINISTRATOR)
    new = NewContainer("T01-R01-01-X", box().kind, default_site(), box())
    inner = register_containers([new], by=admin, at=LONG_AGO)[0]
    outer = counting()

    for container in (box(), inner):
        with pytest.raises(StocktakeRefused, match=outer.reference), nothing_changes():
            counting(container)
    abandon_stocktake(outer, reason="the alarm went", by=counter(), at=LATER)
    counting(inner, at=LATER)
    with pytest.raises(StocktakeRefused, match="being counted already"), nothing_changes():
        counting(at=LATER)


def test_what_is_written_to_the_container_while_it_is_counted_is_noticed():
    unit, other = frozen_unit(), frozen_unit()
    stocktake = counting()
    count(stocktake, ("A01", unit.code), ("A02", other.code), at=NOON + hours(0.2))
    put_away([PutAway(at("C01").pk, unit_id=unit.pk)], reason="moved", by=counter(), at=NOON + hours(0.5))

    with pytest.raises(StocktakeRefused) as refused, nothing_changes():
        compare_stocktake(stocktake, by=counter(), at=LATER)
    assert {reason.text.split()[0] for reason in refused.value.reasons} == {"T01-R01-01-A01", "T01-R01-01-C01"}

    count(stocktake, ("A01", ""), ("C01", unit.code))
    assert compare_stocktake(stocktake, by=counter(), at=LATER) == []
