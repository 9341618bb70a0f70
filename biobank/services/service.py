"""What every service is: one transaction, one flush of the ledger, and the aftermath of a refusal."""

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.db import OperationalError, transaction

from biobank.domain.refusal import RuleViolation
from biobank.services import ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

P = ParamSpec("P")
R = TypeVar("R")

# The database gave the transaction up for another one and asks for it again: serialisation failure, deadlock.
ASKED_AGAIN = frozenset({"40001", "40P01"})
MOST_ATTEMPTS = 3

_inside: ContextVar[bool] = ContextVar("inside_a_service", default=False)


def service(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` as one transaction with its ledger entries, or not at all.

    A service called by a service joins its transaction. When a rule refuses, everything is rolled back first; then the
    refusal's ``afterwards`` run, each in a transaction of its own, and the refusal goes on to the caller. What the
    database gave up for another transaction is tried again, whole, at most three times.
    """

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        if _inside.get():
            return function(*args, **kwargs)
        try:
            return _attempt(partial(function, *args, **kwargs), MOST_ATTEMPTS)
        except RuleViolation as refusal:
            for aftermath in refusal.afterwards:
                with unit_of_work():
                    aftermath()
            raise

    return wrapped


@contextmanager
def unit_of_work() -> "Iterator[None]":
    """One transaction that appends what was recorded in it at its end."""
    # What runs after the commit is no longer inside: a service called there has a transaction of its own.
    with transaction.atomic():
        token = _inside.set(True)
        try:
            with ledger.recording() as entries:
                yield
                ledger.append(entries)
        finally:
            _inside.reset(token)


def _attempt(call: Callable[[], R], left: int) -> R:
    try:
        with unit_of_work():
            return call()
    except OperationalError as error:
        if left == 1 or transaction.get_connection().in_atomic_block:
            raise
        if getattr(error.__cause__, "sqlstate", "") not in ASKED_AGAIN:
            raise
    return _attempt(call, left - 1)


def after_commit(call: Callable[[], object]) -> None:
    """Call once the transaction has committed; never when it has not."""
    transaction.on_commit(call)
