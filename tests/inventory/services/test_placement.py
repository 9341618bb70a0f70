import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Role
from inventory.domain.container import Grid, NotPlaceable
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass
from inventory.models.container import Position
from inventory.models.placement import Placement
from inventory.queries.placement import free_positions, places_of, places_of_samples, positions_by_code, taken_among
from inventory.services.container import NewContainer, NewContainerKind, register_container_kind, register_containers
from inventory.services.placement import PutAway, put_away, take_out
from tests.factories.donation import maternity
from tests.factories.person import LONG_AGO, default_site, staff
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import box, frozen_unit, received_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def storage():
    return staff(Role.STORAGE_TECHNICIAN)


def put(*wanted, at=NOON):
    put_away(list(wanted), reason="re-racked", by=storage(), at=at)


def at(code):
    return Position.objects.get(code=f"T01-R01-01-{code}")


def place(unit):
    return places_of([unit.pk])[unit.pk].label


def shelf(capacity=2, accepts=tuple(ProductClass), where=None):
    admin = staff(Role.ADMINISTRATOR)
    new = NewContainerKind("Shelf", "shelf", Grid(capacity=capacity), accepts=accepts)
    kind = register_container_kind(new, by=admin, at=LONG_AGO)
    return register_containers([NewContainer("SHELF", kind, where or default_site())], by=admin, at=LONG_AGO)[0]


def test_a_unit_is_put_away_and_its_entry_says_where():
    unit, position = frozen_unit(), shelf().positions.first()
    before = head_number()

    put(PutAway(position.pk, unit_id=unit.pk))

    assert places_of([unit.pk]) == {unit.pk: position}
    assert Placement.objects.filter(unit=unit).count() == 2
    entry = last_of("unit.moved")
    assert kinds_since(before)[-1] == "unit.moved"
    assert (entry["old"], entry["new"]) == ({"place": "T01-R01-01-A01"}, {"place": "SHELF-01"})
    assert (entry["item"], entry["reason"]) == (unit.code, "re-racked")


def test_who_read_the_clock_first_and_came_second_moves_the_unit_all_the_same():
    unit = frozen_unit()
    put(PutAway(at("C01").pk, unit_id=unit.pk), at=NOON + hours(1))

    put(PutAway(at("D01").pk, unit_id=unit.pk), at=NOON)

    assert place(unit) == "D01"
    assert Placement.objects.get(position=at("C01")).removed_at == NOON + hours(1)


def test_two_units_swap_their_positions_in_one_command():
    first, second = frozen_unit(), frozen_unit()

    put(PutAway(at("A02").pk, unit_id=first.pk), PutAway(at("A01").pk, unit_id=second.pk))

    assert (place(first), place(second)) == ("A02", "A01")
    assert Placement.objects.filter(removed_at__isnull=True).count() == 2


def test_a_rack_is_re_racked_in_one_command():
    units = [frozen_unit() for _ in range(3)]
    labels = ["A02", "A03", "A01"]

    put(*(PutAway(at(label).pk, unit_id=unit.pk) for unit, label in zip(units, labels, strict=True)))

    assert [place(unit) for unit in units] == labels


def test_a_position_that_is_taken_refuses_the_whole_command_and_names_what_is_inside():
    first, second, third = (frozen_unit() for _ in range(3))

    with pytest.raises(NotPlaceable, match=f"holds {second.code}"), nothing_changes():
        put(PutAway(at("B01").pk, unit_id=third.pk), PutAway(at("A02").pk, unit_id=first.pk))


def test_a_position_named_twice_refuses_the_whole_command():
    first, second = frozen_unit(), frozen_unit()

    with pytest.raises(NotPlaceable, match="T01-R01-01-C01 is named twice"), nothing_changes():
        put(PutAway(at("C01").pk, unit_id=first.pk), PutAway(at("C01").pk, unit_id=second.pk))


def test_a_unit_named_for_two_positions_refuses_the_whole_command():
    unit = frozen_unit()

    with pytest.raises(NotPlaceable, match=f"{unit.code} is named for two positions"), nothing_changes():
        put(PutAway(at("C01").pk, unit_id=unit.pk), PutAway(at("C02").pk, unit_id=unit.pk))


@pytest.mark.parametrize(
    ("wanted", "match"),
    [
        ({"unit_id": 0}, "does not exist"),
        ({"sample_id": 0}, "does not exist"),
        ({}, "name one unit or one sample"),
        ({"unit_id": 1, "sample_id": 1}, "name one unit or one sample"),
    ],
)
def test_what_names_no_one_thing_is_not_put_away(wanted, match):
    unit = frozen_unit()

    with pytest.raises(NotPlaceable, match=match), nothing_changes():
        put(PutAway(at("C01").pk, unit_id=unit.pk), PutAway(at("C02").pk, **wanted))


