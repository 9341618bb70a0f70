"""Referring units to the medical director, and deciding whether each goes on or is stopped."""

from collections.abc import Collection, Mapping
from datetime import datetime

from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.domain.form import WithdrawalStage
from consent.queries.donor import lock_donors
from inventory.domain.referral import ReferralDecision, check_decision
from inventory.models.hold import Hold
from inventory.models.referral import WithdrawalReferral
from inventory.models.unit import Unit
from inventory.queries.referral import lock_referral
from inventory.queries.unit import donors_behind, with_codes_behind
from inventory.services.void import take_back


@service
def refer_units(
    units: Collection[Unit],
    holds: Mapping[int, Hold],
    *,
    consent: str,
    stage: WithdrawalStage,
    because: str,
    by: Person,
    at: datetime,
) -> list[WithdrawalReferral]:
    """Refer units, their donors locked, each with the hold that stops it (by unit id); tell the director at once.

    A unit that waits for a decision about the same hold already is not referred twice.
    """
    waiting = WithdrawalReferral.objects.filter(unit__in=units, decision="")
    known = set(waiting.values_list("unit_id", "hold_id"))
    behind = with_codes_behind(units)
    made = WithdrawalReferral.objects.bulk_create(
        WithdrawalReferral(
            reference=new_code("RFR"),
            unit=unit,
            hold=holds[unit.pk],
            consent=consent,
            stage=stage.value,
            referred_by=by,
            referred_at=at,
        )
        for unit in units
        if (unit.pk, holds[unit.pk].pk) not in known
    )
    for each in made:
        record(
            "withdrawal.referred",
            subjects=[each.reference, each.unit.code, *behind[each.unit_id], consent, each.hold.reference],
            by=by,
            at=at,
            reason=because,
            new={"unit": each.unit.code, "state": each.unit.state, "stage": stage, "alert": "medical_director"},
        )
    return made


@service
def decide_referral(
    referral: WithdrawalReferral,
    decision: ReferralDecision,
    *,
    reason: str,
    credentials: Credentials,
    by: Person,
    at: datetime,
) -> WithdrawalReferral:
    """Decide by the medical director's signature that a unit goes on, or that it is stopped after all.

    A unit that goes on is no longer stopped by the withdrawal it was referred for, nor by its hold; every other gate
    and hold stands. Raises ``ReferralRefused``, or ``SignatureRefused`` as ``sign`` does.
    """
    lock_donors(donors_behind([referral.unit_id]))
    locked = lock_referral(referral.pk)
    check_decision(reason=reason, is_decided=bool(locked.decision))
    signature = sign(
        _signed(locked, decision, reason),
        meaning=Meaning.APPROVED,
        credentials=credentials,
        by=by,
        at=at,
        permission=Permission.DECIDE_WITHDRAWAL,
    )
    locked.decision, locked.reason = decision.value, reason
    locked.signature, locked.decided_at = signature, at
    locked.save(update_fields=["decision", "reason", "signature", "decided_at"])
    record(
        "withdrawal.decided",
        subjects=[locked.reference, locked.unit.code, locked.consent],
        by=by,
        at=at,
        reason=reason,
        new={"unit": locked.unit.code, "decision": decision, "content_sha256": signature.content_sha256},
    )
    if decision is ReferralDecision.STOPPED:
        because = f"Stopped by the medical director ({locked.reference}): consent {locked.consent} was taken back."
        take_back([locked.unit_id], because=because, by=by, at=at)
    return locked


def _signed(referral: WithdrawalReferral, decision: ReferralDecision, reason: str) -> dict[str, object]:
    return {
        "kind": "withdrawal past its stage",
        "referral": referral.reference,
        "unit": referral.unit.code,
        "consent": referral.consent,
        "stage": referral.stage,
        "decision": decision,
        "reason": reason,
    }
