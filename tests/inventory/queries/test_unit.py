import pytest

from inventory.queries import unit as queries
from inventory.queries.unit import (
    batched,
    donors_behind,
    lock_units,
    made_from,
    units_by_code,
    units_of_donors,
    with_codes_behind,
)
from tests.factories.unit import frozen_unit, received_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (received_unit,)


def test_ids_come_in_runs_that_one_statement_can_take(monkeypatch):
    monkeypatch.setattr(queries, "MOST_VALUES", 2)

    assert [list(run) for run in batched([1, 2, 3, 4, 5])] == [[1, 2], [3, 4], [5]]
    assert list(batched([])) == []


def test_units_are_locked_in_the_order_of_their_ids_and_what_is_not_there_is_left_out():
    units = [received_unit() for _ in range(3)]

    locked = lock_units([units[2].pk, 0, units[0].pk])

    assert locked == [units[0], units[2]]


def test_a_unit_and_all_that_was_made_from_it_lead_to_the_same_donor_and_back():
    unit, other = frozen_unit(), frozen_unit()
    parent = unit.made_from.get().parent
    donor = unit.donation.donor

    assert list(donors_behind([unit.pk, parent.pk])) == [donor.pk]
    assert units_of_donors([donor.pk]) == made_from([parent.pk]) == [parent.pk, unit.pk]
    assert made_from([unit.pk]) == [unit.pk]
    assert other.pk not in units_of_donors([donor.pk])


def test_units_are_found_by_their_codes():
    unit, _ = received_unit(), received_unit()

    assert list(units_by_code([unit.code, "nowhere"])) == [unit]


def test_the_codes_behind_a_unit_are_its_donations_and_its_donors():
    unit, other = frozen_unit(), frozen_unit()

    codes = with_codes_behind([unit])

    assert set(codes[unit.pk]) == {unit.donation.code, unit.donation.donor.donor_code}
    assert other.donation.code not in codes[unit.pk]
