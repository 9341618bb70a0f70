import pytest
from django.db import connection

from biobank.domain.role import Role
from consent.queries.donor import donor_codes, donor_ids, donors_visible_to, infants_of, lock_donors
from tests.factories.donor import registered_donor
from tests.factories.person import person, site
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db


def test_donors_are_locked_once_each_and_ascending():
    first, second, third = (registered_donor() for _ in range(3))

    locked = lock_donors([third.id, first.id, third.id])

    assert locked == [first, third]
    assert second not in locked


def test_locking_nobody_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert lock_donors([]) == []


@pytest.mark.postgresql
def test_the_lock_is_on_the_donors_row(django_assert_num_queries):
    donor = registered_donor()

    with django_assert_num_queries(1) as asked:
        lock_donors([donor.id])

    assert "FOR UPDATE" in asked.captured_queries[0]["sql"]
    assert connection.vendor == "postgresql"


def test_codes_and_ids_are_found_both_ways():
    one, other = registered_donor(), registered_donor()

    assert donor_codes([one.id, 0]) == {one.id: one.donor_code}
    assert donor_ids([other.donor_code, "DNR-NOBODY"]) == {other.donor_code: other.id}


def test_infants_come_in_the_order_of_birth_for_each_donor():
    twins, none = registered_donor(infants=2), registered_donor(infants=0)

    found = infants_of([twins.id, none.id])

    assert [infant.order for infant in found[twins.id]] == [1, 2]
    assert found[none.id] == []


@pytest.mark.parametrize("role", Role)
def test_collection_staff_and_coordinators_see_their_own_sites_donors_alone(role):
    here, there = site("CLINIC-1"), site("CLINIC-2")
    mine, theirs = registered_donor(site=here), registered_donor(site=there)

    visible = set(donors_visible_to(person(role, site=here), NOON))

    limited = role in {Role.COLLECTION_STAFF, Role.COORDINATOR}
    assert visible == ({mine} if limited else {mine, theirs})


def test_who_holds_no_role_sees_no_donor():
    registered_donor()

    assert not donors_visible_to(person(), NOON).exists()
