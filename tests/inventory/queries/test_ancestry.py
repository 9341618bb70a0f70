import pytest

from inventory.queries.ancestry import ancestors, ancestries_of
from tests.factories.unit import frozen, received_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (received_unit,)


def three_generations():
    grandparent = received_unit()
    parent = frozen(grandparent)
    return grandparent, parent, received_unit()


def test_everything_a_unit_was_made_from_is_found_and_nothing_else():
    grandparent, parent, stranger = three_generations()

    found = ancestors([parent.pk, grandparent.pk, stranger.pk])

    assert found == {parent.pk: {grandparent.pk}, grandparent.pk: frozenset(), stranger.pk: frozenset()}


def test_an_ancestry_names_the_donations_of_the_unit_and_of_what_it_was_made_from():
    grandparent, parent, stranger = three_generations()

    ancestry = ancestries_of([parent.pk])[parent.pk]

    assert ancestry.member_ids == {parent.pk, grandparent.pk}
    assert [donation.pk for donation in ancestry.donations] == [parent.donation_id]
    assert ancestry.donor_ids == {parent.donation.donor_id}
    assert stranger.donation_id not in ancestry.donation_ids


def test_ancestries_of_many_units_take_two_queries(django_assert_num_queries):
    grandparent, parent, stranger = three_generations()

    with django_assert_num_queries(2):
        ancestries_of([grandparent.pk, parent.pk, stranger.pk])


def test_of_no_unit_there_is_no_ancestry():
    received_unit()

    assert ancestries_of([]) == {}
