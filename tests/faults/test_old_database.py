"""A database older than its checkpoint, and checkpoints that were touched: read, and never written."""

import sqlite3
import sys
from contextlib import closing

import pytest

from tests.factories.demo_bank import DemoBank, Ended, demo_bank, is_plain_refusal, run

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


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

IDENTITY = """
from datetime import date
from django.utils import timezone
from biobank.domain.refusal import RuleViolation
from biobank.models.person import Person
from consent.models.identity import DonorIdentity, IdentityRead
from consent.services.identity import read_identity
officer = Person.objects.get(username="identity")
donor = DonorIdentity.objects.first().donor
before = IdentityRead.objects.count()
try:
    print("read:", read_identity(donor, reason="call her physician", by=officer, at=timezone.now()))
except RuleViolation as refusal:
    print("refused:", type(refusal).__name__, IdentityRead.objects.count() - before)
"""
RESUME = """
from django.utils import timezone
from biobank.services.resume import Resumption, Typed, missing_of_checkpoints, resume_ledger
from biobank.services.sign_in import prove_identity
from inventory.management.demo.people import PASSWORD
missing = missing_of_checkpoints()
signers = Typed("admin", PASSWORD), Typed("quality", PASSWORD)
resume_ledger(Resumption(missing, "No newer backup exists.", *signers), at=timezone.now())
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


def test_nobody_is_read_while_the_look_could_not_be_recorded(bank):
    whole = in_django(bank, IDENTITY)

    answer = in_django(older_than_its_checkpoint(bank), IDENTITY)

    assert "read: Identity(" in whole.out, whole.said
    assert "refused: LedgerBehindCheckpoint 0" in answer.out, answer.said
    assert "read:" not in answer.out


def test_administrator_and_quality_resume_it_and_the_auditor_is_told(bank):
    superseded = older_than_its_checkpoint(bank).checkpoint

    answer = in_django(bank, RESUME)

    assert answer.status == 0, answer.said
    assert "refused" not in in_django(bank, RECORD).out
    assert bank.manage("checkpoint").status == 0
    assert bank.manage("verify").status == 0
    export = bank.var / "all.jsonl"
    assert bank.manage("export_ledger", "--output", str(export)).status == 0
    verifier = ("biobank/exchange/verify_ledger.py", str(export), "--checkpoint", str(superseded))
    told = run(sys.executable, "-S", *verifier)
    assert told.status == 0, told.said
    assert "RESUMED AT ENTRY" in told.out
    assert f"{superseded}: SUPERSEDED by entry" in told.out


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
