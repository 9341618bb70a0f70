"""Granting and ending roles: rows with their time, and roles that exclude each other."""

import pytest

from biobank.domain.person import EndsBeforeItBegins, RoleAlreadyHeld, RoleNotHeld, RolesClash
from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from biobank.models.person import RoleGrant
from biobank.queries.person import roles_of
from biobank.services.person import end_role, grant_role
from tests.factories.person import person
from tests.factories.time import NOON, days, hours

pytestmark = pytest.mark.django_db


def kinds_about(username):
    return list(LedgerEntry.objects.filter(links__code=username).order_by("number").values_list("kind", flat=True))


def test_a_role_is_held_from_its_grant_until_its_end():
    ana, admin = person(), person(Role.ADMINISTRATOR)

    grant_role(ana, Role.AUDITOR, by=admin, at=NOON, begins=NOON + hours(1), ends=NOON + hours(2))

    held = [bool(roles_of(ana, NOON + hours(step))) for step in (0, 0.99, 1, 1.99, 2, 3)]
    assert held == [False, False, True, True, False, False]
    assert kinds_about(ana.username)[-1] == "role.granted"


def test_a_role_is_not_granted_into_the_past():
    ana = person()

    grant = grant_role(ana, Role.AUDITOR, by=person(), at=NOON, begins=NOON - days(30))

    assert grant.granted_from == NOON
    assert not roles_of(ana, NOON - hours(1))


@pytest.mark.parametrize(
    ("held", "granted"), [(Role.ADMINISTRATOR, Role.LAB_TECHNICIAN), (Role.LAB_TECHNICIAN, Role.ADMINISTRATOR)]
)
def test_an_administrator_never_becomes_clinical_nor_the_other_way(held, granted):
    ana = person(held)

    with pytest.raises(RolesClash):
        grant_role(ana, granted, by=person(), at=NOON)

    assert roles_of(ana, NOON) == {held}


def test_roles_that_exclude_each_other_may_follow_each_other():
    ana, admin = person(), person(Role.ADMINISTRATOR)
    grant_role(ana, Role.LAB_TECHNICIAN, by=admin, at=NOON, ends=NOON + days(10))

    with pytest.raises(RolesClash):
        grant_role(ana, Role.ADMINISTRATOR, by=admin, at=NOON, begins=NOON + days(9))
    grant_role(ana, Role.ADMINISTRATOR, by=admin, at=NOON, begins=NOON + days(10))

    assert roles_of(ana, NOON + days(9)) == {Role.LAB_TECHNICIAN}
    assert roles_of(ana, NOON + days(10)) == {Role.ADMINISTRATOR}


def test_a_clash_with_a_role_that_begins_later_is_seen():
    ana, admin = person(), person(Role.ADMINISTRATOR)
    grant_role(ana, Role.ADMINISTRATOR, by=admin, at=NOON, begins=NOON + days(5))

    with pytest.raises(RolesClash):
        grant_role(ana, Role.LAB_TECHNICIAN, by=admin, at=NOON)
    grant_role(ana, Role.LAB_TECHNICIAN, by=admin, at=NOON, ends=NOON + days(5))

    assert roles_of(ana, NOON) == {Role.LAB_TECHNICIAN}


def test_a_role_is_not_held_twice_and_not_granted_backwards():
    ana = person(Role.AUDITOR)

    with pytest.raises(RoleAlreadyHeld):
        grant_role(ana, Role.AUDITOR, by=person(), at=NOON)
    with pytest.raises(EndsBeforeItBegins):
        grant_role(ana, Role.COORDINATOR, by=person(), at=NOON, ends=NOON)

    assert RoleGrant.objects.filter(person=ana).count() == 1


def test_an_ended_role_stays_on_record():
    ana = person(Role.AUDITOR)

    end_role(ana, Role.AUDITOR, reason="inspection over", by=person(), at=NOON)

    assert roles_of(ana, NOON - hours(1)) == {Role.AUDITOR}
    assert roles_of(ana, NOON) == frozenset()
    assert kinds_about(ana.username)[-1] == "role.ended"


def test_a_role_that_would_begin_later_never_begins_once_ended():
    ana = person()
    grant_role(ana, Role.AUDITOR, by=person(), at=NOON, begins=NOON + days(5))

    end_role(ana, Role.AUDITOR, reason="cancelled", by=person(), at=NOON)

    assert not roles_of(ana, NOON + days(5))
    assert not roles_of(ana, NOON + days(6))


def test_a_role_not_held_cannot_end():
    ana = person(Role.COORDINATOR)

    with pytest.raises(RoleNotHeld):
        end_role(ana, Role.AUDITOR, reason="", by=person(), at=NOON)

    assert roles_of(ana, NOON) == {Role.COORDINATOR}
