from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Role
from inventory.domain.container import Grid, NotPlaceable
from inventory.domain.excursion import AssessmentRefused, ExcursionRefused
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass
from inventory.models.excursion import ExcursionItem
from inventory.models.hold import Hold
from inventory.queries.placement import free_positions
from inventory.services.container import NewContainer, NewContainerKind, register_container_kind, register_containers
from inventory.services.placement import PutAway, put_away, take_out
from tests.factories.excursion import MORNING, NIGHT, assessed, excursion, group, held, warming
from tests.factories.person import LONG_AGO, default_site, staff
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import FROZEN_AT, box, frozen, frozen_unit, put_in_box, received_unit, within_a_service
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)
THE_DAY_BEFORE = NOON - hours(24)


def tank(minutes=15, warmest=Decimal(-150)):
    """A tank that may be 15 minutes too warm, with the usual kind of box in it."""
    admin = staff(Role.ADMINISTRATOR)
    made = NewContainerKind("Tank", "tank", Grid(), warmest_celsius=warmest, minutes_allowed=minutes)
    kind = register_container_kind(made, by=admin, at=LONG_AGO)
    inside = register_container_kind(
        NewContainerKind("Box", "box", Grid(2, 2), accepts=(*ProductClass, *SampleRole)), by=admin, at=LONG_AGO
    )
    outer = register_containers([NewContainer("T09", kind, default_site())], by=admin, at=LONG_AGO)[0]
    inner = register_containers([NewContainer("T09-B1", inside, default_site(), outer)], by=admin, at=LONG_AGO)[0]
    return outer, inner


def move(thing, container, at=THE_DAY_BEFORE):
    which = {"unit_id": thing.pk} if hasattr(thing, "product_class") else {"sample_id": thing.pk}
    wanted = [PutAway(free_positions([container], 1)[0].pk, **which)]
    put_away(wanted, reason="moved", by=staff(Role.STORAGE_TECHNICIAN), at=at)


def test_an_excursion_holds_every_unit_of_its_container_and_notes_its_samples():
    inside, elsewhere = frozen_unit(), frozen_unit()
    outer, inner = tank()
    sample = inside.samples.get(role=SampleRole.DNA)
    move(inside, inner)
    move(sample, inner)
    before = head_number()

    opened = excursion(outer)

    assert held(inside, elsewhere) == [["excursion"], []]
    assert [(each.unit, each.sample) for each in opened.items.order_by("pk")] == [(None, sample), (inside, None)]
    assert (opened.is_beyond, opened.warmest_celsius, opened.minutes_allowed) == (True, Decimal(-150), 15)
    assert kinds_since(before) == ["hold.placed", "excursion.opened"]
    assert (last_of("excursion.opened")["new"]["inside"], last_of("excursion.opened")["new"]["held"]) == (2, 1)


def test_within_what_the_container_allows_nothing_is_held_and_all_is_noted():
    unit, (outer, inner) = frozen_unit(), tank()
    move(unit, inner)

    short, mild = excursion(outer, warming(minutes=15)), excursion(outer, warming("-150", minutes=0))

    assert held(unit) == [[]]
    assert [each.is_beyond for each in (short, mild)] == [False, False]
    assert ExcursionItem.objects.filter(unit=unit, hold=None).count() == 2
    with pytest.raises(AssessmentRefused, match="nothing to assess"), nothing_changes():
        assessed(short)


def test_a_minute_more_than_allowed_holds():
    unit, (outer, inner) = frozen_unit(), tank()
    move(unit, inner)

    excursion(outer, warming("-149.9", minutes=16))

    assert held(unit) == [["excursion"]]


def test_two_short_ones_within_a_day_are_one_long_one_and_farther_apart_they_are_two():
    unit, (outer, inner) = frozen_unit(), tank()
    move(unit, inner)
    excursion(outer, warming(minutes=10, since=NOON - hours(23), until=NOON - hours(22)))

    apart = excursion(outer, warming(minutes=10, since=NOON + hours(3), until=NOON + hours(4)), at=NOON + hours(4))
    assert (held(unit), apart.is_beyond) == ([[]], False)
    second = excursion(inner, warming(minutes=10, since=NOON - hours(2), until=NOON - hours(1)))

    assert (held(unit), second.is_beyond) == ([["excursion"]], True)
    assert last_of("excursion.opened")["new"]["minutes_besides"] == 20


def second_box(outer):
    kind = outer.children.get().kind
    return register_containers(
        [NewContainer("T09-B2", kind, default_site(), outer)], by=staff(Role.ADMINISTRATOR), at=LONG_AGO
    )[0]


def test_minutes_in_a_box_add_up_with_those_of_its_tank_whichever_was_reported_first():
    warm, beside = frozen_unit(), frozen_unit()
    outer, inner = tank()
    move(warm, inner)
    move(beside, second_box(outer))
    first = excursion(inner, warming(minutes=10, since=NOON - hours(9), until=NOON - hours(8)))

    second = excursion(outer, warming(minutes=10, since=NOON - hours(2), until=NOON - hours(1)))

    assert (first.is_beyond, second.is_beyond) == (False, True)
    assert held(warm, beside) == [["excursion"], []]
    assert last_of("excursion.opened")["new"]["minutes_besides"] == 10
    assessed(second, group("cleared", warm.code))
    assert held(warm) == [[]]


def test_minutes_follow_a_unit_from_one_box_into_another():
    moved, stayed = frozen_unit(), frozen_unit()
    outer, inner = tank()
    other = second_box(outer)
    move(moved, inner)
    move(stayed, other)
    excursion(inner, warming(minutes=10, since=NOON - hours(9), until=NOON - hours(8)))
    move(moved, other, at=NOON - hours(7))

    excursion(other, warming(minutes=10, since=NOON - hours(2), until=NOON - hours(1)))

    assert held(moved, stayed) == [["excursion"], []]


