"""Quantities: which numbers can be one, arithmetic that is not rounded, and how a number is shown to people.

What is measured is counted with ``Decimal`` and whole numbers, never with floats. Sums, differences and products are
exact; a quotient carries 400 digits, so that no number that can be recorded lies between it and its true value.
"""

from collections.abc import Callable
from decimal import (
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps
from typing import ParamSpec, TypeVar

from biobank.domain.refusal import RuleViolation

Number = Decimal | int
P = ParamSpec("P")
R = TypeVar("R")

EXACT = Context(prec=400, traps=[InvalidOperation, DivisionByZero, Overflow])
MOST = Decimal("1e30")
THREE_FIGURES = Context(prec=3, rounding=ROUND_HALF_UP)


class QuantityRefused(RuleViolation):
    code = "quantity-refused"
    title = "This number cannot be"
    mend = "Correct the number, and look at its unit of measure. Nothing was saved."


def exactly(calculate: Callable[P, R]) -> Callable[P, R]:
    """Calculate with so many digits that nothing is rounded which is compared later, whatever the caller's context."""

    @wraps(calculate)
    def calculated(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(EXACT):
            return calculate(*args, **kwargs)

    return calculated


def checked(value: object, name: str) -> Decimal:
    """Return an amount as it is. Raises ``QuantityRefused`` for what is no number, not finite, negative or absurd."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise refused(name, f"is not given as a decimal or whole number but as “{type(value).__name__}”")
    number = Decimal(value)
    if not number.is_finite():
        raise refused(name, "is not a finite number")
    if number < 0:
        raise refused(name, f"is negative: {number}")
    if number > MOST:
        raise refused(name, f"is more than there can be of anything: {number}")
    return number


def checked_some(value: object, name: str) -> Decimal:
    """Return an amount that is more than nothing; raises ``QuantityRefused``."""
    number = checked(value, name)
    if number == 0:
        raise refused(name, "is zero")
    return number


def checked_percent(value: object, name: str) -> Decimal:
    """Return a percentage from 0 to 100; raises ``QuantityRefused``."""
    number = checked(value, name)
    if number > 100:
        raise refused(name, f"is more than 100 per cent: {number}")
    return number


def refused(name: str, what: str) -> QuantityRefused:
    return QuantityRefused(f"{name.replace('_', ' ')} {what}.", field=name)


def in_three_figures(number: Decimal) -> str:
    """Return a number as people read it, in three significant figures, half up. For display: nothing compares it."""
    shown = THREE_FIGURES.plus(number)
    if shown == 0:
        return "0"
    exponent = shown.adjusted()
    if -3 <= exponent < 3:
        return f"{THREE_FIGURES.quantize(shown, Decimal(1).scaleb(exponent - 2)):f}"
    return f"{THREE_FIGURES.scaleb(shown, -exponent).quantize(Decimal('0.01')):f} × 10^{exponent}"


@exactly
def beside(number: Decimal, limit: Decimal) -> str:
    """Return a number rounded down to as few decimals as still show on which side of the limit it lies."""
    places = 0 if number >= 1000 else 3
    shown = _rounded_down(number, places)
    while (shown < limit, shown > limit) != (number < limit, number > limit):
        places += 1
        shown = _rounded_down(number, places)
    return f"{shown.normalize():f}"


def _rounded_down(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_FLOOR)
