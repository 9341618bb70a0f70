import pytest

from inventory.domain.container import Grid
from inventory.queries.placement import free_positions, lock_positions, places_of, taken_among
from inventory.queries.sample import loose_samples
from tests.factories.unit import box, frozen_unit, received_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def test_free_positions_come_in_the_order_of_container_and_grid_without_those_taken():
    first, second = box("T01-R01-01"), box("T01-R01-02", grid=Grid(rows=1, columns=2))
    frozen_unit()

    free = free_positions([second, first], 97)

    assert [position.code for position in free[:2]] == ["T01-R01-01-A02", "T01-R01-01-A03"]
    assert [position.code for position in free[-2:]] == ["T01-R01-02-A01", "T01-R01-02-A02"]
    assert len(free) == 97


def test_places_are_of_what_has_one():
    placed, loose = frozen_unit(), received_unit()

    places = places_of([placed.pk, loose.pk])

    assert list(places) == [placed.pk]
    assert taken_among([places[placed.pk].pk]).popitem()[1].unit == placed


def test_samples_that_are_neither_attached_nor_placed_nor_used_up_are_loose():
    unit, other = frozen_unit(), frozen_unit()
    samples = loose_samples([unit.donation_id])

    assert {sample.role for sample in samples} == {"dna", "maternal_serum", "maternal_plasma"}
    assert {sample.donation_id for sample in samples} == {unit.donation_id}
    assert other.donation_id != unit.donation_id


def test_positions_are_locked_in_the_order_of_their_ids():
    free = free_positions([box()], 3)

    assert lock_positions([free[2].pk, 0, free[0].pk]) == [free[0], free[2]]
