"""Granting somebody a role while they write to the ledger."""

import pytest
from django.db import OperationalError

from biobank.domain.person import UsernameTaken
from biobank.domain.role import Role
from biobank.domain.site import NewSite, SiteKind
from biobank.models.person import Person, RoleGrant
from biobank.services import person as person_service
from biobank.services.code import new_code
from biobank.services.person import NewPerson, grant_role, register_person
from biobank.services.site import register_site
from tests.concurrency.threads import at_once
from tests.factories.person import PASSWORD, person, site
from tests.factories.time import NOON, hours

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
ROUNDS = 12


def race(ana, admin):
    """Let the person write entries while the administrator grants her roles; return what was raised."""

    def write():
        for _ in range(ROUNDS):
            new = NewSite(new_code("SITE"), "Site", SiteKind.STUDY, "UTC", "DE")
            register_site(new, by=ana, at=NOON)

    def grant(first):
        for number in range(first, first + ROUNDS):
            begins = NOON + hours(number)
            grant_role(ana, Role.AUDITOR, by=admin, at=NOON, begins=begins, ends=begins + hours(1))

    outcomes = at_once([write, write, lambda: grant(0), lambda: grant(ROUNDS)])
    return [outcome for outcome in outcomes if outcome is not None]


def test_a_person_writes_while_roles_are_granted_to_them():
    ana, admin = person(), person(Role.ADMINISTRATOR)

    assert race(ana, admin) == []
    assert RoleGrant.objects.filter(person=ana).count() == 2 * ROUNDS


def test_canary_with_the_whole_row_locked_the_two_block_each_other(monkeypatch):
    def lock_whole_row(locked):
        return Person.objects.select_for_update().get(pk=locked.pk)

    monkeypatch.setattr(person_service, "lock_person", lock_whole_row)
    ana, admin = person(), person(Role.ADMINISTRATOR)

    raised = race(ana, admin)

    assert any(isinstance(error, OperationalError) for error in raised)


def test_of_many_who_register_one_username_at_once_one_succeeds():
    admin, place = person(Role.ADMINISTRATOR), site()
    new = NewPerson(username="ana", printed_name="Ana Lab", site=place, password=PASSWORD)

    outcomes = at_once([lambda: register_person(new, by=admin, at=NOON)] * 8)

    assert [type(outcome) for outcome in outcomes].count(Person) == 1
    assert [type(outcome) for outcome in outcomes].count(UsernameTaken) == 7
