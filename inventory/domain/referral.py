"""Referrals: a unit past the stage up to which its form lets a withdrawal stop it waits for the medical director."""

from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text


class ReferralDecision(StrEnum):
    """What the medical director decides: the unit goes on as if nothing had been taken back, or it is stopped."""

    GOES_ON = "goes_on"
    STOPPED = "stopped"


class ReferralRefused(RuleViolation):
    """The decision about a unit past its form's stage cannot be recorded."""

    code = "referral-refused"
    title = "Nothing was decided about the unit"
    mend = "Open the referral and look at what is named; the unit stays held."


def check_decision(*, reason: str, is_decided: bool) -> None:
    """Raise ``ReferralRefused`` without a reason, or where it was decided before."""
    reasons = obstacles_to_text(reason, "reason", longest=500, needed=True)
    if is_decided:
        reasons.append(Reason("This was decided before; the decision stands.", "decided", "referral"))
    if reasons:
        raise ReferralRefused("The decision cannot be recorded as stated.", reasons=reasons, field="reason")
