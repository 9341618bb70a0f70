"""Outcomes: what a study reports of a unit, and what is kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from inventory.domain.unit import UnitState


class OutcomeKind(StrEnum):
    THAW = "thaw"
    ADMINISTRATION = "administration"
    BASELINE = "baseline"
    FOLLOW_UP = "follow_up"
    EXPERIMENT = "experiment"


IN_A_PERSON = frozenset({OutcomeKind.ADMINISTRATION, OutcomeKind.BASELINE, OutcomeKind.FOLLOW_UP})
REPORTED_FROM = frozenset({UnitState.RECEIVED, UnitState.USED, UnitState.DISCARDED, UnitState.RETURNED})

# Values by name, the unit of measure in the name, with their plausible range; scores are computed elsewhere.
VALUES: Mapping[str, tuple[Decimal, Decimal]] = {
    "tnc": (Decimal(0), Decimal("2e10")),
    "viability_percent": (Decimal(0), Decimal(100)),
    "cd34_viability_percent": (Decimal(0), Decimal(100)),
    "infused_volume_ml": (Decimal("0.1"), Decimal(1000)),
    "bilirubin_mg_dl": (Decimal("0.05"), Decimal(80)),
    "creatinine_mg_dl": (Decimal("0.05"), Decimal(30)),
    "albumin_g_dl": (Decimal("0.5"), Decimal(7)),
    "inr": (Decimal("0.5"), Decimal(20)),
    "sodium_mmol_l": (Decimal(90), Decimal(190)),
    "platelets_1e9_l": (Decimal(1), Decimal(2000)),
    "alt_u_l": (Decimal(0), Decimal(20000)),
    "ast_u_l": (Decimal(0), Decimal(20000)),
    "fibrosis_stage": (Decimal(0), Decimal(4)),
}


class OutcomeRefused(RuleViolation):
    code = "outcome-refused"
    title = "The outcome was not recorded"
    mend = "Correct what is named and report it again; nothing was recorded."


@dataclass(frozen=True)
class OutcomeFacts:
    """One report about one unit; ``shipped_on`` is the day on which it left the bank."""

    kind: OutcomeKind
    outcome_date: date
    values: Mapping[str, str]
    state: UnitState
    shipped_on: date | None
    has_recipient: bool


def obstacles_to_outcome(facts: OutcomeFacts, *, today: date) -> list[Reason]:
    """Return every reason why this outcome cannot be recorded as stated."""
    reasons = [*_of_dates(facts, today)]
    if facts.state not in REPORTED_FROM:
        reasons.append(Reason(f"The unit is {facts.state.value}: the site has not received it.", "state"))
    if facts.kind in IN_A_PERSON and not facts.has_recipient:
        reasons.append(Reason("An outcome in a person names the recipient's code.", "no-recipient", "recipient"))
    return [*reasons, *(reason for name, text in facts.values.items() for reason in _of_value(name, text))]


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
    if name not in VALUES:
        told = ascii(name[:40])[1:-1]
        return [Reason(f"“{told}” is not a value that outcomes have.", "unknown-value", told)]
    low, high = VALUES[name]
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_nan() or not low <= number <= high:
        return [Reason(f"{name} “{ascii(text[:40])[1:-1]}” is not a number from {low} to {high}.", "value", name)]
    return []
