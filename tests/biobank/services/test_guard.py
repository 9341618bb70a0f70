"""The database refuses by itself what no service would do; without the guard it goes through, and verify finds it."""

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from biobank.checks import check_guards
from biobank.models.ledger import LedgerSubject
from biobank.models.person import Person
from biobank.models.signature import Attempts
from biobank.queries.proof import chain_findings
from biobank.services.guard import (
    DISPOSABLE,
    LEDGER_GUARDS,
    UnsafeStart,
    drop_guards,
    expected_guards,
    install_guards,
    missing_guards,
    refuse_unsafe_start,
    unsafe_start_reasons,
)
from biobank.services.trigger import Guard
from tests.factories.ledger import eleven_entries
from tests.factories.person import the_system
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> None:
    eleven_entries(by=the_system())


@pytest.fixture
def unguarded() -> Iterator[None]:
    drop_guards(connection)
    yield
    install_guards(connection)


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.postgresql
def test_no_table_is_truncated(ledger: None) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")

    for table in ("biobank_ledgersubject", "biobank_ledgerentry", "biobank_person"):
        with pytest.raises(IntegrityError, match=f"Nothing is deleted from {table}"):
            run(f"TRUNCATE {table} CASCADE")

    assert LedgerSubject.objects.exists()


@pytest.mark.sqlite
def test_replacing_a_row_is_refused_as_deleting_it_is(ledger: None) -> None:
    with pytest.raises(IntegrityError, match="Nothing is deleted"):
        run("REPLACE INTO biobank_ledgerentry SELECT * FROM biobank_ledgerentry WHERE number = 12")

    assert not list(chain_findings())


@pytest.mark.sqlite
def test_without_recursive_triggers_replacing_a_row_goes_through(ledger: None) -> None:
    run("DROP TRIGGER guard_ledger_entry_follows_the_one_before")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = OFF")

    try:
        run(
            "REPLACE INTO biobank_ledgersubject (id, entry_id, code)"
            " SELECT id, entry_id, 'X' FROM biobank_ledgersubject WHERE entry_id = 5"
        )
        reasons = unsafe_start_reasons(connection)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers = ON")

    assert LedgerSubject.objects.get(entry_id=5).code == "X"
    assert any("recursive_triggers" in reason for reason in reasons)


def test_a_person_cannot_be_deleted() -> None:
    system = the_system()

    with pytest.raises(IntegrityError, match="Nothing is deleted from biobank_person"), transaction.atomic():
        Person.objects.filter(pk=system.pk)._raw_delete("default")

    assert Person.objects.filter(pk=system.pk).exists()


def test_without_guards_a_person_is_deleted(unguarded: None) -> None:
    person = Person.objects.create(
        username="gone", is_service=True, time_zone="UTC", password_changed_at=NOON, created_at=NOON
    )

    Person.objects.filter(pk=person.pk)._raw_delete("default")

    assert not Person.objects.filter(pk=person.pk).exists()


def test_disposable_rows_may_be_deleted() -> None:
    Attempts.objects.create(username="ana", wrong_count=1)

    Attempts.objects.all().delete()

    assert not Attempts.objects.exists()


def our_models() -> list[type[Model]]:
    labels = ("biobank", "consent", "inventory")
    return [model for label in labels for model in apps.get_app_config(label).get_models(include_auto_created=True)]


def test_every_table_of_ours_keeps_its_rows_but_the_disposable_ones() -> None:
    kept = {guard.table for guard in expected_guards() if guard.event == "DELETE"}

    unkept = {model._meta.label_lower for model in our_models() if model._meta.db_table not in kept}

    assert unkept == DISPOSABLE
    assert {model._meta.label_lower for model in our_models()} >= DISPOSABLE


def test_the_test_database_has_every_guard() -> None:
    assert missing_guards(connection) == []
    assert {guard.name for guard in LEDGER_GUARDS} < {guard.name for guard in expected_guards()}


def test_dropped_guards_are_named_and_return() -> None:
    drop_guards(connection)
    gone = missing_guards(connection)

    install_guards(connection)

    assert "biobank_ledgerentry_is_append_only" in gone
    assert len(gone) > 20
    assert missing_guards(connection) == []


