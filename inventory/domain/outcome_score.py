"""Which liver scores follow from the values of one report, and why the others do not.

A report is of one day, so all its values lie within the seven days that a score allows its inputs; values of different
reports are never put together. An input that the report leaves out is missing here, whatever the formula itself would
take for granted: dialysis and age are said too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from inventory.domain.liver import (
    FORMULAS,
    INPUTS,
    Score,
    ScoreRefused,
    albumin_g_dl_from_g_l,
    albumin_g_l_from_g_dl,
    bilirubin_mg_dl_from_umol_l,
    bilirubin_umol_l_from_mg_dl,
    creatinine_mg_dl_from_umol_l,
)
from inventory.domain.liver_input import FLAGS
from inventory.domain.outcome import IN_A_PERSON, YES_OR_NO, OutcomeKind

# An input that may be converted, from which other value, and by which named function.
CONVERSIONS: Mapping[str, tuple[str, Callable[[str], Decimal]]] = {
    "bilirubin_mg_dl": ("bilirubin_umol_l", bilirubin_mg_dl_from_umol_l),
    "bilirubin_umol_l": ("bilirubin_mg_dl", bilirubin_umol_l_from_mg_dl),
    "creatinine_mg_dl": ("creatinine_umol_l", creatinine_mg_dl_from_umol_l),
    "albumin_g_dl": ("albumin_g_l", albumin_g_dl_from_g_l),
    "albumin_g_l": ("albumin_g_dl", albumin_g_l_from_g_dl),
}
EVERY_INPUT = frozenset().union(*INPUTS.values()) | {source for source, _ in CONVERSIONS.values()}


@dataclass(frozen=True)
class ScoreLine:
    """One score of a report: computed from ``inputs``, or not ``because``.

    An input that is no value of the report was converted from the one in the other unit.
    """

    name: str
    inputs: Mapping[str, str]
    score: Score | None = None
    because: str = ""


def scores_of(kind: OutcomeKind, values: Mapping[str, str]) -> list[ScoreLine]:
    """Return a line for every score, or none where the report has nothing that scores are made of."""
    if not values.keys() & EVERY_INPUT:
        return []
    if kind not in IN_A_PERSON:
        return [ScoreLine(name, {}, because="Scores are of a person, and this report is of none.") for name in FORMULAS]
    inputs = _with_conversions(values)
    return [_line(name, inputs) for name in FORMULAS]


def _with_conversions(values: Mapping[str, str]) -> dict[str, str]:
    converted = {
        name: str(convert(values[source])) for name, (source, convert) in CONVERSIONS.items() if source in values
    }
    return {**converted, **values}


def _line(name: str, inputs: Mapping[str, str]) -> ScoreLine:
    if missing := [each for each in INPUTS[name] if each not in inputs]:
        return ScoreLine(name, {}, because=f"Not reported: {', '.join(missing)}.")
    used = {each: inputs[each] for each in INPUTS[name]}
    try:
        return ScoreLine(name, used, FORMULAS[name](**{each: _meant(each, text) for each, text in used.items()}))
    except ScoreRefused as refusal:
        return ScoreLine(name, used, because=" ".join(reason.text for reason in refusal.reasons))


def _meant(name: str, text: str) -> str | bool:
    return YES_OR_NO[text] if name in FLAGS else text
