"""The whole database as one file and back, by the database's own means; either is whole or did not happen."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, connections, transaction

from biobank.domain.backup import DATABASE_FILES, ArchiveBroken, BackupNotMade, Manifest, NotRestored
from biobank.queries.ledger import head
from biobank.services.client_program import run_client

Progress = Callable[[int, int, str], None]
PAGES = 2048
BUSY_SECONDS = 10
READY = "SELECT number, seal FROM biobank_ledgerhead WHERE id = 1"
# What the house has in a schema; a restore takes it away in the transaction that brings the other in.
_CLEAR = """
SET lock_timeout = '15s';
DO $$
DECLARE each record;
BEGIN
  FOR each IN SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname = current_schema()
  LOOP EXECUTE 'DROP TABLE ' || each.name || ' CASCADE'; END LOOP;
  FOR each IN SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'guard\\_%'
  LOOP EXECUTE 'DROP FUNCTION ' || each.name || ' CASCADE'; END LOOP;
END $$;
"""


@dataclass(frozen=True)
class Dumped:
    """A database's file, and the ledger's head in it."""

    path: Path
    number: int
    seal: str


def database_name() -> str:
    """Return the name of the database as a person would type it: of SQLite, the file's."""
    name = str(connection.settings_dict["NAME"])
    return Path(name).name if connection.vendor == "sqlite" else name


def is_empty() -> bool:
    """Whether the database holds no table."""
    if connection.vendor == "sqlite" and not _sqlite_path().exists():
        return True
    return not connection.introspection.table_names()


def dump_database(folder: Path, progress: Progress) -> Dumped:
    """Write the database as it is at one instant into a folder, while others go on working."""
    path = folder / DATABASE_FILES[connection.vendor]
    return _dump_sqlite(path, progress) if connection.vendor == "sqlite" else _dump_postgresql(path, progress)


def check_dump(path: Path, manifest: Manifest) -> None:
    """Refuse a SQLite file that is damaged or holds another ledger than stated; PostgreSQL proves its own."""
    if manifest.database != "sqlite":
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            sound = database.execute("PRAGMA quick_check").fetchone()
            ledger = database.execute(READY).fetchone()
    except sqlite3.Error as error:
        raise ArchiveBroken(f"Its database cannot be opened ({error}).") from None
    if sound != ("ok",) or (ledger or (0, manifest.seal)) != (manifest.number, manifest.seal):
        raise ArchiveBroken("Its database is damaged, or is not the one that its manifest speaks of.")


def load_database(path: Path, progress: Progress) -> None:
    """Put a dumped database in place of this one, whole or not at all.

    Raises ``NotRestored`` or ``ClientProgramFailed``; then everything is as it was.
    """
    progress(0, 1, "database")
    vendor = connection.vendor
    if vendor == "sqlite":
        _load_sqlite(path, progress)
    else:
        _load_postgresql(path)
    connections.close_all()
    progress(1, 1, "database")


def _sqlite_path() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _dump_sqlite(path: Path, progress: Progress) -> Dumped:
    source = f"{_sqlite_path().resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(source, uri=True)) as live, closing(sqlite3.connect(path)) as copy:
            live.backup(copy, pages=PAGES, progress=_watched(progress))
            # One file and nothing beside it: what is copied away must be all of it.
            copy.execute("PRAGMA journal_mode=DELETE")
            number, seal = copy.execute(READY).fetchone() or (0, head().seal)
    except sqlite3.Error as error:
        raise BackupNotMade(f"SQLite does not copy the database ({error}).") from None
    return Dumped(path, number, seal)


def _load_sqlite(path: Path, progress: Progress) -> None:
    target = _sqlite_path()
    was_there = target.exists()
    connections.close_all()
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target, timeout=BUSY_SECONDS)) as live:
            with _no_one_else(live):
                source.backup(live, pages=PAGES, progress=_watched(progress))
            live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        if not was_there:
            target.unlink(missing_ok=True)
        raise NotRestored(f"SQLite does not take the database ({error}). Are server and workers stopped?") from None


@contextmanager
def _no_one_else(database: sqlite3.Connection) -> Iterator[None]:
    """Fail soon while somebody writes: SQLite's own backup would wait for ever."""
    database.isolation_level = None
    database.execute("BEGIN IMMEDIATE")
    database.execute("ROLLBACK")
    yield


def _watched(progress: Progress) -> Callable[[int, int, int], None]:
    def step(status: int, remaining: int, total: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise sqlite3.OperationalError("database is locked")
        progress(total - remaining, total, "database")

    return step


def _dump_postgresql(path: Path, progress: Progress) -> Dumped:
    progress(0, 1, "database")
    # The head is read in the very state of the database that is dumped.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        ledger = head()
        run_client("pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={path}")
    progress(1, 1, "database")
    return Dumped(path, ledger.number, ledger.seal)


def _load_postgresql(path: Path) -> None:
    # As text, so that clearing and loading are one transaction of the one program that reads both.
    clear, script = path.with_suffix(".clear.sql"), path.with_suffix(".sql")
    clear.write_text(_CLEAR, encoding="utf-8")
    run_client("pg_restore", "--no-owner", f"--file={script}", str(path))
    connections.close_all()
    quiet = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction")
    run_client("psql", *quiet, f"--file={clear}", f"--file={script}")
