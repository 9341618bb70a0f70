"""What operations.md says to type does what it says."""

import getpass

import pytest

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from biobank.models.person import Person
from biobank.queries.person import roles_of
from tests.docs.pages import fenced, text

pytestmark = pytest.mark.django_db


def test_the_first_people_are_registered_as_the_page_shows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(getpass, "getpass", lambda: "a-long-pass-phrase-of-ones-own")
    lines = next(block for block in fenced(text("operations.md"), "python") if "register_person" in block)

    exec(compile(lines, "operations.md", "exec"), {})  # noqa: S102  a page of ours, as an operator would type it

    person = Person.objects.get(username="administrator")
    assert roles_of(person, person.created_at) == {Role.ADMINISTRATOR}
    assert person.site.code == "BANK-A"
    assert set(LedgerEntry.objects.values_list("kind", flat=True)) == {
        "person.registered",
        "site.registered",
        "role.granted",
    }
