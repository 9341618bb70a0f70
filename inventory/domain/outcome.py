"""Outcomes: what a study reports of a unit, the values it may report, and what is kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from inventory.domain.liver_input import FLAGS, RANGES, WORDS, Range, obstacles_to_number
from inventory.domain.unit import UnitState


class OutcomeKind(StrEnum):
    THAW = "thaw"
    ADMINISTRATION = "administration"
    BASELINE = "baseline"
    FOLLOW_UP = "follow_up"
    EXPERIMENT = "experiment"


IN_A_PERSON = frozenset({OutcomeKind.ADMINISTRATION, OutcomeKind.BASELINE, OutcomeKind.FOLLOW_UP})
REPORTED_FROM = frozenset({UnitState.RECEIVED, UnitState.USED, UnitState.DISCARDED, UnitState.RETURNED})

# Numbers by name, the unit of measure in the name: what the site measures of the unit, and what scores are made of.
NUMBERS: Mapping[str, Range] = {
    "tnc": Range("Nucleated cells", "cells", Decimal(0), Decimal("2e10")),
    "viability_percent": Range("Viability", "%", Decimal(0), Decimal(100)),
    "cd34_viability_percent": Range("Viability of CD34+ cells", "%", Decimal(0), Decimal(100)),
    "infused_volume_ml": Range("Infused volume", "mL", Decimal("0.1"), Decimal(1000)),
    "fibrosis_stage": Range("Stage of fibrosis", "", Decimal(0), Decimal(4)),
    **RANGES,
}
YES_OR_NO = {"yes": True, "no": False}
# The words by which the other values are said.
CHOICES: Mapping[str, tuple[str, ...]] = {**WORDS, **dict.fromkeys(sorted(FLAGS), tuple(YES_OR_NO))}
# One quantity is reported in one unit.
SAME_QUANTITY = (
    ("bilirubin_mg_dl", "bilirubin_umol_l"),
    ("creatinine_mg_dl", "creatinine_umol_l"),
    ("albumin_g_dl", "albumin_g_l"),
)
# How the names of scores begin, without signs and spaces, in the ways in which people write them.
SCORES_BEGIN = ("meld", "childpugh", "ctp", "albi", "fib4", "apri", "nafld", "nfs")


class OutcomeRefused(RuleViolation):
    code = "outcome-refused"
    title = "The outcome was not recorded"
    mend = "Correct what is named and report it again; nothing was recorded."


@dataclass(frozen=True)
class OutcomeFacts:
    """One report about one unit, of one day; ``shipped_on`` is the day on which it left the bank."""

    kind: OutcomeKind
    outcome_date: date
    values: Mapping[str, str]
    state: UnitState
    shipped_on: date | None
    has_recipient: bool


def obstacles_to_outcome(facts: OutcomeFacts, *, today: date) -> list[Reason]:
    """Return every reason why this outcome cannot be recorded as stated."""
    reasons = obstacles_to_report(facts, today=today)
    if facts.state not in REPORTED_FROM:
        reasons.append(Reason(f"The unit is {facts.state.value}: the site has not received it.", "state"))
    return reasons


def obstacles_to_report(facts: OutcomeFacts, *, today: date) -> list[Reason]:
    """Return what a report says that cannot be, whatever has become of the unit since."""
    reasons = [*_of_dates(facts, today)]
    if facts.kind in IN_A_PERSON and not facts.has_recipient:
        reasons.append(Reason("An outcome in a person names the recipient's code.", "no-recipient", "recipient"))
    of_values = (reason for name, text in facts.values.items() for reason in _of_value(name, text))
    return [*reasons, *of_values, *_said_twice(facts.values)]


def check_outcome(facts: OutcomeFacts, *, today: date) -> None:
    if reasons := obstacles_to_outcome(facts, today=today):
        raise OutcomeRefused("This outcome cannot be recorded as stated.", reasons=reasons)


def _of_dates(facts: OutcomeFacts, today: date) -> list[Reason]:
    reasons = []
    if facts.outcome_date > today:
        reasons.append(Reason("The outcome lies in the future.", "future", "outcome_date"))
    before = facts.shipped_on is None or facts.outcome_date < facts.shipped_on
    if before and facts.kind is not OutcomeKind.BASELINE:
        reasons.append(Reason("The outcome lies before the unit left the bank.", "before-shipping", "outcome_date"))
    return reasons


def _of_value(name: str, text: str) -> list[Reason]:
    if name in NUMBERS:
        return obstacles_to_number(name, text, NUMBERS[name])
    if name in CHOICES:
        words = CHOICES[name]
        return [] if text in words else [Reason(f"{name} is one of {', '.join(words)}.", "word", name)]
    told = ascii(name[:40])[1:-1]
    if _is_like_a_score(name):
        text = f"“{told}” is computed from what was measured and never typed: report the measured values."
        return [Reason(text, "score", told)]
    return [Reason(f"“{told}” is not a value that outcomes have.", "unknown-value", told)]


def _is_like_a_score(name: str) -> bool:
    letters = "".join(letter for letter in name.lower() if letter.isalnum())
    return letters.startswith(SCORES_BEGIN)


def _said_twice(values: Mapping[str, str]) -> list[Reason]:
    return [
        Reason(f"{one} and {other} are one quantity: report it in one unit.", "twice", other)
        for one, other in SAME_QUANTITY
        if one in values and other in values
    ]
