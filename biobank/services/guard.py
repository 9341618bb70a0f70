"""The guards inside the database: triggers that hold even against a statement typed past every service."""

from collections.abc import Iterable, Iterator
from typing import Any

import structlog
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from biobank.domain.refusal import Reason, RuleViolation
from biobank.queries.ledger import built_by_a_demo
from biobank.services import trigger
from biobank.services.standing import why_read_only
from biobank.services.trigger import Guard

log = structlog.get_logger(__name__)

# Rows that are written once. Every other table of ours at least never loses a row, apart from the disposable ones.
APPEND_ONLY = {"biobank.ledgerentry", "biobank.ledgersubject", "biobank.signature", "biobank.training"}
DISPOSABLE = {"biobank.job", "biobank.heartbeat", "biobank.idempotencykey", "biobank.attempts"}


def _signed_as(role: str) -> str:
    """Return SQL: whether someone of that role, at that time, signed what the entry ``e`` says was signed."""
    return (
        "EXISTS (SELECT 1 FROM biobank_signature s JOIN biobank_rolegrant g ON g.person_id = s.person_id"  # noqa: S608  a role of ours
        f" WHERE replace(e.body, s.content_sha256, '') <> e.body AND g.role = '{role}'"
        " AND g.granted_from <= s.signed_at AND (g.granted_until IS NULL OR g.granted_until > s.signed_at))"
    )


# A condition says when to refuse; it is SQL that both databases read alike.
LEDGER_GUARDS = (
    Guard(
        name="ledger_entry_follows_the_one_before",
        table="biobank_ledgerentry",
        event="INSERT",
        condition=(
            "NOT EXISTS (SELECT 1 FROM biobank_ledgerentry e WHERE e.number = NEW.number - 1 AND e.seal = NEW.previous)"
            " AND NOT (NEW.number = 1 AND NEW.previous = '"
            "0000000000000000000000000000000000000000000000000000000000000000')"
        ),
        message="A ledger entry takes the next number and seals the entry before it.",
    ),
    Guard(
        name="ledger_head_only_moves_forward",
        table="biobank_ledgerhead",
        event="UPDATE",
        condition=(
            "NOT (NEW.id = OLD.id AND NEW.number > OLD.number AND EXISTS (SELECT 1 FROM biobank_ledgerentry e"
            " WHERE e.number = NEW.number AND e.seal = NEW.seal))"
        ),
        message="The ledger's head only moves forward, to an entry that is there.",
    ),
    # Asked when the head moves and not at each entry: once for all that a service appends.
    Guard(
        name="ledger_is_resumed_by_administrator_and_quality",
        table="biobank_ledgerhead",
        event="UPDATE",
        condition=(
            "EXISTS (SELECT 1 FROM biobank_ledgerentry e WHERE e.kind = 'ledger.resumed'"  # noqa: S608  roles of ours
            " AND e.number > OLD.number AND e.number <= NEW.number"
            f" AND NOT ({_signed_as('administrator')} AND {_signed_as('quality_reviewer')}))"
        ),
        message="A record older than its checkpoints is resumed by administrator and quality together.",
    ),
)

PEOPLE_GUARDS = (
    Guard(
        name="person_keeps_the_username",
        table="biobank_person",
        event="UPDATE",
        condition="NEW.username <> OLD.username",
        message="A username belongs to one person for ever.",
    ),
    Guard(
        name="role_grant_only_ends",
        table="biobank_rolegrant",
        event="UPDATE",
        condition=(
            "NEW.person_id <> OLD.person_id OR NEW.role <> OLD.role OR NEW.granted_from <> OLD.granted_from"
            " OR NEW.granted_by_id <> OLD.granted_by_id OR NEW.granted_until IS NULL"
            " OR NEW.granted_until > OLD.granted_until"
        ),
        message="A grant of a role is never changed; it only ends, or ends earlier.",
    ),
)

_declared: dict[str, Guard] = {}
_append_only = set(APPEND_ONLY)


class UnsafeStart(RuleViolation):
    """The database does not keep its promises by itself, so nothing is served or written."""

    code = "unsafe-start"
    title = "The database is not protected"
    mend = "Run “manage.py migrate” with the database's owner, and start again."


class DemoDatabase(UnsafeStart):
    """The database was built by a demo, whose people and passwords are known to everyone."""

    code = "demo-database"
    title = "This is a demo's database"
    mend = "Point DATABASE_URL at the bank's own database; a demo's people never sign in to a bank."


def declare_guards(guards: Iterable[Guard] = (), *, append_only: Iterable[str] = ()) -> None:
    """Add an app's own guards, and its models (``app.model``) whose rows are written once.

    Called by the app's ``receivers.py``.
    """
    _declared.update({guard.name: guard for guard in guards})
    _append_only.update(label.lower() for label in append_only)


