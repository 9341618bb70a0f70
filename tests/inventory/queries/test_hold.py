import pytest
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Role
from inventory.domain.hold import HoldKind
from inventory.queries.hold import codes_of, open_holds_on
from inventory.services.hold import NewHold, lift_hold, place_holds
from tests.factories.person import staff
from tests.factories.time import NOON
from tests.factories.unit import frozen_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def held(**on):
    new = NewHold(kind=HoldKind.INVESTIGATION, reason="a doubt", **on)
    return place_holds([new], by=staff(Role.LAB_TECHNICIAN), at=NOON)[0]


def things_held(unit):
    parent = unit.made_from.get().parent
    return {
        "itself": {"unit_id": unit.pk},
        "what it was made from": {"unit_id": parent.pk},
        "its donation": {"donation_id": unit.donation_id},
        "its donor": {"donor_id": unit.donation.donor_id},
    }


@pytest.mark.parametrize("thing", ["itself", "what it was made from", "its donation", "its donor"])
def test_an_open_hold_stops_a_unit_wherever_above_it_lies_and_no_other_unit(thing):
    unit, other = frozen_unit(), frozen_unit()
    hold = held(**things_held(unit)[thing])

    found = open_holds_on([unit.pk, other.pk])

    assert [facts.code for facts in found[unit.pk]] == [hold.reference]
    assert found[unit.pk][0].lies_on
    assert found[other.pk] == ()


def test_a_lifted_hold_stops_nothing_and_one_on_a_child_does_not_stop_its_parent():
    unit = frozen_unit()
    parent = unit.made_from.get().parent
    lift_hold(held(donor_id=unit.donation.donor_id), reason="fine", by=staff(Role.QUALITY_REVIEWER), at=NOON)
    held(unit_id=unit.pk)

    assert len(open_holds_on([unit.pk])[unit.pk]) == 1
    assert open_holds_on([parent.pk])[parent.pk] == ()


def test_a_hold_names_what_it_lies_on_and_every_unit_that_it_stops():
    unit, other = frozen_unit(), frozen_unit()
    parent = unit.made_from.get().parent
    on_donation, on_donor, on_unit = (
        held(donation_id=unit.donation_id),
        held(donor_id=unit.donation.donor_id),
        held(unit_id=other.pk),
    )

    codes = codes_of([on_donation, on_donor, on_unit])

    assert codes[on_donation.pk][0] == unit.donation.code
    assert codes[on_donor.pk][0] == unit.donation.donor.donor_code
    assert set(codes[on_donation.pk][1:]) == set(codes[on_donor.pk][1:]) == {unit.code, parent.code}
    assert codes[on_unit.pk] == [other.code]


def test_holds_of_one_unit_cost_as_many_queries_as_of_three(django_assert_num_queries: DjangoAssertNumQueries):
    units = [frozen_unit() for _ in range(4)]
    for unit in units:
        held(unit_id=unit.pk)

    for each in (units[:1], units[1:]):
        with django_assert_num_queries(4):
            open_holds_on([unit.pk for unit in each])
