"""Units of measure as files write them: reading a number, and turning it exactly into the unit that is recorded."""

import re
import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal

from biobank.domain.refusal import RuleViolation

NUMBER = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,15}))?", re.ASCII)
MOST_SIGNIFICANT_DIGITS = 15
FACTORS = {
    ("uL", "mL"): Decimal("0.001"),
    ("L", "mL"): Decimal(1000),
    ("mg", "g"): Decimal("0.001"),
    ("kg", "g"): Decimal(1000),
    ("10^6", "cells"): Decimal(1_000_000),
    ("10^8", "cells"): Decimal(100_000_000),
    ("10^6", "colonies"): Decimal(1_000_000),
    ("10^9/L", "10^6/mL"): Decimal(1),
    ("10^3/uL", "10^6/mL"): Decimal(1),
    ("cells/uL", "10^6/mL"): Decimal("0.001"),
    ("fraction", "%"): Decimal(100),
}


class NumberRefused(RuleViolation):
    code = "number-refused"
    title = "This number cannot be recorded"
    mend = "Correct the number in the file, or its unit in the mapping."


def plain_unit(text: str) -> str:
    """Return a unit as the tables write it: both micro signs are ``u``."""
    return unicodedata.normalize("NFKC", text).replace("\u03bc", "u").strip()


def factor(given: str, recorded: str) -> Decimal | None:
    """Return by what a number in ``given`` is multiplied to be in ``recorded``; None where they are not convertible."""
    if plain_unit(given) == plain_unit(recorded):
        return Decimal(1)
    return FACTORS.get((plain_unit(given), plain_unit(recorded)))


def units_for(recorded: str) -> list[str]:
    """Return every unit that can be turned into ``recorded``, that one first."""
    return [recorded, *(given for given, to in FACTORS if to == plain_unit(recorded))]


def read_number(text: str, *, decimal: str = ".") -> Decimal:
    """Read plain digits with the one decimal sign that the file uses. Raises ``NumberRefused``."""
    other = "," if decimal == "." else "."
    found = NUMBER.fullmatch(text.replace(decimal, ".")) if other not in text else None
    if found is None:
        sign = "comma" if decimal == "," else "point"
        raise NumberRefused(f"“{text}” is not a number: plain digits, with a {sign} for decimals.")
    number = Decimal(found[0].replace(decimal, "."))
    if found[1]:
        raise NumberRefused(f"{text} is negative.")
    if len(number.normalize().as_tuple().digits) > MOST_SIGNIFICANT_DIGITS:
        raise NumberRefused(f"{text} has more than {MOST_SIGNIFICANT_DIGITS} significant digits.")
    return number


def to_decimals(number: Decimal, decimals: int, *, rounded: bool) -> Decimal:
    """Return the number with so many decimals; it is rounded only where that was asked for."""
    kept = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    if kept != number and not rounded:
        raise NumberRefused(f"{number.normalize():f} has more than {decimals} decimals: say “rounded = true” to round.")
    return kept


def check_range(number: Decimal, low: Decimal, high: Decimal, unit: str) -> Decimal:
    """Refuse a number that no such thing has: most often its unit is another than the mapping says."""
    if not low <= number <= high:
        raise NumberRefused(f"{number.normalize():f} {unit} is out of the plausible range {low} to {high} {unit}.")
    return number
