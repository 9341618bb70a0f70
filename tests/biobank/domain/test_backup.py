"""Which backup may be restored where, and what must be typed to lose a database."""

from dataclasses import replace

import pytest

from biobank.domain.backup import (
    ArchiveBroken,
    BackupNotMade,
    Manifest,
    MigrationsWaiting,
    NotRestored,
    check_may_replace,
    check_restorable,
    manifest_of,
    may_be_member,
)

MANIFEST = Manifest(
    at="2026-03-14T12:00:00.000000Z",
    database="postgresql",
    number=12,
    seal="ab" * 32,
    migrations=("biobank.0001_initial", "consent.0001_initial"),
    public_key="cd" * 32,
)
KNOWN = {"biobank.0001_initial", "consent.0001_initial", "inventory.0001_initial"}


def test_a_backup_of_this_database_and_version_is_restorable() -> None:
    check_restorable(MANIFEST, database="postgresql", known_migrations=KNOWN)


@pytest.mark.parametrize(
    ("manifest", "database", "words"),
    [
        (MANIFEST, "sqlite", "It is a backup of postgresql, and DATABASE_URL names sqlite."),
        (replace(MANIFEST, migrations=("biobank.0099_later",)), "postgresql", "knows 'biobank.0099_later'"),
    ],
)
def test_a_backup_of_elsewhere_or_later_is_refused(manifest: Manifest, database: str, words: str) -> None:
    with pytest.raises(NotRestored, match=words):
        check_restorable(manifest, database=database, known_migrations=KNOWN)


@pytest.mark.parametrize("typed", ["", "other", "Biobank", "biobank "])
def test_a_database_is_lost_only_by_its_very_name(typed: str) -> None:
    with pytest.raises(NotRestored, match="biobank") as refused:
        check_may_replace(is_empty=False, name="biobank", typed=typed)

    assert "--force biobank" in refused.value.mend


def test_an_empty_database_needs_no_name_and_a_typed_one_is_taken() -> None:
    check_may_replace(is_empty=True, name="biobank", typed="")
    check_may_replace(is_empty=False, name="biobank", typed="biobank")


def test_a_manifest_says_the_same_when_it_is_read_back() -> None:
    assert manifest_of(MANIFEST.stated()) == MANIFEST


@pytest.mark.parametrize(
    "name", ["", "..", "../a", "/etc/passwd", "reports/", "reports/..", "reports/a/b", "keys/ledger.pem", "a\0b"]
)
def test_no_name_leads_out_of_the_two_folders(name: str) -> None:
    assert not may_be_member(name)


def test_every_refusal_has_a_next_step() -> None:
    assert all(each.mend for each in (ArchiveBroken, BackupNotMade, MigrationsWaiting, NotRestored))
