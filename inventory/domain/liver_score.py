"""A liver score as it is computed: the value, what it was before rounding, its class, and the formula's revision."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, localcontext

# Twice the digits of any input and more: products are exact, and a tie is a tie when it is rounded.
PRECISION = 90
LEAST_MELD = Decimal(6)
GREATEST_MELD = Decimal(40)


@dataclass(frozen=True)
class Score:
    """One score. ``grade`` is its class in the words of its source, None where it has none.

    A class is judged on ``unrounded``: ``value`` may read like a cut-off that was not reached.
    """

    name: str
    value: Decimal
    unrounded: Decimal
    revision: str
    grade: str | None = None


@contextmanager
def arithmetic(digits: int = PRECISION) -> Iterator[None]:
    """Reckon with so many digits inside, whatever the caller's own decimal context is."""
    context = Context(
        prec=digits, rounding=ROUND_HALF_EVEN, Emin=-9999, Emax=9999, traps=[DivisionByZero, InvalidOperation]
    )
    with localcontext(context):
        yield


def half_up(number: Decimal, decimals: int) -> Decimal:
    """Round to so many decimals; exactly half goes away from zero."""
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def clamped(number: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return min(max(number, low), high)
