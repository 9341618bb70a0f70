"""Who may open which page: every role against every page."""

import pytest
from django.test import Client
from django.urls import reverse

from biobank.domain.role import Role
from tests.factories.page_unit import CRYOBAG, maternity, unit
from tests.factories.person import person

pytestmark = pytest.mark.django_db
BEGINS_WITH = (unit,)

SEES_UNITS = {
    Role.COLLECTION_STAFF,
    Role.LAB_TECHNICIAN,
    Role.STORAGE_TECHNICIAN,
    Role.QUALITY_REVIEWER,
    Role.RELEASING_OFFICER,
    Role.MEDICAL_DIRECTOR,
    Role.COORDINATOR,
    Role.AUDITOR,
}
SEES_CUSTODY = SEES_UNITS - {Role.COLLECTION_STAFF, Role.COORDINATOR}
EVERYBODY = set(Role)

PAGES = [
    ("inventory:home", [], EVERYBODY),
    ("password", [], EVERYBODY),
    ("inventory:search", [], SEES_UNITS),
    ("inventory:units", [], SEES_UNITS),
    # A coordinator has no request for this unit: for them it does not exist.
    ("inventory:unit-detail", [CRYOBAG], SEES_UNITS),
    ("inventory:custody", [CRYOBAG], SEES_CUSTODY),
]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("name", "args", "allowed"), PAGES)
def test_a_page_opens_for_the_roles_that_may_see_it_and_no_other(
    client: Client, role: Role, name: str, args: list[str], allowed: set[Role]
):
    unit()
    client.force_login(person(role, site=maternity()))

    answer = client.get(reverse(name, args=args))

    expected = 200 if role in allowed else 403
    if role is Role.COORDINATOR and name == "inventory:unit-detail":
        expected = 404
    assert answer.status_code == expected


@pytest.mark.parametrize(("name", "args", "allowed"), PAGES)
def test_nobody_gets_in_without_signing_in(client: Client, name: str, args: list[str], allowed: set[Role]):
    unit()

    answer = client.get(reverse(name, args=args))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=")


def test_a_page_that_is_not_allowed_says_what_is_missing_and_who_brings_it(client: Client):
    client.force_login(person(Role.ADMINISTRATOR))

    page = client.get(reverse("inventory:units")).content.decode()

    assert "You may not view units" in page
    assert "lab technician" in page
    assert "ask an administrator" in page


def test_a_unit_of_another_site_answers_exactly_as_one_that_does_not_exist(client: Client):
    unit()
    client.force_login(person(Role.COLLECTION_STAFF, site=None))

    theirs = client.get(reverse("inventory:unit-detail", args=[CRYOBAG]))
    none = client.get(reverse("inventory:unit-detail", args=["A999926000999S1234VA0"]))

    assert theirs.status_code == none.status_code == 404
    assert _without_token(theirs.content.decode(), CRYOBAG) == _without_token(
        none.content.decode(), "A999926000999S1234VA0"
    )


@pytest.mark.parametrize("name", ["inventory:custody-generate"])
@pytest.mark.parametrize("role", sorted(EVERYBODY - SEES_CUSTODY))
def test_a_document_is_made_only_for_those_who_may_see_it(client: Client, role: Role, name: str):
    unit()
    client.force_login(person(role, site=maternity()))

    assert client.post(reverse(name, args=[CRYOBAG])).status_code == 403


def _without_token(page: str, code: str) -> str:
    lines = (line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)
    return "\n".join(lines).replace(code, "CODE")