def test_what_is_made_of_a_unit_begins_with_its_minutes_and_not_with_those_of_after():
    bag, (outer, inner) = received_unit(), tank()
    begun = FROZEN_AT - hours(2)
    move(bag, inner, at=begun - hours(3))
    excursion(inner, warming(minutes=10, since=begun - hours(2), until=begun - hours(1)))
    child, other = frozen(bag), second_box(outer)
    move(child, other, at=FROZEN_AT)

    excursion(inner, warming(minutes=10, since=FROZEN_AT, until=FROZEN_AT + hours(1)))
    excursion(other, warming(minutes=5, since=FROZEN_AT + hours(2), until=FROZEN_AT + hours(3)))

    assert held(child) == [[]]
    excursion(other, warming(minutes=1, since=FROZEN_AT + hours(4), until=FROZEN_AT + hours(5)))
    assert held(child) == [["excursion"]]


def test_nothing_adds_up_of_another_container_or_within_the_limits():
    unit, (outer, inner) = frozen_unit(), tank()
    move(unit, inner)
    excursion(box(), warming(minutes=10))
    excursion(outer, warming(minutes=10))

    mild = excursion(outer, warming("-150", minutes=0))

    assert (held(unit), mild.is_beyond) == ([[]], False)
    assert excursion(outer, warming(minutes=5)).minutes_beyond == 5
    assert held(unit) == [[]]
    excursion(outer, warming(minutes=1))
    assert held(unit) == [["excursion"]]


def test_what_was_made_of_a_unit_since_is_held_with_it_and_what_was_made_before_is_not():
    bag = received_unit()
    move(bag, box(), at=FROZEN_AT - hours(4))
    child, begun = frozen(bag), FROZEN_AT - hours(2)

    warm = excursion(happened=warming(since=begun - hours(1), until=begun))
    after = excursion(happened=warming(since=begun + hours(0.5), until=begun + hours(1), minutes=30))

    assert held(child) == [["excursion"]]
    assert warm.items.get(unit=child).position == warm.items.get(unit=bag).position
    assert [item.unit for item in after.items.all()] == [bag]


def test_a_container_without_limits_takes_those_of_what_it_stands_in():
    unit, (_, inner) = frozen_unit(), tank(minutes=60)
    move(unit, inner)

    assert not excursion(inner, warming(minutes=45)).is_beyond


def test_a_container_whose_limits_nobody_knows_is_in_doubt():
    unit = frozen_unit()

    assert excursion(box(), warming(minutes=1)).is_beyond
    assert held(unit) == [["excursion"]]


def test_what_was_moved_out_since_is_held_and_what_came_later_is_not():
    out, later, early, taken = (frozen_unit() for _ in range(4))
    outer, inner = tank()
    for unit in (out, early, taken):
        move(unit, inner)
    move(early, box(), at=NIGHT - hours(1))
    move(out, box(), at=MORNING + hours(1))
    move(later, inner, at=MORNING + hours(1))
    take_out_of_store(taken)

    excursion(outer)

    assert held(out, later, early, taken) == [["excursion"], [], [], ["excursion"]]


def take_out_of_store(unit):
    within_a_service(lambda by: take_out([unit], reason="out", by=by, at=MORNING + hours(1)))


def test_what_is_no_more_is_noted_and_not_held():
    parent = received_unit()
    move(parent, box(), at=NIGHT - hours(1))
    within_a_service(lambda by: take_out([parent], reason="out", by=by, at=MORNING))
    type(parent).objects.filter(pk=parent.pk).update(state="consumed")

    opened = excursion()

    assert opened.items.get(unit=parent).hold is None


def test_two_excursions_of_one_container_both_hold_and_each_lifts_its_own():
    unit = frozen_unit()
    first, second = excursion(), excursion(happened=warming("-100", minutes=90))

    assessed(first, group("cleared", unit.code))

    assert held(unit) == [["excursion"]]
    assert Hold.objects.get(lifted_at=None).excursion_item.excursion == second


@pytest.mark.parametrize(
    ("happened", "match"),
    [
        (warming(since=MORNING, until=NIGHT, minutes=0), "ends before it begins"),
        (warming(until=NOON + hours(1)), "ends in the future"),
        (warming(minutes=301), "beyond longer than it lasted"),
        (warming(minutes=-1), "negative"),
        (warming("-150.0"), "lies within the limits"),
        (warming("-300"), "temperature from -273"),
        (warming("NaN"), "temperature from -273"),
        (warming("-120.55"), "tenth of a degree"),
    ],
)
def test_what_cannot_have_been_is_refused(happened, match):
    unit, (outer, inner) = frozen_unit(), tank()
    move(unit, inner)

    with pytest.raises(ExcursionRefused, match=match), nothing_changes():
        excursion(outer, happened)


def test_nothing_is_put_into_a_container_at_an_instant_that_an_excursion_covers():
    unit, (outer, inner) = frozen_unit(), tank()
    opened = excursion(outer)

    with pytest.raises(NotPlaceable, match=f"excursion {opened.reference}"), nothing_changes():
        move(unit, inner, at=MORNING)
    move(unit, inner, at=NOON)


def test_one_unit_costs_as_many_queries_as_three(django_assert_num_queries: DjangoAssertNumQueries):
    by = staff(Role.STORAGE_TECHNICIAN)
    assert by.site

    for more in (1, 2):
        assert [frozen_unit() for _ in range(more)]
        with django_assert_num_queries(24):
            excursion(by=by)


def test_a_unit_put_in_the_box_long_before_is_in_it_all_night():
    unit = received_unit()
    put_in_box(unit)

    excursion()

    assert held(unit) == [["excursion"]]
