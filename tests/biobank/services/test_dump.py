"""A database becomes one file and comes back whole, or stays as it was."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from biobank.domain.backup import NotRestored
from biobank.domain.refusal import RuleViolation
from biobank.queries.ledger import head
from biobank.services import dump
from biobank.services.dump import database_name, dump_database, is_empty, load_database
from tests.factories.ledger import eleven_entries
from tests.factories.person import the_system

pytestmark = pytest.mark.django_db(transaction=True)


def silent(_done: int, _total: int, _what: str) -> None:
    """Show nothing."""


def test_a_dump_states_the_head_that_is_in_it(tmp_path: Path) -> None:
    eleven_entries(by=the_system())

    dumped = dump_database(tmp_path, silent)

    assert (dumped.number, dumped.seal) == (12, head().seal)
    assert dumped.path.stat().st_size > 0
    assert list(tmp_path.iterdir()) == [dumped.path]


def test_a_dump_that_is_cut_is_not_loaded_and_all_stays_as_it_was(tmp_path: Path) -> None:
    eleven_entries(by=the_system())
    path = dump_database(tmp_path, silent).path
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    eleven_entries(by=the_system())

    with pytest.raises(RuleViolation):
        load_database(path, silent)

    assert head().number == 23
    assert not is_empty()


@pytest.mark.sqlite
def test_a_database_that_somebody_writes_to_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    eleven_entries(by=the_system())
    path = dump_database(tmp_path, silent).path
    monkeypatch.setattr(dump, "BUSY_SECONDS", 0.1)

    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotRestored, match="Are server and workers stopped"):
            load_database(path, silent)

    assert head().number == 12


@pytest.mark.sqlite
def test_readers_go_on_while_sqlite_is_copied_and_put_back(tmp_path: Path) -> None:
    eleven_entries(by=the_system())
    path = dump_database(tmp_path, silent).path
    eleven_entries(by=the_system())

    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as reader:
        assert reader.execute("SELECT number FROM biobank_ledgerhead").fetchone() == (23,)
        load_database(path, silent)
        assert reader.execute("SELECT number FROM biobank_ledgerhead").fetchone() == (12,)

    assert head().number == 12


def test_the_name_that_is_typed_is_the_database_s_own() -> None:
    assert str(connection.settings_dict["NAME"]).endswith(database_name())
    assert "/" not in database_name()
