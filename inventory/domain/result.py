"""Results: reading a typed value as its assay allows, and whether values agree with each other."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from biobank.domain.refusal import RuleViolation
from inventory.domain.allele import HlaRefused
from inventory.domain.assay import Assay, Qualifier, Subject, ValueKind
from inventory.domain.dose import MILLION, tnc_from_concentration
from inventory.domain.typing import LOCUS_OF_ASSAY, canonical_genotype

# SQLite keeps decimals as floats: more digits than this would not survive.
MOST_SIGNIFICANT_DIGITS = 15
LONGEST_TYPED = 200
NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")
NOT_A_RESULT = frozenset({"n/a", "na", "nd", "n.d.", "none", "-", "not done", "unknown"})
WITHOUT_VALUE = frozenset({Qualifier.NOT_DONE, Qualifier.QUANTITY_INSUFFICIENT})
MOST_DISAGREEMENT = Decimal("0.05")


class ValueRefused(RuleViolation):
    code = "value-refused"
    title = "This value cannot be recorded"
    mend = "Correct the value; if nothing was measured, choose the code that says why."


class CountsDisagree(RuleViolation):
    code = "counts-disagree"
    title = "The counts do not agree with each other"
    mend = "Check the unit of measure of each: cells, 10^6 per mL, mL."


@dataclass(frozen=True)
class Value:
    """A value as it is recorded: a number in the assay's unit of measure, or a code or text, or why there is none."""

    number: Decimal | None = None
    text: str = ""
    qualifier: Qualifier = Qualifier.MEASURED


def check_value(assay: Assay, typed: str, qualifier: Qualifier = Qualifier.MEASURED) -> Value:
    """Read a typed value. Raises ``ValueRefused`` naming the assay, what was wrong and what is allowed."""
    text = typed.strip(" ")
    if qualifier in WITHOUT_VALUE and text:
        raise _refused(assay, f"was marked “{qualifier.value.replace('_', ' ')}” and cannot have a value too")
    if qualifier in WITHOUT_VALUE:
        return Value(qualifier=qualifier)
    if not 0 < len(text) <= LONGEST_TYPED:
        raise _refused(assay, f"needs a value of at most {LONGEST_TYPED} characters")
    if assay.kind is ValueKind.NUMBER:
        return Value(number=_number(assay, text, qualifier), qualifier=qualifier)
    if qualifier is Qualifier.BELOW_LIMIT:
        raise _refused(assay, "is not a number and cannot be below a limit")
    return Value(text=_text(assay, text))


def check_subject(assay: Assay, subject: Subject) -> None:
    """Refuse a result recorded of somebody or something that the assay is not measured in."""
    if subject not in assay.subjects:
        allowed = " or ".join(sorted(each.value for each in assay.subjects))
        raise _refused(assay, f"is a result of the {allowed}, not of the {subject.value}")


def check_counts_agree(tnc: Decimal, concentration_1e6_per_ml: Decimal, volume_ml: Decimal) -> None:
    """Refuse a TNC more than 5 % away from concentration × volume."""
    expected = tnc_from_concentration(concentration_1e6_per_ml, volume_ml)
    if abs(tnc - expected) > expected * MOST_DISAGREEMENT:
        raise CountsDisagree(
            f"TNC {tnc} is not {concentration_1e6_per_ml} × 10^6/mL × {volume_ml} mL = {expected.normalize():E} cells.",
            field="tnc",
        )


def _refused(assay: Assay, what: str) -> ValueRefused:
    return ValueRefused(f"{assay.name} {what}.", field=assay.code)


def _number(assay: Assay, text: str, qualifier: Qualifier) -> Decimal:
    if text.startswith("<"):
        raise _refused(assay, f"“{text}” is not a number: choose “below limit” and type the limit alone")
    if text.lower() in NOT_A_RESULT:
        raise _refused(assay, f"“{text}” is not a number: choose “not done” instead")
    if not NUMBER.fullmatch(text):
        raise _refused(assay, f"“{text}” is not a number: plain digits, with a point for decimals")
    number = Decimal(text)
    digits = number.normalize().as_tuple().digits
    if len(digits) > MOST_SIGNIFICANT_DIGITS:
        raise _refused(assay, f"{text} has more than {MOST_SIGNIFICANT_DIGITS} significant digits")
    _check_range(assay, number, qualifier)
    return _to_decimals(assay, number)


def _check_range(assay: Assay, number: Decimal, qualifier: Qualifier) -> None:
    low = Decimal(0) if qualifier is Qualifier.BELOW_LIMIT else (assay.low or Decimal(0))
    if number < 0:
        raise _refused(assay, f"{number} is negative")
    if number < low or (assay.high is not None and number > assay.high):
        allowed = f"{low} to {assay.high} {assay.unit}"
        raise _refused(assay, f"{number} is out of the plausible range {allowed}{_guess(assay, number)}")


def _guess(assay: Assay, number: Decimal) -> str:
    """What was probably meant, where one common slip of unit explains the value."""
    if assay.unit == "%" and 0 < number <= 1:
        return f": a fraction? {number} is {(number * 100).normalize():f} %"
    if assay.unit == "cells" and number < MILLION:
        return ": millions? Type the whole number of cells"
    return ""


def _to_decimals(assay: Assay, number: Decimal) -> Decimal:
    rounded = number.quantize(Decimal(1).scaleb(-assay.decimals))
    if rounded != number:
        raise _refused(assay, f"{number} has more than {assay.decimals} decimals")
    return rounded


def _text(assay: Assay, text: str) -> str:
    if assay.kind is ValueKind.CODED:
        return _word(assay, text)
    return _typing(assay, text) if assay.code in LOCUS_OF_ASSAY else _free_text(assay, text)


def _typing(assay: Assay, text: str) -> str:
    """Return a typing in the one form in which it is kept."""
    try:
        return canonical_genotype(LOCUS_OF_ASSAY[assay.code], text)
    except HlaRefused as refusal:
        raise ValueRefused(f"{assay.name}: {refusal.message}", field=assay.code, mend=refusal.mend) from refusal


def _word(assay: Assay, text: str) -> str:
    if text not in assay.codes:
        raise _refused(assay, f"“{text}” is not one of {', '.join(assay.codes)}")
    return text


def _free_text(assay: Assay, text: str) -> str:
    if not text.isprintable() or unicodedata.normalize("NFC", text) != text:
        raise _refused(assay, "holds characters that cannot be seen")
    return text
