"""Restoring a backup: proved before anything is touched, put in place whole, and held to the checkpoints outside it."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from biobank.domain.backup import (
    ArchiveBroken,
    Manifest,
    MigrationsWaiting,
    check_may_replace,
    check_restorable,
)
from biobank.exchange.archive import Archive, opened_archive
from biobank.exchange.ledger import fingerprint
from biobank.services.dump import check_dump, database_name, is_empty, load_database
from biobank.services.durable_file import durable_file
from biobank.services.guard import install_guards
from biobank.services.signing_key import public_key_of, signing_key
from biobank.services.standing import why_read_only

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Restored:
    """What came back, and why it stays read-only, where it does; checkpoints that lay there otherwise were kept."""

    manifest: Manifest
    read_only: str
    kept: tuple[str, ...]


def check_backup(path: Path, *, progress: Progress) -> Manifest:
    """Prove a backup without restoring it; return what it holds. Raises ``ArchiveBroken``."""
    with opened_archive(path) as archive:
        _check_signer(archive.manifest)
        archive.check(progress)
        return archive.manifest


def key_is_here() -> bool:
    """Whether the bank's own key lies here, to hold a backup's signature to."""
    return Path(settings.BIOBANK_LEDGER_KEY_FILE).exists()


def restore_backup(path: Path, *, force: str = "", progress: Progress) -> Restored:
    """Put a backup in the place of an empty database; ``force`` is the typed name of one to be written over.

    Raises ``ArchiveBroken`` or ``NotRestored`` before anything is touched, ``MigrationsWaiting`` when the data is back
    in the shape of an earlier version.
    """
    manifest = check_backup(path, progress=progress)
    check_restorable(manifest, database=connection.vendor, known_migrations=_known_migrations())
    check_may_replace(is_empty=is_empty(), name=database_name(), typed=force)
    with opened_archive(path) as archive, TemporaryDirectory(dir=_beside(), prefix=".restore-") as folder:
        dump = Path(folder) / manifest.database_file
        with dump.open("wb") as target:
            archive.extract(manifest.database_file, target)
        check_dump(dump, manifest)
        # Files first: they only add, and the database that needs them comes whole or not at all.
        _put_back(archive, "reports/", Path(settings.BIOBANK_REPORTS_DIR), replace=True)
        kept = _put_back(archive, "checkpoints/", Path(settings.BIOBANK_CHECKPOINT_DIR), replace=False)
        load_database(dump, progress)
    _check_migrations()
    install_guards(connection)
    return Restored(manifest, why_read_only(), kept)


def _check_signer(manifest: Manifest) -> None:
    """Refuse a backup that another key signed; without the bank's key, its fingerprint is for a person to compare."""
    if key_is_here() and public_key_of(signing_key()) != manifest.public_key:
        raise ArchiveBroken(
            f"It is signed with another key than the bank's: {fingerprint(manifest.public_key)}.",
            mend="If the key was changed since, restore with the key that was in use then. Nothing was touched.",
        )


def _known_migrations() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def _beside() -> Path:
    folder = Path(settings.BIOBANK_VAR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _put_back(archive: Archive, prefix: str, folder: Path, *, replace: bool) -> tuple[str, ...]:
    """Put the files of one folder back where they are missing; return those that lie there with another content."""
    others = []
    for member in archive.manifest.files:
        if not member.name.startswith(prefix):
            continue
        path = folder / member.name.removeprefix(prefix)
        there = sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        if there not in {"", member.sha256}:
            others.append(path.name)
        if there != member.sha256 and (replace or not there):
            with durable_file(path) as target:
                archive.extract(member.name, target)
    return tuple(others)


def _check_migrations() -> None:
    executor = MigrationExecutor(connection)
    if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MigrationsWaiting(f"The data is restored, but {len(waiting)} migrations are not applied to it.")
