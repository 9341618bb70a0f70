"""What keeps an old record from going on by itself, and what would happen without it."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from biobank.domain.ledger import LedgerBehindCheckpoint
from biobank.domain.resume import RESUMED
from biobank.models.signature import Signature
from biobank.queries.ledger import head
from biobank.queries.proof import chain_findings
from biobank.services import ledger as ledger_service
from biobank.services.checkpoint import checkpoint_findings
from biobank.services.guard import drop_guards, install_guards
from biobank.services.ledger import record
from biobank.services.resume import missing_of_checkpoints, resume_ledger
from biobank.services.service import service
from biobank.services.standing import _agreed, head_is_behind
from tests.factories.ledger import eleven_entries
from tests.factories.old_record import (
    administrator,
    older_than_its_checkpoint,
    quality,
    resumption,
)
from tests.factories.person import the_system
from tests.factories.time import NOON, days, hours

pytestmark = pytest.mark.django_db
LATER = NOON + hours(30)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.BIOBANK_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.BIOBANK_LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.pem"
    settings.BIOBANK_DEMO = False
    _agreed.clear()
    return tmp_path / "checkpoints"


@pytest.fixture
def old() -> tuple[int, Path]:
    """An old record with both signers in it: the entry that its checkpoint knows, and the checkpoint's file."""
    administrator()
    quality()
    return older_than_its_checkpoint()


def findings() -> list[str]:
    return [str(finding) for finding in (*checkpoint_findings(), *chain_findings())]


def nothing_was_written(*, since: int) -> bool:
    return head().number == since and not Signature.objects.exists() and head_is_behind()


# Canaries: the protections taken away.


def test_without_the_comparison_an_old_record_takes_entries_happily(
    old: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = head().number
    with pytest.raises(LedgerBehindCheckpoint):
        eleven_entries(by=the_system())
    assert head().number == before

    monkeypatch.setattr(ledger_service, "check_not_behind", lambda *_, **__: None)
    eleven_entries(by=the_system())

    assert head().number == before + 11


@service
def resume_alone() -> None:
    """Write the entry without the two signatures, as a defect or a shell would."""
    content = missing_of_checkpoints().content("alone")
    new = content | {"content_sha256": "f" * 64, "signed": []}
    record(RESUMED, subjects=["system"], by=the_system(), at=LATER, reason="alone", new=new)


def test_the_database_itself_refuses_a_resumption_that_two_did_not_sign(old: tuple[int, Path]) -> None:
    before = head().number

    with pytest.raises(IntegrityError, match="resumed by administrator and quality"), transaction.atomic():
        resume_alone()

    assert nothing_was_written(since=before)


def test_without_the_guard_a_resumption_of_nobody_goes_through_and_the_proof_names_it(old: tuple[int, Path]) -> None:
    drop_guards(connection)
    resume_alone()
    install_guards(connection)

    assert not head_is_behind()
    assert findings() == [f"entry {head().number}: It resumes the record, unsigned by administrator and quality."]


def test_a_role_that_ended_before_the_signature_does_not_count_in_the_database(old: tuple[int, Path]) -> None:
    resume_ledger(resumption(), at=LATER)
    drop_guards(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE biobank_rolegrant SET granted_until = %s WHERE role = 'administrator'", [NOON - days(1)])
    install_guards(connection)

    assert any("unsigned by administrator and quality" in text for text in findings())
