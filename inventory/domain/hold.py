"""Holds: doubt about something, who may place one and who may lift it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.role import Permission, Role, permissions_of


class HoldKind(StrEnum):
    CONSENT_WITHDRAWN = "consent_withdrawn"
    EXCURSION = "excursion"
    INVESTIGATION = "investigation"
    NOTICE = "notice"
    MIX_UP = "mix_up"
    RECEIPT = "receipt"
    ADMINISTRATIVE = "administrative"


class HoldRefused(RuleViolation):
    code = "hold-refused"
    title = "The hold stays as it is"
    mend = "Ask a quality reviewer who did not place this hold."


@dataclass(frozen=True)
class HoldFacts:
    """One open hold: its own code, what it lies on (unit, lot, ancestor, donation, donor code), and why."""

    code: str
    kind: HoldKind
    lies_on: str
    reason: str = ""


@dataclass(frozen=True)
class LiftFacts:
    """Who wants to lift a hold that who placed, why, and whether it is still open.

    ``awaits`` names the excursion whose signed assessment lifts it, while that is still to come.
    """

    placed_by: str
    lifted_by: str
    roles: Collection[Role]
    is_open: bool
    because: str
    awaits: str = ""


def obstacles_to_lifting(facts: LiftFacts) -> list[Reason]:
    """Return every reason why this hold stays: only quality lifts, never the person who placed it, with a reason."""
    reasons = []
    if not facts.is_open:
        reasons.append(Reason("This hold was lifted before.", code="already-lifted"))
    if Permission.LIFT_HOLD not in permissions_of(facts.roles):
        reasons.append(Reason("Only quality may lift a hold.", code="not-quality"))
    if facts.awaits:
        reasons.append(Reason(f"The assessment of {facts.awaits} lifts this hold.", code="awaits-assessment"))
    if facts.lifted_by == facts.placed_by:
        reasons.append(Reason("The person who placed a hold does not lift it.", code="same-person"))
    if not facts.because.strip():
        reasons.append(Reason("Lifting a hold needs a reason.", code="no-reason", field="because"))
    return reasons


def check_lifting(facts: LiftFacts) -> None:
    if reasons := obstacles_to_lifting(facts):
        raise HoldRefused("This hold cannot be lifted now.", reasons=reasons)
