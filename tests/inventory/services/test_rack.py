import pytest
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Role
from inventory.domain.container import NotPlaceable
from inventory.domain.hold import HoldKind
from inventory.domain.sample import SampleRole
from inventory.models.container import Position
from inventory.models.placement import Placement
from inventory.queries.fold import fold_findings
from inventory.queries.item import places_of_items
from inventory.services.hold import NewHold, place_holds
from inventory.services.placement import PutAway, put_away
from inventory.services.rack import Read, re_rack, swap_items
from tests.factories.person import staff
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import box, frozen_unit, received_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def storage():
    return staff(Role.STORAGE_TECHNICIAN)


def swap(first, second, at=NOON):
    swap_items(first, second, reason="in the wrong place", by=storage(), at=at)


def rack(*rows, container=None, at=NOON):
    re_rack(container or box(), [Read(*row) for row in rows], reason="the box fell", by=storage(), at=at)


def place(item):
    return places_of_items([item])[item.code].label


def other_box():
    return box("T01-R01-02")


def test_two_units_change_places_with_one_entry_each():
    first, second = frozen_unit(), frozen_unit()
    before = head_number()

    swap(first, second)

    assert (place(first), place(second)) == ("A02", "A01")
    assert kinds_since(before) == ["unit.moved", "unit.moved"]
    assert Placement.objects.filter(unit=first).count() == 2
    assert list(fold_findings()) == []


def test_a_unit_under_a_hold_is_swapped_with_a_sample():
    unit = frozen_unit()
    sample = unit.samples.get(role=SampleRole.DNA)
    there = other_box().positions.order_by("pk")[0]
    put_away([PutAway(there.pk, sample_id=sample.pk)], reason="apart", by=storage(), at=NOON)
    place_holds([NewHold(HoldKind.INVESTIGATION, "odd", unit_id=unit.pk)], by=storage(), at=NOON)

    swap(unit, sample)

    assert (place(sample), places_of_items([unit])[unit.code]) == ("A01", there)


def test_what_is_in_no_position_is_not_swapped():
    unit, loose = frozen_unit(), received_unit()

    with pytest.raises(NotPlaceable, match=f"{loose.code} is in no position"), nothing_changes():
        swap(unit, loose)


def test_an_item_is_not_swapped_with_itself():
    unit = frozen_unit()

    with pytest.raises(NotPlaceable, match="named for two positions"), nothing_changes():
        swap(unit, unit)


def test_what_was_moved_since_it_was_looked_at_stays():
    unit = frozen_unit()
    seen, now, wanted = (Position.objects.get(code=f"T01-R01-01-{label}") for label in ("C01", "A01", "D01"))
    stale = PutAway(wanted.pk, unit_id=unit.pk, from_position_id=seen.pk)

    with pytest.raises(NotPlaceable, match=f"is at {now.code} by now"), nothing_changes():
        put_away([stale], reason="stale", by=storage(), at=NOON)


def test_a_spilled_box_is_re_racked_by_one_command_in_the_ways_scanners_write_wells():
    first, second, third = (frozen_unit() for _ in range(3))
    sample = first.samples.get(role=SampleRole.DNA)
    before = head_number()

    rack(("A2", first.code), ("A01", second.code), ("1H", third.code), ("T01-R01-01-B07", sample.code))

    assert [place(each) for each in (first, second, third, sample)] == ["A02", "A01", "H01", "B07"]
    assert kinds_since(before) == ["unit.moved"] * 3 + ["sample.placed"]
    assert list(fold_findings()) == []


def test_items_from_anywhere_come_into_the_box():
    first, second = frozen_unit(), frozen_unit()
    elsewhere = other_box()
    rack(("A01", first.code), container=elsewhere)

    rack(("C05", first.code), ("C06", second.code), at=NOON + hours(1))

    assert [place(each) for each in (first, second)] == ["C05", "C06"]


def test_every_fault_of_every_row_is_named_and_nothing_moves():
    first, second = frozen_unit(), frozen_unit()
    other_box()
    rows = (("Z99", first.code), ("A07", "NO-SUCH-ITEM"), ("A08", ""), ("A09", second.code), ("A10", second.code))

    with pytest.raises(NotPlaceable) as refused, nothing_changes():
        rack(*rows, ("T01-R01-02-A01", first.code))

    codes = [reason.code for reason in refused.value.reasons]
    assert codes == ["no-position", "unknown-item", "unknown-item", "no-position", "item-twice", "item-twice"]


def test_final_units_taken_and_doubled_positions_are_all_named():
    first, second, third = (frozen_unit() for _ in range(3))
    gone = first.made_from.get().parent

    with pytest.raises(NotPlaceable) as refused, nothing_changes():
        rack(("A02", first.code), ("C01", gone.code), ("C02", third.code), ("2C", third.made_from.get().parent.code))

    text = str(refused.value)
    assert f"holds {second.code}" in text
    assert text.count("no longer exists") == 2
    assert "T01-R01-01-C02 is named twice" in text


@pytest.mark.parametrize("rows", [0, 10_001])
def test_a_command_names_some_and_not_endless_rows(rows):
    with pytest.raises(NotPlaceable, match="from 1 to 10000"), nothing_changes():
        rack(*[("A01", "X")] * rows)


def test_re_racking_one_costs_as_many_queries_as_three(django_assert_num_queries: DjangoAssertNumQueries):
    units, by, container = [frozen_unit() for _ in range(4)], storage(), box()
    assert by.site
    rows = [Read(f"D{number}", unit.code) for number, unit in enumerate(units, start=1)]

    for each in (rows[:1], rows[1:]):
        with django_assert_num_queries(22):
            re_rack(container, each, reason="the box fell", by=by, at=NOON)
