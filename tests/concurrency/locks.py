"""Protection taken away on purpose: no row locks, and a step that dawdles between deciding and writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

import pytest
from django.db.models import QuerySet

from biobank.models.ledger import LedgerHead


@contextmanager
def no_locks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read where a lock would be taken; only the ledger's head keeps its own."""
    locked = QuerySet.select_for_update
    monkeypatch.setattr(
        QuerySet,
        "select_for_update",
        lambda rows, **how: locked(rows, **how) if rows.model is LedgerHead else rows,
    )
    yield
    monkeypatch.undo()


def slowly(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
    """Let a step take its time between deciding and writing."""
    real = getattr(module, name)

    def slow(*given: object, **named: object) -> object:
        sleep(1.5)
        return real(*given, **named)

    monkeypatch.setattr(module, name, slow)
