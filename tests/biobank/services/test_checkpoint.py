"""Checkpoints are published outside the database, and a database that contradicts one takes no more entries."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from biobank.domain.checkpoint import CheckpointBroken, CheckpointNotWritten
from biobank.domain.ledger import LedgerBehindCheckpoint
from biobank.domain.refusal import RuleViolation
from biobank.exchange import verify_ledger
from biobank.models.ledger import LedgerEntry
from biobank.queries.ledger import head
from biobank.services.checkpoint import checkpoint_findings, publish_checkpoint
from biobank.services.guard import drop_guards, install_guards, refuse_unsafe_start
from biobank.services.proof import ledger_findings
from biobank.services.signing_key import (
    SigningKeyExists,
    SigningKeyUnusable,
    create_signing_key,
)
from biobank.services.standing import _agreed, head_is_behind, newest_checkpoint
from tests.factories.ledger import checkpoint_file, eleven_entries, public_hex
from tests.factories.old_record import restore_old_backup
from tests.factories.person import the_system
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """The folder of this test's checkpoints; its key lies beside it."""
    settings.BIOBANK_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.BIOBANK_LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.pem"
    settings.BIOBANK_DEMO = False
    _agreed.clear()
    return tmp_path / "checkpoints"


@pytest.fixture
def key(folder: Path) -> Ed25519PrivateKey:
    return create_signing_key()


def texts() -> list[str]:
    return [str(finding) for finding in checkpoint_findings()]


def test_a_published_checkpoint_is_signed_recorded_and_the_newest(key: Ed25519PrivateKey, folder: Path) -> None:
    eleven_entries(by=the_system())
    sealed = head().seal

    path = publish_checkpoint(by=the_system(), at=NOON + hours(20))

    newest = newest_checkpoint()
    assert path == folder / "checkpoint-000000000012.json"
    assert newest is not None
    assert (newest.number, newest.seal, newest.public_key) == (12, sealed, public_hex(key))
    assert json.loads(LedgerEntry.objects.get(number=13).body)["new"]["seal"] == sealed
    assert texts() == []
    assert list(folder.iterdir()) == [path]


def test_the_verifier_reads_what_was_published(key: Ed25519PrivateKey) -> None:
    path = publish_checkpoint(by=the_system(), at=NOON)

    line = verify_ledger.parsed(path.read_bytes(), "file")

    assert verify_ledger.check_signed(line, "checkpoint", verify_ledger.CHECKPOINT, public_hex(key), "file")


def test_work_goes_on_after_a_checkpoint(key: Ed25519PrivateKey) -> None:
    publish_checkpoint(by=the_system(), at=NOON)

    eleven_entries(by=the_system())
    publish_checkpoint(by=the_system(), at=NOON + hours(20))

    assert not head_is_behind()
    assert texts() == []


def test_a_database_older_than_its_checkpoint_takes_no_more_entries(key: Ed25519PrivateKey) -> None:
    eleven_entries(by=the_system())
    publish_checkpoint(by=the_system(), at=NOON + hours(20))
    restore_old_backup(until=8)

    with pytest.raises(LedgerBehindCheckpoint, match="entries 9 to 12 are missing") as refused:
        eleven_entries(by=the_system())

    assert "Restore the newest backup" in refused.value.mend
    assert head().number == 8
    assert head_is_behind()
    assert "entries 9 to 12 are missing" in texts()[0]


def test_a_database_that_went_another_way_since_the_checkpoint_takes_no_more_entries(key: Ed25519PrivateKey) -> None:
    eleven_entries(by=the_system())
    path = publish_checkpoint(by=the_system(), at=NOON + hours(20))
    restore_old_backup(until=8)
    kept = path.read_bytes()
    path.unlink()
    eleven_entries(by=the_system())
    path.write_bytes(kept)

    with pytest.raises(LedgerBehindCheckpoint, match="Entry 12 is not the one"):
        eleven_entries(by=the_system())

    assert head().number == 19
    assert "Entry 12 is not the one" in texts()[0]


