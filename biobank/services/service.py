"""What every service is: one transaction, one flush of the ledger, and the aftermath of a refusal."""

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.db import transaction

from biobank.domain.refusal import RuleViolation
from biobank.services import ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

P = ParamSpec("P")
R = TypeVar("R")

_inside: ContextVar[bool] = ContextVar("inside_a_service", default=False)


def service(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` as one transaction with its ledger entries, or not at all.

    A service called by a service joins its transaction. When a rule refuses, everything is rolled back first; then the
    refusal's ``afterwards`` run, each in a transaction of its own, and the refusal goes on to the caller.
    """

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        if _inside.get():
            return function(*args, **kwargs)
        try:
            with unit_of_work():
                return function(*args, **kwargs)
        except RuleViolation as refusal:
            for aftermath in refusal.afterwards:
                with unit_of_work():
                    aftermath()
            raise

    return wrapped


@contextmanager
def unit_of_work() -> "Iterator[None]":
    """One transaction that appends what was recorded in it at its end."""
    token = _inside.set(True)
    try:
        with transaction.atomic(), ledger.recording() as entries:
            yield
            ledger.append(entries)
    finally:
        _inside.reset(token)


def after_commit(call: Callable[[], object]) -> None:
    """Call once the transaction has committed; never when it has not."""
    transaction.on_commit(call)