def test_a_position_that_does_not_exist_refuses_the_whole_command():
    first, second = frozen_unit(), frozen_unit()

    with pytest.raises(NotPlaceable, match=f"no such position for {second.code}"), nothing_changes():
        put(PutAway(at("C01").pk, unit_id=first.pk), PutAway(0, unit_id=second.pk))


def test_a_container_takes_only_what_its_kind_accepts():
    unit, position = frozen_unit(), shelf(accepts=(ProductClass.PLACENTA,)).positions.first()

    with pytest.raises(NotPlaceable, match="does not hold cord blood"), nothing_changes():
        put(PutAway(position.pk, unit_id=unit.pk))


def test_a_unit_is_not_put_where_it_is_not():
    unit, position = frozen_unit(), shelf(where=maternity()).positions.first()

    with pytest.raises(NotPlaceable, match="is held by BANK-1; SHELF-01 is at MAT-1"), nothing_changes():
        put(PutAway(position.pk, unit_id=unit.pk))


def test_a_unit_that_is_no_more_is_not_put_away():
    parent = frozen_unit().made_from.get().parent

    with pytest.raises(NotPlaceable, match="no longer exists"), nothing_changes():
        put(PutAway(at("C01").pk, unit_id=parent.pk))


def test_a_shelf_without_grid_holds_up_to_its_capacity():
    units, places = [frozen_unit() for _ in range(2)], shelf(capacity=2)

    put(
        *(
            PutAway(position.pk, unit_id=unit.pk)
            for unit, position in zip(units, free_positions([places], 9), strict=True)
        )
    )

    assert free_positions([places], 9) == []
    assert {place(unit) for unit in units} == {"01", "02"}


def test_a_sample_has_a_position_of_its_own_and_keeps_others_out():
    unit = frozen_unit()
    sample = unit.samples.get(role=SampleRole.DNA)
    put(PutAway(at("C01").pk, sample_id=sample.pk))

    with pytest.raises(NotPlaceable, match=f"holds {sample.code}"), nothing_changes():
        put(PutAway(at("C01").pk, unit_id=unit.pk))
    assert places_of_samples([sample.pk])[sample.pk] == at("C01")
    assert taken_among([at("C01").pk])[at("C01").pk].sample == sample


def test_a_sample_moves_and_a_unit_takes_the_position_that_it_leaves():
    unit = frozen_unit()
    sample = unit.samples.get(role=SampleRole.DNA)
    put(PutAway(at("C01").pk, sample_id=sample.pk))

    put(PutAway(at("C01").pk, unit_id=unit.pk), PutAway(at("A01").pk, sample_id=sample.pk), at=NOON + hours(1))

    assert place(unit) == "C01"
    assert places_of_samples([sample.pk])[sample.pk] == at("A01")


def test_taking_out_closes_the_placement_and_leaves_alone_what_has_none():
    placed, loose = frozen_unit(), received_unit()
    before = head_number()

    take_out([placed, loose], reason="picked", by=storage(), at=NOON)

    assert places_of([placed.pk, loose.pk]) == {}
    assert kinds_since(before)[-1:] == ["unit.removed"]
    assert Placement.objects.get().removed_by == storage()


def test_positions_are_found_by_the_code_on_their_label():
    frozen_unit()

    assert positions_by_code(["T01-R01-01-A01", "nowhere"]) == {"T01-R01-01-A01": at("A01")}


def test_the_database_itself_keeps_one_thing_per_position_and_one_position_per_thing():
    first, second, loose = frozen_unit(), frozen_unit(), received_unit()
    sample = first.samples.get(role=SampleRole.DNA)
    put(PutAway(at("C01").pk, sample_id=sample.pk))
    row = {"placed_at": NOON, "placed_by": storage()}

    for constraint, wrong in (
        ("one_thing_per_position|position_id", {"position": at("A01"), "unit": loose}),
        ("one_position_per_unit|unit_id", {"position": at("D01"), "unit": second}),
        ("one_position_per_sample|sample_id", {"position": at("D01"), "sample": sample}),
        ("a_placement_is_of_one_thing", {"position": at("D01")}),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Placement.objects.create(**row, **wrong)
    assert Placement.objects.filter(removed_at__isnull=True).count() == 3


def test_one_thing_costs_as_many_queries_as_three(django_assert_num_queries: DjangoAssertNumQueries):
    units, by = [frozen_unit() for _ in range(4)], storage()
    assert by.site
    wanted = [
        PutAway(position.pk, unit_id=unit.pk) for unit, position in zip(units, free_positions([box()], 4), strict=True)
    ]

    for each in (wanted[:1], wanted[1:]):
        with django_assert_num_queries(17):
            put_away(each, reason="re-racked", by=by, at=NOON)
