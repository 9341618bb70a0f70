"""Usernames, and roles that exclude each other."""

import pytest

from biobank.domain.person import (
    EndsBeforeItBegins,
    NotActive,
    RoleAlreadyHeld,
    RolesClash,
    UnfitUsername,
    check_active,
    check_period,
    check_roles,
    check_username,
)
from biobank.domain.role import CLINICAL, Role
from tests.factories.time import NOON, hours


@pytest.mark.parametrize("username", ["ana", "a.b", "lab-tech_2", "x" * 64])
def test_a_canonical_username_is_taken(username):
    check_username(username)


@pytest.mark.parametrize(
    "username",
    [
        "",
        "ab",
        "x" * 65,
        "Ana",
        "1ana",
        "ana ",
        " ana",
        "ana..b",
        "ana.",
        "\u0430na",
        "ana\u200b",
        "ana\n",
        "\uff41na",
        "an a",
    ],
)
def test_any_other_form_is_refused(username):
    with pytest.raises(UnfitUsername):
        check_username(username)


@pytest.mark.parametrize("role", sorted(CLINICAL))
def test_an_administrator_never_holds_a_clinical_role(role):
    with pytest.raises(RolesClash):
        check_roles({Role.ADMINISTRATOR}, role)
    with pytest.raises(RolesClash):
        check_roles({role}, Role.ADMINISTRATOR)


def test_clinical_roles_go_together():
    check_roles({Role.QUALITY_REVIEWER}, Role.RELEASING_OFFICER)


def test_an_administrator_may_be_an_auditor():
    check_roles({Role.ADMINISTRATOR}, Role.AUDITOR)


def test_a_role_is_not_granted_twice_for_the_same_time():
    with pytest.raises(RoleAlreadyHeld):
        check_roles({Role.AUDITOR}, Role.AUDITOR)


def test_a_time_ends_after_it_begins():
    check_period(NOON, None, field="ends")
    check_period(NOON, NOON + hours(1), field="ends")

    for end in (NOON, NOON - hours(1)):
        with pytest.raises(EndsBeforeItBegins):
            check_period(NOON, end, field="ends")


def test_nothing_more_is_given_to_a_person_who_is_not_active():
    check_active(is_active=True, username="ana")

    with pytest.raises(NotActive):
        check_active(is_active=False, username="ana")
