"""Duties: what somebody owes after an event, by when, and which roles may answer that it was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Role


class DutyKind(StrEnum):
    INFORM_MOTHERS_PHYSICIAN = "inform_mothers_physician"
    COMPLETE_DETERMINATION = "complete_determination"
    INFORM_TREATING_PHYSICIAN = "inform_treating_physician"
    REPORT_DEVIATION = "report_deviation"


@dataclass(frozen=True)
class Owed:
    """How long there is for a duty, counted from the event, and whose it is."""

    within: timedelta
    roles: frozenset[Role]
    words: str


_QUALITY = frozenset({Role.QUALITY_REVIEWER, Role.MEDICAL_DIRECTOR})
# Days are the bank's own choice, short enough to be safe; 21 CFR 1271.60(d)(4) asks for the last two without a number,
# and 45 days for a deviation are what 21 CFR 1271.350(b) is known to give: check it before quoting it.
OWED: Mapping[DutyKind, Owed] = {
    DutyKind.INFORM_MOTHERS_PHYSICIAN: Owed(timedelta(days=7), _QUALITY, "inform the mother's physician"),
    DutyKind.COMPLETE_DETERMINATION: Owed(timedelta(days=30), _QUALITY, "complete the donor's eligibility"),
    DutyKind.INFORM_TREATING_PHYSICIAN: Owed(
        timedelta(days=30), frozenset({Role.MEDICAL_DIRECTOR}), "tell the treating physician the completed eligibility"
    ),
    DutyKind.REPORT_DEVIATION: Owed(timedelta(days=45), _QUALITY, "report the deviation"),
}


class DutyRefused(RuleViolation):
    code = "duty-refused"
    title = "The duty was not closed"
    mend = "Open the duty and look at what is named; it is as it was."


def check_done(*, kind: DutyKind, roles: frozenset[Role], is_done: bool) -> None:
    """Raise ``DutyRefused`` where it was done already or is not one of this person's roles to answer for."""
    if is_done:
        raise DutyRefused("This duty was done already.")
    if not roles & OWED[kind].roles:
        allowed = " or ".join(sorted(role.value.replace("_", " ") for role in OWED[kind].roles))
        raise DutyRefused(f"To {OWED[kind].words} is for a {allowed} to answer.")
