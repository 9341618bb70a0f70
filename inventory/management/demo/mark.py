"""How a demo's database is known, and how it is removed: only one so marked, only under var/, never behind a URL."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection

from biobank.domain.refusal import RuleViolation
from biobank.models.ledger import LedgerEntry
from biobank.models.person import Person

# SQLite keeps this number in the file for whoever made it: "CBBD", cord-blood bank demo.
DEMO_FILE = 0x43424244


class DemoRefused(RuleViolation):
    """A demo cannot be built or removed here."""

    code = "demo-refused"
    title = "No demo here"


def check_settings() -> None:
    """Refuse the demo's people and keys where the settings are not a demo's."""
    if not settings.BIOBANK_DEMO:
        mend = "Use biobank.settings.local without BIOBANK_DEMO=no, on a machine that is not a bank's."
        raise DemoRefused("These settings are not a demo's: its people and keys are known to everyone.", mend=mend)


def check_empty() -> None:
    """Refuse to build into a bank that has anything in it."""
    if Person.objects.exists() or LedgerEntry.objects.exists():
        mend = "Run “python manage.py demo --reset” to remove a demo's own database, or give an empty DATABASE_URL."
        raise DemoRefused("This bank is not empty.", mend=mend)


def mark_database() -> None:
    """Mark the database file as a demo's; a server's database is never marked, because it is never removed."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA application_id = {DEMO_FILE}")


def remove_demo() -> None:
    """Remove a demo's database with the checkpoints, reports and queues beside it; nothing where there is none."""
    file = _demo_file()
    if file is None:
        return
    connection.close()
    for path in _leftovers(file):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _demo_file() -> Path | None:
    if os.environ.get("DATABASE_URL"):
        raise DemoRefused("--reset never removes a database behind DATABASE_URL.", mend="Unset DATABASE_URL.")
    file = Path(settings.DATABASES["default"]["NAME"]).resolve()
    if not file.is_relative_to(Path(settings.BIOBANK_VAR).resolve()):
        raise DemoRefused(f"{file} does not lie under {settings.BIOBANK_VAR}.", mend="Remove it yourself.")
    if not file.exists() or _asked(file, "SELECT count(*) FROM sqlite_master") == 0:
        return None
    if _asked(file, "PRAGMA application_id") != DEMO_FILE:
        raise DemoRefused(f"{file} was not made by a demo.", mend="Move it away if you are sure, then try again.")
    return file


def _asked(file: Path, question: str) -> object:
    """Return the one value that the file answers; None where it is no database at all."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            return database.execute(question).fetchone()[0]
    except sqlite3.DatabaseError:
        return None


def _leftovers(file: Path) -> Iterator[Path]:
    inside = (settings.BIOBANK_CHECKPOINT_DIR, settings.BIOBANK_REPORTS_DIR, settings.BIOBANK_VAR / "celery")
    beside = (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm"))
    for path in (*map(Path, inside), *beside):
        if path.exists() and path.resolve().is_relative_to(Path(settings.BIOBANK_VAR).resolve()):
            yield path