def test_an_old_database_opens_and_says_that_it_is_read_only(
    key: Ed25519PrivateKey, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    eleven_entries(by=the_system())
    publish_checkpoint(by=the_system(), at=NOON + hours(20))
    restore_old_backup(until=8)

    refuse_unsafe_start()

    said = capfd.readouterr().err + caplog.text
    assert "read_only" in said
    assert "entries 9 to 12 are missing" in said


def test_without_the_checkpoint_an_old_database_is_not_noticed(key: Ed25519PrivateKey) -> None:
    eleven_entries(by=the_system())
    publish_checkpoint(by=the_system(), at=NOON + hours(20)).unlink()
    restore_old_backup(until=8)

    eleven_entries(by=the_system())

    assert head().number == 19
    assert texts() == []


def test_no_checkpoint_is_published_by_a_database_that_is_behind(key: Ed25519PrivateKey, folder: Path) -> None:
    eleven_entries(by=the_system())
    publish_checkpoint(by=the_system(), at=NOON + hours(20))
    restore_old_backup(until=8)

    with pytest.raises(LedgerBehindCheckpoint):
        publish_checkpoint(by=the_system(), at=NOON + hours(21))

    assert [path.name for path in folder.iterdir()] == ["checkpoint-000000000012.json"]


def test_an_agreeing_checkpoint_is_read_once_and_not_with_each_append(
    key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_checkpoint(by=the_system(), at=NOON)
    eleven_entries(by=the_system())
    read: list[Path] = []
    monkeypatch.setattr(Path, "read_bytes", read.append)

    eleven_entries(by=the_system())

    assert read == []


def test_a_checkpoint_that_another_process_publishes_is_noticed_at_the_next_append(
    key: Ed25519PrivateKey, folder: Path
) -> None:
    publish_checkpoint(by=the_system(), at=NOON)
    eleven_entries(by=the_system())
    (folder / "checkpoint-000000000099.json").write_bytes(checkpoint_file(key, number=99, seal="a" * 64))

    with pytest.raises(LedgerBehindCheckpoint, match="knows entry 99"):
        eleven_entries(by=the_system())


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


Spoil = Callable[[Path, Ed25519PrivateKey], object]

SPOILT: dict[str, tuple[Spoil, str]] = {
    "edited": (
        lambda path, _: path.write_bytes(path.read_bytes().replace(b'er":12', b'er":11')),
        "changed after",
    ),
    "cut": (lambda path, _: path.write_bytes(path.read_bytes()[:80]), "not written as a checkpoint is"),
    "empty": (lambda path, _: path.write_bytes(b""), "not written as a checkpoint is"),
    "reformatted": (lambda path, _: path.write_text(json.dumps(json.loads(path.read_text()))), "not written as a"),
    "a list": (lambda path, _: path.write_bytes(b"[]\n"), "not written as a checkpoint is"),
    "not text": (lambda path, _: path.write_bytes(b"\xff\xfe"), "not written as a checkpoint is"),
    "under another name": (
        lambda path, _: path.rename(path.with_name("checkpoint-13.json")),
        "not named after",
    ),
    "a folder": (lambda path, _: made_a_folder(path), "cannot be read"),
}


@pytest.mark.parametrize(("spoil", "reason"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_newest_checkpoint_is_a_finding_and_stops_writing(
    spoil: Spoil, reason: str, key: Ed25519PrivateKey
) -> None:
    eleven_entries(by=the_system())
    spoil(publish_checkpoint(by=the_system(), at=NOON + hours(20)), key)
    _agreed.clear()

    with pytest.raises(CheckpointBroken, match=reason) as refused:
        eleven_entries(by=the_system())

    assert "together with quality" in refused.value.mend
    assert head_is_behind()
    assert reason in texts()[0]


def test_an_older_spoilt_checkpoint_is_a_finding(key: Ed25519PrivateKey) -> None:
    older = publish_checkpoint(by=the_system(), at=NOON)
    publish_checkpoint(by=the_system(), at=NOON + hours(1))
    older.write_bytes(older.read_bytes()[:-2])

    eleven_entries(by=the_system())

    assert [older.name in text for text in texts()] == [True]


def test_a_checkpoint_signed_by_another_key_is_a_finding(key: Ed25519PrivateKey, folder: Path) -> None:
    stranger = Ed25519PrivateKey.generate()
    the_system()
    folder.mkdir()
    forged = checkpoint_file(stranger, number=1, seal=head().seal)
    (folder / "checkpoint-000000000001.json").write_bytes(forged)

    assert "signed with another key" in texts()[0]


def test_checkpoints_without_a_key_cannot_be_proved(key: Ed25519PrivateKey, settings: Any) -> None:
    publish_checkpoint(by=the_system(), at=NOON)
    settings.BIOBANK_LEDGER_KEY_FILE = Path(settings.BIOBANK_LEDGER_KEY_FILE).with_name("gone.pem")

    assert "cannot be proved" in texts()[0]


def test_the_whole_proof_includes_checkpoints_and_guards(key: Ed25519PrivateKey) -> None:
    eleven_entries(by=the_system())
    publish_checkpoint(by=the_system(), at=NOON + hours(20))
    reached: list[int] = []
    whole = list(ledger_findings(reached.append))
    restore_old_backup(until=8)
    drop_guards(connection)

    said = [str(finding) for finding in ledger_findings()]

    install_guards(connection)
    assert whole == []
    assert reached == [13]
    assert "The guard biobank_ledgerentry_is_append_only is missing in the database." in said
    assert any("entries 9 to 12 are missing" in text for text in said)


def test_a_checkpoint_that_cannot_be_written_is_refused_unrecorded(key: Ed25519PrivateKey, folder: Path) -> None:
    system = the_system()
    folder.write_text("in the way")

    with pytest.raises((CheckpointNotWritten, CheckpointBroken)) as refused:
        publish_checkpoint(by=system, at=NOON)

    assert refused.value.mend
    assert head().number == 1


def test_every_refusal_of_a_checkpoint_has_a_next_step() -> None:
    refusals = (LedgerBehindCheckpoint, CheckpointBroken, CheckpointNotWritten, SigningKeyUnusable, SigningKeyExists)

    for refusal in refusals:
        assert issubclass(refusal, RuleViolation)
        assert refusal.mend