def expected_guards() -> list[Guard]:
    """Return every guard of the house, whether its table exists or not."""
    general = [guard for model in _our_models() for guard in _guards_of(model)]
    return [*general, *LEDGER_GUARDS, *PEOPLE_GUARDS, *_declared.values()]


def install_guards(connection: BaseDatabaseWrapper) -> None:
    """Put every guard in place whose table exists, in place of whatever guards there were."""
    drop_guards(connection)
    trigger.create(connection, _applicable(connection))


def drop_guards(connection: BaseDatabaseWrapper) -> None:
    """Take every guard away, also those of an earlier version: only for a migration, or a test's flush."""
    trigger.drop_all(connection)


def missing_guards(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of guards that are absent, switched off or not what they should be."""
    return sorted(guard.name for guard in trigger.absent(connection, _applicable(connection)))


def unsafe_start_reasons(connection: BaseDatabaseWrapper) -> list[str]:
    """Return why this database must not be served, a sentence each."""
    executor = MigrationExecutor(connection)
    if unapplied := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return [f"{len(unapplied)} migrations are not applied."]
    return unprotected_reasons(connection)


def unprotected_reasons(connection: BaseDatabaseWrapper) -> list[str]:
    """Return what the database lacks to keep its promises by itself, a sentence each."""
    reasons = list(_wrong_settings(connection))
    if missing := missing_guards(connection):
        shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        reasons.append(f"{len(missing)} guards are missing in the database: {shown}.")
    return reasons


def refuse_unsafe_start(using: str = "default") -> None:
    """Refuse to serve or write a database whose migrations, settings or guards are not as they must be.

    Raises ``UnsafeStart`` with every reason, ``DemoDatabase`` outside demo settings. A database older than its
    checkpoint opens, read-only.
    """
    if reasons := unsafe_start_reasons(connections[using]):
        raise UnsafeStart("The database is not safe to use.", reasons=[Reason(reason) for reason in reasons])
    if not settings.BIOBANK_DEMO and built_by_a_demo():
        raise DemoDatabase("This database was built by a demo, and these settings are not a demo's.")
    # An old database is still worth reading: it opens, says so, and the ledger takes no entry.
    if why := why_read_only():
        log.error("read_only", why=why)


def _our_models() -> Iterator[type[Model]]:
    # Every app of the shape that this one has is ours; models of other people's apps are theirs to delete from.
    house = type(apps.get_app_config("biobank")).__base__ or object
    for config in apps.get_app_configs():
        if isinstance(config, house):
            yield from config.get_models(include_auto_created=True)


def _guards_of(model: type[Model]) -> Iterator[Guard]:
    table, label = model._meta.db_table, model._meta.label_lower  # noqa: SLF001  Django documents it
    if label in DISPOSABLE:
        return
    lost = f"Nothing is deleted from {table}."
    yield Guard(name=f"{table}_keeps_its_rows", table=table, event="DELETE", message=lost)
    yield Guard(name=f"{table}_is_never_emptied", table=table, event="TRUNCATE", message=lost)
    if label in _append_only:
        kept = f"A row of {table} is never changed."
        yield Guard(name=f"{table}_is_append_only", table=table, event="UPDATE", message=kept)


def _applicable(connection: BaseDatabaseWrapper) -> list[Guard]:
    tables = set(connection.introspection.table_names())
    guards = [guard for guard in expected_guards() if guard.table in tables]
    # SQLite knows no TRUNCATE: there, a table is emptied by deleting its rows.
    return [guard for guard in guards if connection.vendor != "sqlite" or guard.event != "TRUNCATE"]


def _wrong_settings(connection: BaseDatabaseWrapper) -> Iterator[str]:
    expected: dict[str, tuple[Any, ...]] = (
        {
            "PRAGMA foreign_keys": (1,),
            "PRAGMA recursive_triggers": (1,),
            "PRAGMA synchronous": (2, 3),
            "PRAGMA journal_mode": ("wal",),
        }
        if connection.vendor == "sqlite"
        else {"SHOW session_replication_role": ("origin",)}
    )
    with connection.cursor() as cursor:
        for question, allowed in expected.items():
            cursor.execute(question)
            value = cursor.fetchone()[0]
            if value not in allowed:
                yield f"“{question}” answers {value}, where it must be {allowed[0]}."
    options = connection.settings_dict["OPTIONS"]
    if connection.vendor == "sqlite" and options.get("transaction_mode") != "IMMEDIATE":
        yield "The option transaction_mode of the database must be IMMEDIATE."
