"""Making a backup: one archive of database, documents and checkpoints, with a signed manifest and without any key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from biobank.domain.backup import BackupNotMade, Manifest, may_be_member
from biobank.domain.ledger import written_time
from biobank.exchange.archive import opened_archive, write_archive
from biobank.services.dump import dump_database
from biobank.services.durable_file import durable_file
from biobank.services.signing_key import public_key_of, signing_key

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Backup:
    """A backup that was made, and the files of the two folders that were left out of it."""

    path: Path
    manifest: Manifest
    left_out: tuple[str, ...]


def backup_path(at: datetime) -> Path:
    """Return where a backup goes that nobody gave a place."""
    return Path(settings.BIOBANK_VAR) / "backups" / f"biobank-{at:%Y%m%dT%H%M%SZ}.zip"


def make_backup(path: Path, *, at: datetime, progress: Progress) -> Backup:
    """Write the whole bank but its keys into one new file, read it back, and return what it holds.

    On any fault nothing is left. Raises ``BackupNotMade``, ``SigningKeyUnusable``, and what the database's programs
    refuse with.
    """
    if path.exists():
        raise BackupNotMade(f"{path} is there already, and a backup is never written over another.")
    key = signing_key()
    path.parent.mkdir(parents=True, exist_ok=True)
    found = list(_files())
    kept = [(name, file) for name, file in found if may_be_member(name)]
    with TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        dumped = dump_database(Path(folder), progress)
        manifest = Manifest(
            at=written_time(at),
            database=connection.vendor,
            number=dumped.number,
            seal=dumped.seal,
            migrations=_migrations(),
            public_key=public_key_of(key),
        )
        with durable_file(path, mode=0o600) as stream:
            sources = [(dumped.path.name, dumped.path), *kept]
            manifest = write_archive(stream, manifest, sources, key=key, progress=progress)
    with opened_archive(path) as archive:
        archive.check(progress)
    return Backup(path, manifest, tuple(name for name, _ in found if not may_be_member(name)))


def _files() -> Iterator[tuple[str, Path]]:
    """Yield the files beside the database that belong to the record, as they are named in the archive."""
    for kind, folder in (("reports", settings.BIOBANK_REPORTS_DIR), ("checkpoints", settings.BIOBANK_CHECKPOINT_DIR)):
        if Path(folder).is_dir():
            files = (path for path in sorted(Path(folder).iterdir()) if path.is_file() and not path.is_symlink())
            # What begins with a dot is on its way to its name.
            yield from ((f"{kind}/{path.name}", path) for path in files if not path.name.startswith("."))


def _migrations() -> tuple[str, ...]:
    return tuple(sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()))
