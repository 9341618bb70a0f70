"""System checks: what an operator is told by “manage.py check --database default”."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.db import connections

from biobank.services.guard import unprotected_reasons


def check_guards(*, databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Warn of a database that the server would refuse to serve; a warning, because migrating mends it."""
    return [
        CheckWarning(reason, hint="Run “manage.py migrate” with the database's owner.", id="biobank.W001")
        for alias in databases or ()
        for reason in unprotected_reasons(connections[alias])
    ]
