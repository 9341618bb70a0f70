"""A database older than its checkpoint, and checkpoints that were touched: read, and never written."""

import sqlite3
import sys
from contextlib import closing

import pytest

from tests.factories.demo_bank import DemoBank, Ended, demo_bank, is_plain_refusal, run

pytestmark = pytest.mark.slow


@pytest.fixture
def bank(tmp_path):
    return demo_bank().copied_to(tmp_path / "var")


def local(bank: DemoBank, **variables: str) -> dict[str, str]:
    return {"BIOBANK_VAR": str(bank.var), "DJANGO_SETTINGS_MODULE": "biobank.settings.local", **variables}


def in_django(bank: DemoBank, code: str, **variables: str) -> Ended:
    """Run a few lines as a process of this bank."""
    return run(sys.executable, "-c", f"import django; django.setup()\n{code}", **local(bank, **variables))


def entries(bank: DemoBank) -> object:
    return bank.one("SELECT count(*) FROM biobank_ledgerentry")


def is_told(ended: Ended, *words: str) -> bool:
    return ended.status != 0 and "Traceback" not in ended.said and all(word in ended.said for word in words)


def older_than_its_checkpoint(bank: DemoBank) -> DemoBank:
    """Keep a copy, go on working, publish a checkpoint, and put the copy back: what a restore does."""
    kept = bank.database.with_name("kept.sqlite3")
    with closing(sqlite3.connect(bank.database)) as now, closing(sqlite3.connect(kept)) as then:
        now.backup(then)
    assert bank.manage("checkpoint").status == 0
    assert bank.manage("checkpoint").status == 0
    for beside in bank.var.glob("biobank.sqlite3-*"):
        beside.unlink()
    kept.replace(bank.database)
    return bank


RECORD = """
from django.utils import timezone
from biobank.domain.refusal import RuleViolation
from biobank.services.site import register_site
from biobank.domain.site import NewSite, SiteKind
from biobank.models.person import Person
new = NewSite("NEW-1", "New site", SiteKind.STUDY, "Europe/Berlin", "DE", "6 Example Way")
try:
    register_site(new, by=Person.objects.get(username="admin"), at=timezone.now())
except RuleViolation as refusal:
    print("refused:", type(refusal).__name__)
"""
PAGES = """
import biobank.wsgi
from django.test import Client
client = Client(SERVER_NAME="localhost")
print("sign-in page", client.get("/sign-in/").status_code)
from biobank.models.person import Person
client.force_login(Person.objects.get(username="auditor"))
print("unit page", client.get("/", follow=True).status_code)
"""


def test_an_old_database_takes_no_checkpoint_and_says_what_to_do(bank):
    before = entries(older_than_its_checkpoint(bank))

    answer = bank.manage("checkpoint")

    assert is_plain_refusal(answer), answer.said
    assert "checkpoint" in answer.err
    assert entries(bank) == before


def test_an_old_database_takes_no_entry_and_its_pages_go_on(bank):
    before = entries(older_than_its_checkpoint(bank))

    answer = in_django(bank, PAGES + RECORD)

    assert "refused: LedgerBehindCheckpoint" in answer.out, answer.said
    assert "sign-in page 200" in answer.out
    assert "unit page 200" in answer.out
    assert "read_only" in answer.err
    assert entries(bank) == before


def test_the_same_database_beside_the_checkpoint_that_it_published_takes_entries(bank):
    assert bank.manage("checkpoint").status == 0

    answer = in_django(bank, RECORD)

    assert "refused" not in answer.out, answer.said
    assert bank.one("SELECT count(*) FROM biobank_site WHERE code = 'NEW-1'") == 1


def test_the_proof_of_an_old_database_says_that_entries_are_missing(bank):
    answer = older_than_its_checkpoint(bank).manage("verify")

    assert is_told(answer, "checkpoint"), answer.said


@pytest.mark.parametrize(("old", "new"), [('"number":', '"number":1'), ('"seal":"', '"seal":"0'), ("}", "")])
def test_an_edited_checkpoint_is_not_trusted_and_nothing_is_written(bank, old, new):
    text = bank.checkpoint.read_text()
    assert old in text
    bank.checkpoint.write_text(text.replace(old, new, 1))
    before = entries(bank)

    answer, proof = bank.manage("checkpoint"), bank.manage("verify")

    assert is_plain_refusal(answer), answer.said
    assert is_told(proof, bank.checkpoint.name), proof.said
    assert entries(bank) == before
