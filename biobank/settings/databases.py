"""The database: SQLite set up so that it keeps the same promises as PostgreSQL, or PostgreSQL itself."""

from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

# IMMEDIATE takes the write lock when a transaction begins, so that a decision and its write cannot be interleaved.
# Each PRAGMA is per connection: WAL lets readers go on, FULL survives a power cut, recursive_triggers makes
# REPLACE fire the triggers that protect the ledger.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; PRAGMA synchronous=FULL"
    ),
}
POOL_OPTIONS: dict[str, Any] = {"min_size": 1, "max_size": 20, "timeout": 5}


def database(url: str, *, default_file: Path, pool: bool) -> dict[str, Any]:
    """Return the database settings for a URL; none means the SQLite file."""
    if not url or url in {"sqlite:", "sqlite://"}:
        return _sqlite({"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_file)})
    try:
        parsed = dict(dj_database_url.parse(url))
    except (ValueError, dj_database_url.ParseError, dj_database_url.UnknownSchemeError) as error:
        raise ImproperlyConfigured("DATABASE_URL is not a database address.") from error
    if parsed["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite(parsed)
    if parsed["ENGINE"] == "django.db.backends.postgresql":
        return _postgresql(parsed, pool=pool)
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL or SQLite database.")


def _sqlite(settings: dict[str, Any]) -> dict[str, Any]:
    # A test database beside the real one, as a file: in memory, SQLite has neither WAL nor threads.
    test = {"NAME": f"{settings['NAME']}.test"}
    return settings | {"OPTIONS": SQLITE_OPTIONS.copy(), "TEST": test}


def _postgresql(settings: dict[str, Any], *, pool: bool) -> dict[str, Any]:
    options = settings.get("OPTIONS", {}) | ({"pool": POOL_OPTIONS.copy()} if pool else {})
    return settings | {"OPTIONS": options, "CONN_MAX_AGE": 0}
