"""What a module's tests begin with, made once for all of them.

A module names it in ``BEGINS_WITH``: factories, or partials of them. Each is called once, below the transactions of the
module's tests, and rolled back after the last of them. In each test, the first call like it finds what was made; every
further call makes another, as it does in a module that names nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import partial, wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
R = TypeVar("R")
_made: dict[object, Any] = {}
_found: set[object] = set()


def keepable(make: Callable[P, R]) -> Callable[P, R]:
    """Let a factory find what its module was given, at the first call of a test with the same arguments."""

    @wraps(make)
    def found_or_made(*args: P.args, **kwargs: P.kwargs) -> R:
        call = _call(make, *args, **kwargs)
        if call not in _made or call in _found:
            return make(*args, **kwargs)
        _found.add(call)
        return deepcopy(_made[call])

    return found_or_made


@contextmanager
def kept(given: Iterable[Callable[[], Any]]) -> Iterator[None]:
    """Make what is given in a transaction that ends with the block, and leave nothing of it."""
    with transaction.atomic():
        made = {}
        for make in given:
            whole = make if isinstance(make, partial) else partial(make)
            plain = getattr(whole.func, "__wrapped__", whole.func)
            made[_call(plain, *whole.args, **whole.keywords)] = whole()
        _made.update(made)
        # Whatever waits for the end of the transaction is asked now, and not again in each test.
        connection.check_constraints()
        try:
            yield
        finally:
            _made.clear()
            transaction.set_rollback(True)


def find_again() -> None:
    """Begin a test: whatever is kept can be found once more."""
    _found.clear()


def _call(make: Callable[..., Any], *args: Any, **kwargs: Any) -> object:
    """Return what like calls have in common: the factory, and whatever differs from what it takes by itself."""
    given = signature(make).bind(*args, **kwargs)
    usual = {name: parameter.default for name, parameter in given.signature.parameters.items()}
    return make.__qualname__, *(
        (name, repr(value)) for name, value in given.arguments.items() if value is not usual[name]
    )
