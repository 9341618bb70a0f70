"""A bank of a few entries on this run's kind of database, run as a server's operator runs it, and empty ones beside."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connection

from tests.factories.demo_bank import Ended, manage, run

REPORT = "custody-0001.pdf"
_numbers = count(1)


@dataclass(frozen=True)
class SmallBank:
    """A folder and a database's address."""

    var: Path
    url: str

    @property
    def name(self) -> str:
        """The database's name, as an operator types it."""
        return "biobank.sqlite3" if self.url == "sqlite://" else self.url.rpartition("/")[2]

    @property
    def backups(self) -> list[Path]:
        """The backups that were made, the oldest first."""
        return sorted((self.var / "backups").glob("*.zip"))

    def manage(self, *arguments: str, **variables: str) -> Ended:
        """Run manage.py on this bank, which is no demo."""
        return manage(*arguments, **self._variables(**variables))

    def run(self, *command: str, **variables: str) -> Ended:
        """Run any command on this bank."""
        return run(*command, **self._variables(**variables))

    def head(self) -> str:
        """What the record says of itself: entries and the head's seal."""
        return self.manage("verify", "--json").out

    def _variables(self, **variables: str) -> dict[str, str]:
        ours = {"BIOBANK_VAR": str(self.var), "DATABASE_URL": self.url, "BIOBANK_DEMO": "no"}
        return ours | {"DJANGO_SETTINGS_MODULE": "biobank.settings.local"} | variables


@cache
def _first() -> SmallBank:
    """Make the bank that the others are copies of: migrated, with its key, a checkpoint and a kept file."""
    var = Path(tempfile.mkdtemp(prefix="biobank-small-")) / "var"
    atexit.register(shutil.rmtree, var.parent, ignore_errors=True)
    bank = SmallBank(var, _new_database())
    for arguments in (("migrate", "-v0"), ("checkpoint", "--create-key")):
        ended = bank.manage(*arguments)
        assert ended.status == 0, ended.said
    (var / "reports").mkdir()
    (var / "reports" / REPORT).write_bytes(b"%PDF-1.7 invented\n" * 100)
    return bank


@cache
def _first_backup() -> Path:
    """Back up the bank that the others are copies of."""
    backup = _first().var.parent / "biobank.zip"
    ended = _first().manage("backup", "--output", str(backup))
    assert ended.status == 0, ended.said
    return backup


def backup_of(bank: SmallBank) -> Path:
    """Put a backup of a bank as it was made among its backups."""
    folder = bank.var / "backups"
    folder.mkdir()
    return Path(shutil.copy2(_first_backup(), folder))


def small_bank(var: Path) -> SmallBank:
    """Return a bank of its own in a folder."""
    first = _first()
    shutil.copytree(first.var, var)
    return SmallBank(var, _new_database(first))


def empty_bank(var: Path, *, keys_of: SmallBank | None = None) -> SmallBank:
    """Return a place for a bank: an empty database, and nothing beside it but the keys of another bank."""
    var.mkdir()
    if keys_of is not None:
        shutil.copytree(keys_of.var / "keys", var / "keys")
    return SmallBank(var, _new_database())


def _new_database(template: SmallBank | None = None) -> str:
    if connection.vendor == "sqlite":
        return "sqlite://"
    name = f"{connection.settings_dict['NAME']}_small_{next(_numbers)}"
    with _server() as server:
        server.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template.name}" if template else ""))
    atexit.register(_drop, name)
    parts = connection.settings_dict
    person = quote(parts["USER"], safe="") + (f":{quote(parts['PASSWORD'], safe='')}" if parts["PASSWORD"] else "")
    port = f":{parts['PORT']}" if parts["PORT"] else ""
    return f"postgresql://{person}@{quote(parts['HOST'], safe='')}{port}/{name}"


@contextmanager
def _server() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    parts = connection.settings_dict
    given = {"host": parts["HOST"], "port": parts["PORT"], "user": parts["USER"], "password": parts["PASSWORD"]}
    stated = {key: value for key, value in given.items() if value}
    with psycopg.connect(dbname="postgres", autocommit=True, **stated) as server:
        yield server


def _drop(name: str) -> None:
    try:
        with _server() as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    except psycopg.OperationalError:
        # The server of the run went first, and took its databases along.
        return