def test_installing_twice_is_no_harm() -> None:
    install_guards(connection)
    install_guards(connection)

    assert missing_guards(connection) == []


@pytest.mark.sqlite
def test_a_hollow_guard_of_the_right_name_is_missing_on_sqlite() -> None:
    name = "biobank_ledgerentry_is_append_only"
    run(f"DROP TRIGGER guard_{name}")
    run(f"CREATE TRIGGER guard_{name} BEFORE UPDATE ON biobank_ledgerentry WHEN 0 BEGIN SELECT 1; END")

    assert missing_guards(connection) == [name]


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE biobank_ledgerentry DISABLE TRIGGER guard_biobank_ledgerentry_is_append_only",
        "ALTER TABLE biobank_ledgerentry ENABLE REPLICA TRIGGER guard_biobank_ledgerentry_is_append_only",
        (
            "CREATE OR REPLACE FUNCTION guard_biobank_ledgerentry_is_append_only() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NEW; END'"
        ),
        (
            "DROP TRIGGER guard_biobank_ledgerentry_is_append_only ON biobank_ledgerentry; CREATE TRIGGER"
            " guard_biobank_ledgerentry_is_append_only BEFORE UPDATE OF kind ON biobank_ledgerentry FOR EACH ROW"
            " EXECUTE FUNCTION guard_biobank_ledgerentry_is_append_only()"
        ),
        (
            "DROP TRIGGER guard_biobank_ledgerentry_is_append_only ON biobank_ledgerentry; CREATE TRIGGER"
            " guard_biobank_ledgerentry_is_append_only BEFORE UPDATE ON biobank_ledgerentry FOR EACH ROW WHEN (false)"
            " EXECUTE FUNCTION guard_biobank_ledgerentry_is_append_only()"
        ),
    ],
)
def test_a_guard_that_is_switched_off_or_hollow_is_missing_on_postgresql(statement: str) -> None:
    run(statement)

    assert missing_guards(connection) == ["biobank_ledgerentry_is_append_only"]


def test_a_safe_database_starts() -> None:
    refuse_unsafe_start()


def test_a_start_without_guards_is_refused_with_the_next_step(unguarded: None) -> None:
    with pytest.raises(UnsafeStart, match="guards are missing in the database") as refused:
        refuse_unsafe_start()

    assert "manage.py migrate" in refused.value.mend


def test_the_check_says_what_the_start_would(unguarded: None) -> None:
    assert check_guards(databases=None) == []
    assert "guards are missing" in check_guards(databases=["default"])[0].msg


@pytest.mark.sqlite
@pytest.mark.parametrize("setting", ["recursive_triggers"])
def test_a_start_without_a_needed_setting_is_refused(setting: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {setting} = OFF")

    try:
        with pytest.raises(UnsafeStart, match=setting):
            refuse_unsafe_start()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {setting} = ON")


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("off", "on", "named"),
    [
        ("foreign_keys = OFF", "foreign_keys = ON", "foreign_keys"),
        ("synchronous = NORMAL", "synchronous = FULL", "synchronous"),
    ],
)
def test_a_start_without_a_setting_that_only_changes_outside_a_transaction_is_refused(
    off: str, on: str, named: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {off}")

    try:
        reasons = unsafe_start_reasons(connection)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {on}")

    assert len(reasons) == 1
    assert named in reasons[0]


@pytest.mark.sqlite
def test_a_start_with_deferred_transactions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")

    assert unsafe_start_reasons(connection) == ["The option transaction_mode of the database must be IMMEDIATE."]


@pytest.mark.postgresql
def test_a_start_with_triggers_off_for_the_session_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    reasons = unsafe_start_reasons(connection)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")

    assert any("session_replication_role" in reason for reason in reasons)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Guard(name="x" * 60, table="t", event="UPDATE", message="m"),
        lambda: Guard(name="no spaces", table="t", event="UPDATE", message="m"),
        lambda: Guard(name="name", table="t", event="SELECT", message="m"),
    ],
)
def test_a_guard_that_a_database_would_misread_cannot_be_declared(build: Callable[[], Guard]) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a guard"):
        build()
