"""manage.py rewrap_identities: every data key under the current master key, whoever manages keys named."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from consent.queries.identity import master_keys_in_use
from consent.services import erasure
from tests.factories.donor import ANNA, registered_donor
from tests.factories.person import person

pytestmark = pytest.mark.django_db

FIRST, SECOND = "0d" * 32, "91" * 32
THREE = 3


@pytest.fixture(autouse=True)
def older_key(settings):
    settings.BIOBANK_IDENTITY_KEYS = {"first": FIRST}
    for number in range(THREE):
        registered_donor(identity=replace(ANNA, record_number=f"KH-00-{number}"))
    settings.BIOBANK_IDENTITY_KEYS = {"second": SECOND, "first": FIRST}
    person(Role.ADMINISTRATOR, username="admin")
    person(Role.IDENTITY_OFFICER, username="officer")


def said(*arguments):
    out = StringIO()
    call_command("rewrap_identities", *arguments, stdout=out)
    return out.getvalue()


def test_it_goes_on_until_no_older_key_opens_anything(monkeypatch):
    monkeypatch.setattr(erasure, "AT_ONCE", THREE - 1)

    told = said("--as", "admin")

    assert master_keys_in_use() == {"second": THREE}
    assert "3 wrapped again." in told
    assert "second           opens 3" in told
    assert LedgerEntry.objects.filter(kind="identity.rewrapped", by__username="admin").count() == THREE


def test_run_again_it_finds_nothing_to_do():
    said("--as", "admin")

    assert "0 wrapped again." in said("--as", "admin")


@pytest.mark.parametrize(
    ("username", "status", "words"), [("nobody", 2, "no active person"), ("officer", 1, "manages")]
)
def test_whoever_does_not_manage_keys_is_refused_and_nothing_changes(username, status, words):
    with pytest.raises(CommandError, match=words) as refused:
        said("--as", username)

    assert refused.value.returncode == status
    assert master_keys_in_use() == {"first": THREE}


def test_an_older_key_that_is_not_configured_is_named_and_nothing_changes(settings):
    settings.BIOBANK_IDENTITY_KEYS = {"second": SECOND}

    with pytest.raises(CommandError, match="“first”"):
        said("--as", "admin")

    assert master_keys_in_use() == {"first": THREE}
