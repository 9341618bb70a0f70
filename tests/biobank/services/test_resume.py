"""A record older than its checkpoints takes one entry: the one that administrator and quality sign together."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from biobank.domain.attempt import LockedOut, SignInRefused
from biobank.domain.checkpoint import CheckpointBroken
from biobank.domain.ledger import LedgerBehindCheckpoint
from biobank.domain.refusal import RuleViolation
from biobank.domain.resume import RESUMED, MissingChanged, NothingIsMissing, SignedByOnePerson
from biobank.domain.role import Role
from biobank.domain.signature import SignerNotAllowed
from biobank.domain.text import TextRefused
from biobank.exchange import verify_ledger
from biobank.models.ledger import LedgerEntry
from biobank.models.signature import Attempts, Signature
from biobank.queries.ledger import head
from biobank.queries.proof import chain_findings
from biobank.services.checkpoint import checkpoint_findings, publish_checkpoint
from biobank.services.ledger_export import export_lines
from biobank.services.resume import missing_of_checkpoints, resume_ledger
from biobank.services.standing import _agreed, head_is_behind
from tests.factories.ledger import UNIT, eleven_entries
from tests.factories.old_record import (
    REASON,
    administrator,
    older_than_its_checkpoint,
    quality,
    restore_old_backup,
    resumption,
)
from tests.factories.person import PASSWORD, person, the_system
from tests.factories.time import NOON, hours

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


def test_two_signatures_and_one_entry_let_work_go_on(old: tuple[int, Path]) -> None:
    number, path = old
    before = head()

    resume_ledger(resumption(), at=LATER)

    entries = list(LedgerEntry.objects.filter(number__gt=before.number).order_by("number"))
    assert [entry.kind for entry in entries] == ["signature.made", "signature.made", RESUMED]
    stated = json.loads(entries[-1].body)
    assert stated["new"]["missing"] == {"first": number - 2, "last": number}
    assert stated["new"]["head"] == {"number": before.number, "seal": before.seal}
    assert [each["file"] for each in stated["new"]["checkpoints"]] == [path.name]
    assert stated["new"]["signed"][0]["by"] == "administrator"
    assert stated["reason"] == REASON
    eleven_entries(by=the_system())
    assert findings() == []


def test_both_signed_the_list_that_the_entry_states(old: tuple[int, Path]) -> None:
    resume_ledger(resumption(), at=LATER)

    first, second = Signature.objects.order_by("pk")
    stated = json.loads(LedgerEntry.objects.get(kind=RESUMED).body)["new"]
    assert (first.person.username, second.person.username) == ("administrator", "quality")
    assert first.content == second.content
    assert first.content_sha256 == stated["content_sha256"]
    assert json.loads(first.content).items() <= stated.items()


def test_the_next_checkpoint_of_the_same_number_leaves_the_superseded_one_as_it_is(
    old: tuple[int, Path], folder: Path
) -> None:
    number, path = old
    kept = path.read_bytes()
    resume_ledger(resumption(), at=LATER)
    assert head().number == number

    published = publish_checkpoint(by=the_system(), at=LATER)

    assert path.read_bytes() == kept
    assert published == folder / f"checkpoint-{number:012}-{head_seal_at(number)[:12]}.json"
    assert findings() == []
    restore_old_backup(until=number - 1)
    assert head_is_behind()


def head_seal_at(number: int) -> str:
    return LedgerEntry.objects.get(number=number).seal


@pytest.mark.parametrize("subject", [None, UNIT])
def test_the_verifier_reports_the_superseded_checkpoint_and_what_resumed_the_record(
    subject: str | None, old: tuple[int, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number, path = old
    resume_ledger(resumption(), at=LATER)
    (tmp_path / "all.jsonl").write_text("".join(export_lines(head(), subject=subject, at=LATER)))

    status = verify_ledger.main([str(tmp_path / "all.jsonl"), "--checkpoint", str(path)])

    said = capsys.readouterr().out
    assert status == 0
    assert f"RESUMED AT ENTRY {number}: " in said
    assert f"{path.name}: SUPERSEDED by entry {number}: of entry {number} it knew another" in said


# Every way around the two signatures.


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"passwords": ("wrong", PASSWORD)}, SignInRefused),
        ({"passwords": (PASSWORD, "wrong")}, SignInRefused),
        ({"passwords": (PASSWORD, "\ud800")}, SignInRefused),
        ({"administrator": "nobody"}, SignInRefused),
        ({"administrator": "system"}, SignInRefused),
        ({"quality": "administrator"}, SignedByOnePerson),
        ({"administrator": "quality", "quality": "administrator"}, SignerNotAllowed),
        ({"reason": ""}, TextRefused),
        ({"reason": " \n"}, TextRefused),
        ({"reason": "x" * 501}, TextRefused),
        ({"reason": "un\u202eseen"}, TextRefused),
    ],
)
def test_what_is_not_signed_by_the_two_changes_nothing(
    change: dict[str, Any], refusal: type[RuleViolation], old: tuple[int, Path]
) -> None:
    before = head().number

    with pytest.raises(refusal):
        resume_ledger(resumption(**change), at=LATER)

    assert nothing_was_written(since=before)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMINISTRATOR, Role.QUALITY_REVIEWER}])
def test_no_other_role_signs_in_quality_s_place(role: Role) -> None:
    administrator()
    person(role, username="other")
    older_than_its_checkpoint()
    before = head().number

    with pytest.raises(SignerNotAllowed, match="other may not sign this"):
        resume_ledger(resumption(quality="other"), at=LATER)

    assert nothing_was_written(since=before)


def test_who_is_not_trained_does_not_sign() -> None:
    administrator()
    person(Role.QUALITY_REVIEWER, username="quality", trained=False)
    older_than_its_checkpoint()

    with pytest.raises(SignerNotAllowed, match="No valid training"):
        resume_ledger(resumption(), at=LATER)

    assert head_is_behind()


def test_wrong_passwords_are_counted_and_lock_out_though_nothing_can_be_recorded(
    old: tuple[int, Path], settings: Any
) -> None:
    settings.BIOBANK_MAX_WRONG_ATTEMPTS = 3
    for _ in range(3):
        with pytest.raises(SignInRefused):
            resume_ledger(resumption(passwords=(PASSWORD, "wrong")), at=LATER)

    with pytest.raises(LockedOut):
        resume_ledger(resumption(), at=LATER)

    assert Attempts.objects.get(username="quality").wrong_count == 3
    assert head_is_behind()


def test_a_checkpoint_that_came_after_the_list_was_shown_is_not_signed_away(
    old: tuple[int, Path], folder: Path
) -> None:
    shown = missing_of_checkpoints()
    before = head()
    other = resumption(shown=shown)
    (path,) = folder.iterdir()
    kept = path.read_bytes()
    path.unlink()
    _agreed.clear()
    eleven_entries(by=the_system())
    publish_checkpoint(by=the_system(), at=LATER)
    restore_old_backup(until=before.number)
    path.write_bytes(kept)
    _agreed.clear()

    with pytest.raises(MissingChanged):
        resume_ledger(other, at=LATER)

    assert nothing_was_written(since=before.number)


def test_a_record_that_agrees_is_not_resumed(old: tuple[int, Path]) -> None:
    resume_ledger(resumption(), at=LATER)
    after = head().number

    with pytest.raises(NothingIsMissing):
        resume_ledger(resumption(), at=LATER)

    assert head().number == after


def test_a_list_with_a_file_that_cannot_be_read_is_not_whole(old: tuple[int, Path]) -> None:
    _, path = old
    path.write_bytes(path.read_bytes()[:-3])

    with pytest.raises(CheckpointBroken):
        missing_of_checkpoints()


def test_a_resumption_that_is_rolled_back_leaves_the_record_read_only(old: tuple[int, Path]) -> None:
    before = head().number
    with transaction.atomic():
        resume_ledger(resumption(), at=LATER)
        transaction.set_rollback(True)

    assert nothing_was_written(since=before)
    with pytest.raises(LedgerBehindCheckpoint):
        eleven_entries(by=the_system())


def test_an_older_copy_is_noticed_again_after_the_resumption(old: tuple[int, Path]) -> None:
    before = head().number
    resume_ledger(resumption(), at=LATER)
    publish_checkpoint(by=the_system(), at=LATER)

    restore_old_backup(until=before)

    assert head_is_behind()
    assert len(missing_of_checkpoints().gone) == 2
