"""How a guard becomes a trigger on PostgreSQL and on SQLite."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "guard_"
# What pg_trigger.tgtype holds: BEFORE, for each row unless it is TRUNCATE, and the event.
_TYPES = {"INSERT": 2 | 1 | 4, "DELETE": 2 | 1 | 8, "UPDATE": 2 | 1 | 16, "TRUNCATE": 2 | 32}
_DROP_ALL = """
DO $$
DECLARE each record;
BEGIN
  FOR each IN SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'guard\\_%'
  LOOP EXECUTE 'DROP FUNCTION ' || each.name || ' CASCADE'; END LOOP;
END $$
"""
_PRESENT = """
SELECT t.tgname, c.relname, t.tgtype, p.prosrc FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''
"""


@dataclass(frozen=True)
class Guard:
    """A rule that the database enforces by itself.

    ``event`` is INSERT, UPDATE, DELETE or TRUNCATE. ``condition`` says in SQL over NEW and OLD, read alike by both
    databases, when a row is refused; empty means always. ``message`` is a sentence, seen in logs.
    """

    name: str
    table: str
    event: str
    message: str
    condition: str = ""

    def __post_init__(self) -> None:
        """Refuse a guard that a database would cut short or misread."""
        if len(self.trigger) > 63 or not self.trigger.isidentifier() or self.event not in _TYPES:
            raise ValueError(f"{self.name} cannot be the name of a guard on {self.event}.")

    @property
    def trigger(self) -> str:
        """The name of the trigger, and on PostgreSQL of its function."""
        return f"{PREFIX}{self.name}"


def create(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> None:
    """Create the triggers of the guards."""
    statements = [_sqlite(guard) for guard in guards] if _is_sqlite(connection) else _postgresql(guards)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def drop_all(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger of ours, known to this version or not."""
    with connection.cursor() as cursor:
        if not _is_sqlite(connection):
            cursor.execute(_DROP_ALL)
            return
        for name in _on_sqlite(connection):
            cursor.execute(f'DROP TRIGGER "{name}"')


def absent(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> list[Guard]:
    """Return the guards without a trigger that is exactly theirs and switched on."""
    if _is_sqlite(connection):
        texts = set(_on_sqlite(connection).values())
        return [guard for guard in guards if _sqlite(guard) not in texts]
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT)
        present = set(cursor.fetchall())
    return [g for g in guards if (g.trigger, g.table, _TYPES[g.event], _function_body(g)) not in present]


def _is_sqlite(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "sqlite"


def _on_sqlite(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {name: sql for name, sql in cursor.fetchall() if name.startswith(PREFIX)}


def _sqlite(guard: Guard) -> str:
    when = f"WHEN {guard.condition} " if guard.condition else ""
    refuse = f"SELECT RAISE(ABORT, {_quoted(guard.message)})"
    return f'CREATE TRIGGER {guard.trigger} BEFORE {guard.event} ON "{guard.table}" {when}BEGIN {refuse}; END'


def _postgresql(guards: Iterable[Guard]) -> list[str]:
    statements = []
    for guard in guards:
        function, each = f"{guard.trigger}()", "STATEMENT" if guard.event == "TRUNCATE" else "ROW"
        where = f'BEFORE {guard.event} ON "{guard.table}" FOR EACH {each}'
        body = f"$guard${_function_body(guard)}$guard$"
        statements.append(f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS {body}")
        statements.append(f"CREATE TRIGGER {guard.trigger} {where} EXECUTE FUNCTION {function}")
    # One round trip: the suite does this after every test that commits.
    return [";\n".join(statements)] if statements else []


def _function_body(guard: Guard) -> str:
    refuse = f"RAISE EXCEPTION USING MESSAGE = {_quoted(guard.message)}, ERRCODE = 'integrity_constraint_violation';"
    if not guard.condition:
        return f"BEGIN {refuse} END"
    row = "OLD" if guard.event == "DELETE" else "NEW"
    return f"BEGIN IF {guard.condition} THEN {refuse} END IF; RETURN {row}; END"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
