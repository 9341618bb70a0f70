"""What liver scores are computed from: each input's name, unit and plausible range, and how one is read.

The ranges are this project's own: wider than disease makes values, and narrow enough that most numbers in another unit
fall outside (creatinine 88 is µmol/L, albumin 40 is g/L, platelets 250000 are per microlitre). An international
normalised ratio under 0.5 or over 20 is taken for an error of entry. No input is guessed, converted by its size, or
taken to be normal where it is missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from biobank.domain.refusal import Reason, RuleViolation

# A number as given: text is plain digits with a point, a float is the shortest decimal that reads back as that float.
Number = int | Decimal | str | float
NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
# More digits than the arithmetic carries exactly are nobody's measurement.
MOST_SIGNIFICANT_DIGITS = 34


class ScoreRefused(RuleViolation):
    code = "score-refused"
    title = "The score cannot be computed"
    mend = "Give every input in the unit that its name says. Nothing was computed or saved."


@dataclass(frozen=True)
class Range:
    """What a number is of, its unit, and the least and greatest that is plausible, both included.

    ``above`` and ``below`` say what a number outside most likely is in.
    """

    of: str
    unit: str
    low: Decimal
    high: Decimal
    above: str = ""
    below: str = ""
    whole: bool = False


def _range(of: str, unit: str, low: str, high: str, *, above: str = "", below: str = "", whole: bool = False) -> Range:
    return Range(of, unit, Decimal(low), Decimal(high), above, below, whole)


RANGES: Mapping[str, Range] = {
    "bilirubin_mg_dl": _range("Bilirubin", "mg/dL", "0.05", "80", above="µmol/L"),
    "bilirubin_umol_l": _range("Bilirubin", "µmol/L", "0.855", "1368", below="mg/dL"),
    "creatinine_mg_dl": _range("Creatinine", "mg/dL", "0.05", "30", above="µmol/L"),
    "creatinine_umol_l": _range("Creatinine", "µmol/L", "4.42", "2652", below="mg/dL"),
    "albumin_g_dl": _range("Albumin", "g/dL", "0.5", "7", above="g/L"),
    "albumin_g_l": _range("Albumin", "g/L", "5", "70", below="g/dL"),
    "inr": _range("INR", "", "0.5", "20", above="per cent or seconds"),
    "sodium_mmol_l": _range("Sodium", "mmol/L", "90", "190"),
    "platelets_10e9_l": _range("Platelets", "× 10⁹/L", "1", "2000", above="platelets per microlitre"),
    "alt_u_l": _range("ALT", "U/L", "1", "50000", below="µkat/L"),
    "ast_u_l": _range("AST", "U/L", "1", "50000", below="µkat/L"),
    "ast_upper_limit_u_l": _range("Upper limit of normal AST", "U/L", "10", "200", below="µkat/L"),
    "age_years": _range("Age", "years", "0", "120", above="months or days"),
    "bmi": _range("Body mass index", "kg/m²", "5", "150"),
    "encephalopathy_grade": _range("Grade of encephalopathy", "", "0", "4", whole=True),
}
WORDS: Mapping[str, tuple[str, ...]] = {"sex": ("female", "male"), "ascites": ("none", "mild", "moderate")}
FLAGS = frozenset({"on_dialysis", "cholestatic", "diabetes_or_ifg"})


@dataclass(frozen=True)
class Inputs:
    """The inputs of one score, read and found plausible, by name."""

    numbers: Mapping[str, Decimal]
    words: Mapping[str, str]
    flags: Mapping[str, bool]


def read_inputs(score: str, **given: object) -> Inputs:
    """Return the inputs of a score. Raises ``ScoreRefused`` with a reason for each that is missing or implausible."""
    if reasons := [reason for name, value in given.items() for reason in obstacles_to_input(name, value)]:
        raise ScoreRefused(f"{score} cannot be computed.", reasons=reasons, field=reasons[0].field)
    return Inputs(
        numbers={name: number for name in given.keys() & RANGES if (number := as_decimal(given[name])) is not None},
        words={name: str(given[name]) for name in given.keys() & WORDS},
        flags={name: bool(given[name]) for name in given.keys() & FLAGS},
    )


def obstacles_to_input(name: str, value: object) -> list[Reason]:
    """Return why this cannot be the input of that name; a missing one is a reason too."""
    if value is None:
        return [Reason(f"{name} is missing.", "missing", name)]
    if name in WORDS:
        fits = isinstance(value, str) and value in WORDS[name]
        return [] if fits else [Reason(f"{name} is one of {', '.join(WORDS[name])}.", "word", name)]
    if name in FLAGS:
        return [] if is_flag(value) else [Reason(f"{name} is true or false.", "flag", name)]
    return obstacles_to_number(name, value, RANGES[name])


def is_flag(value: object) -> bool:
    """Whether this says yes or no: true and false, or the 1 and 0 by which files write them."""
    return isinstance(value, int) and value in {0, 1}


def obstacles_to_number(name: str, value: object, plausible: Range) -> list[Reason]:
    """Return why this is no number of the range, and what it most likely is instead."""
    number = as_decimal(value)
    if number is None:
        return [Reason(f"{name} is not a number: plain digits, with a point for decimals.", "number", name)]
    if not plausible.low <= number <= plausible.high:
        return [_implausible(name, number, plausible)]
    if plausible.whole and number != int(number):
        return [Reason(f"{name} is a whole number.", "whole", name)]
    return []


def as_decimal(value: object) -> Decimal | None:
    """Return a number as a decimal, exactly; None for what is none, is not finite, or has too many digits.

    True and false are not numbers. A float stands for the shortest decimal that reads back as that float: 0.1 is 0.1.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str | float):
        return None
    if isinstance(value, float):
        value = float.__repr__(value)
    if isinstance(value, str) and not NUMBER.fullmatch(value):
        return None
    number = Decimal(value)
    return number if number.is_finite() and _significant_digits(number) <= MOST_SIGNIFICANT_DIGITS else None


def _significant_digits(number: Decimal) -> int:
    digits = "".join(map(str, number.as_tuple().digits))
    return len(digits.strip("0"))


def _implausible(name: str, number: Decimal, plausible: Range) -> Reason:
    other = plausible.above if number > plausible.high else plausible.below
    unit = f" {plausible.unit}" if plausible.unit else ""
    perhaps = f"; it looks like {other}, and is never converted by a guess" if other and number > 0 else ""
    text = f"{plausible.of} {str(number)[:40]}{unit} is not from {plausible.low} to {plausible.high}{unit}{perhaps}."
    return Reason(text, "implausible", name)
