"""Rights as of any instant."""

import pytest

from biobank.domain.role import Permission, Role
from biobank.models.person import RoleGrant
from biobank.queries.person import find_person, has_permission, is_trained, roles_during, roles_of
from tests.factories.person import person, the_system, train
from tests.factories.time import NOON, days, hours

pytestmark = pytest.mark.django_db


def granted(holder, role, begins, ends):
    RoleGrant.objects.create(
        person=holder,
        role=role.value,
        granted_from=begins,
        granted_until=ends,
        granted_by=the_system(),
        granted_at=NOON,
    )


def test_roles_are_those_of_the_person_at_that_instant():
    ana, ben = person(), person(Role.ADMINISTRATOR)
    granted(ana, Role.AUDITOR, NOON, NOON + hours(1))
    granted(ana, Role.COORDINATOR, NOON - days(1), None)

    assert roles_of(ana, NOON - hours(1)) == {Role.COORDINATOR}
    assert roles_of(ana, NOON) == {Role.AUDITOR, Role.COORDINATOR}
    assert roles_of(ana, NOON + hours(1)) == {Role.COORDINATOR}
    assert roles_of(ben, NOON) == {Role.ADMINISTRATOR}


def test_a_permission_comes_from_any_role_held_then():
    ana = person()
    granted(ana, Role.RELEASING_OFFICER, NOON, NOON + hours(1))

    held = [has_permission(ana, Permission.RELEASE_UNIT, NOON + hours(step)) for step in (-1, 0, 1)]

    assert held == [False, True, False]
    assert not has_permission(ana, Permission.READ_IDENTITY, NOON)


def test_training_counts_for_its_topic_and_its_time():
    ana = person(trained=False)
    train(ana, valid_until=NOON)

    assert is_trained(ana, "electronic signature", NOON - hours(1))
    assert not is_trained(ana, "electronic signature", NOON)
    assert not is_trained(ana, "cryostorage", NOON - hours(1))


@pytest.mark.parametrize(
    ("begins", "ends", "met"),
    [
        (-2, -1, False),
        (-2, 0, False),
        (-2, 1, True),
        (0, 1, True),
        (2, None, True),
        (10, None, False),
        (-2, None, True),
    ],
)
def test_roles_during_a_time_are_those_that_overlap_it(begins, ends, met):
    ana = person()
    granted(ana, Role.AUDITOR, NOON, NOON + hours(10))

    found = roles_during(ana, NOON + hours(begins), None if ends is None else NOON + hours(ends))

    assert (found == {Role.AUDITOR}) is met


def test_people_are_found_by_username():
    ana = person(username="ana")

    assert find_person("ana") == ana
    assert find_person("ANA") is None
