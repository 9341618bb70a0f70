"""Correcting any recorded fact: at once while no verdict rests on it, else by one person and then a second one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import infant_of_source, lock_donors
from inventory.domain.correctable import SOURCE, Fact, FactKind
from inventory.domain.correction import (
    ConfirmingFacts,
    CorrectionFacts,
    CorrectionRefused,
    CorrectionStatus,
    check_asking,
    check_confirming,
    check_rejecting,
    fact_of,
    needs_second_person,
)
from inventory.models.correction import Correction
from inventory.queries.correction import (
    Target,
    lock_correction,
    open_correction,
    standing_verdicts,
    target_of,
)
from inventory.queries.correction_row import row_of, value_now
from inventory.services.correction_amount import renew_amounts
from inventory.services.correction_deviation import deviation_of
from inventory.services.correction_effect import open_again, renew
from inventory.services.correction_expiry import policy_expiries
from inventory.services.correction_means import follow_vessel, move_uses, unfit_means
from inventory.services.correction_outcome import renew_scores
from inventory.services.correction_prepare import prepare
from inventory.services.correction_receipt import hold_what_differed, hold_what_was_warm, judge_receipts_again
from inventory.services.correction_recovery import renew_recovery
from inventory.services.correction_request import move_worklist
from inventory.services.correction_row import Prepared, write_correction
from inventory.services.correction_write import columns_of, write
from inventory.services.excursion_late import join_excursions

Follow = Callable[..., None]


def _join_excursions(_correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    join_excursions(target.row, because=because, by=by, at=at)


# What follows from a corrected fact of each noun besides the verdicts on it, in this order.
_FOLLOWS: Mapping[str, tuple[Follow, ...]] = {
    "donation": (renew_recovery, judge_receipts_again, move_uses),
    "recovery": (renew_recovery,),
    "processing": (renew_recovery, move_uses),
    "lineage": (renew_amounts,),
    "shipment": (hold_what_was_warm, follow_vessel),
    "receipt": (hold_what_differed,),
    "placement": (_join_excursions,),
    "request": (move_worklist,),
    "outcome": (renew_scores,),
}


@dataclass(frozen=True)
class FactCorrection:
    """What is corrected: a field of a row of a noun (``FACTS``), the value as it was typed, and why it was wrong."""

    noun: str
    row_id: int
    field: str
    value: str
    reason: str


@service
def correct_fact(wanted: FactCorrection, *, by: Person, at: datetime) -> Correction:
    """Correct a recorded fact, or propose it where a verdict rests on it: then a second person confirms.

    Raises ``CorrectionRefused`` with everything that is wrong: the same value, one that cannot be, or contradicts other
    times, a voided record, a correction of the same fact that waits already.
    """
    fact = fact_of(wanted.noun, wanted.field)
    target = _locked(fact, wanted.row_id, wanted.value)
    now = value_now(fact, target.row)
    prepared, wrong = prepare(fact, target, wanted.value, at=at)
    asked = CorrectionFacts(
        subject=target.subject,
        old=now,
        new=prepared.text,
        reason=wanted.reason,
        open_one=open_correction(fact, wanted.row_id),
        voided=target.voided,
        wrong=tuple(wrong),
    )
    check_asking(fact, asked)
    rested = needs_second_person(fact, standing_verdicts(target))
    correction = write_correction(
        wanted.noun,
        wanted.row_id,
        wanted.field,
        status=CorrectionStatus.PROPOSED if rested else CorrectionStatus.APPLYING,
        by=by,
        at=at,
        subject=target.subject,
        old_value=now,
        reason=wanted.reason,
        rested=sorted(rested),
        needs_second=bool(rested),
        **prepared.columns,
    )
    if rested:
        _record("correction.proposed", correction, fact, target, by=by, at=at)
        return correction
    return _take_effect(correction, fact, target, prepared, by=by, at=at)


@service
def confirm_correction(correction: Correction, *, by: Person, at: datetime) -> Correction:
    """Let a proposed correction take effect, as its second person: every verdict that rested on the fact opens again.

    Raises ``CorrectionRefused`` for who asked for it, for one that waits no more, and where the fact changed meanwhile.
    """
    fact = fact_of(correction.noun, correction.field)
    target = _locked(fact, correction.row_id, correction.new_value)
    correction = lock_correction(correction.pk)
    prepared = columns_of(correction, fact)
    _, wrong = prepare(fact, target, prepared.text, at=at)
    check_confirming(
        fact,
        ConfirmingFacts(
            reference=correction.reference,
            status=CorrectionStatus(correction.status),
            asked_by=correction.asked_by.username,
            confirmed_by=by.username,
            expected=correction.old_value,
            now=value_now(fact, target.row),
            wrong=tuple(wrong),
        ),
    )
    correction.confirmed_by, correction.confirmed_at = by, at
    correction.status = CorrectionStatus.APPLYING.value
    correction.rested = sorted({*correction.rested, *needs_second_person(fact, standing_verdicts(target))})
    correction.save(update_fields=["confirmed_by", "confirmed_at", "status", "rested"])
    return _take_effect(correction, fact, target, prepared, by=by, at=at)


@service
def reject_correction(correction: Correction, *, reason: str, by: Person, at: datetime) -> Correction:
    """End a proposed correction without effect: who asked may take it back, and anybody asked to confirm refuse it."""
    correction = lock_correction(correction.pk)
    check_rejecting(correction.reference, CorrectionStatus(correction.status), reason)
    correction.status, correction.rejected_by = CorrectionStatus.REJECTED.value, by
    correction.rejected_because = reason
    correction.save(update_fields=["status", "rejected_by", "rejected_because"])
    subjects = [correction.reference, correction.subject]
    record("correction.rejected", subjects=subjects, by=by, at=at, reason=reason, old={"field": correction.field})
    return correction


def _locked(fact: Fact, row_id: int, value: str) -> Target:
    """Lock every donor behind a row, and of a new source its donor too; return the row as it is then."""
    target = target_of(fact.noun, row_id)
    if target is None:
        raise CorrectionRefused(f"There is no such {fact.noun}.", field="row_id")
    named = SOURCE.fullmatch(value.strip()) if fact.kind is FactKind.SOURCE else None
    infant = infant_of_source(named[1], int(named[2])) if named else None
    lock_donors([*target.donor_ids, *([infant.donor_id] if infant else [])])
    return target_of(fact.noun, row_id) or target


def _take_effect(
    correction: Correction, fact: Fact, target: Target, prepared: Prepared, *, by: Person, at: datetime
) -> Correction:
    """Open what rested on the fact, write the new value, and renew what was computed from the old one."""
    because = f"{correction.reference}: the {fact.label} was corrected."
    expiries = policy_expiries(fact, target)
    open_again(fact, target, correction.rested, because=because, by=by, at=at)
    fresh = Target(**{**vars(target), "row": row_of(fact.noun, correction.row_id)})
    told = {"reason": correction.reason, "also": [correction.reference]}
    write(fact, fresh, prepared, told, by=by, at=at)
    renew(fact, fresh, expiries, because=because, by=by, at=at)
    for follow in _FOLLOWS.get(fact.noun, ()):
        follow(correction, fresh, because=because, by=by, at=at)
    unfit = unfit_means(correction, target, fresh)
    correction.deviation = deviation_of(correction, target, unfit, by=by, at=at)
    correction.status, correction.effective_at = CorrectionStatus.IN_EFFECT.value, at
    correction.save(update_fields=["status", "effective_at", "deviation"])
    if fact.noun != "infant":
        _record("fact.corrected", correction, fact, target, by=by, at=at)
    return correction


def _record(kind: str, correction: Correction, fact: Fact, target: Target, *, by: Person, at: datetime) -> None:
    """Record old and new: of a place so that the fold follows, of what may not be sealed only that it was."""
    old, new = correction.old_value, correction.new_value
    of_place = fact.kind is FactKind.PLACE
    name = "place" if of_place else fact.field
    sealed = fact.is_sealed
    opened = [correction.deviation.reference] if correction.deviation else []
    record(
        kind,
        subjects=[correction.reference, target.subject, *opened],
        item=target.subject if of_place else "",
        by=by,
        at=at,
        reason=correction.reason,
        old={name: old} if sealed else {},
        new={
            **({name: new} if sealed else {}),
            "fact": f"{fact.noun}.{fact.field}",
            "rested": correction.rested,
            "asked_by": correction.asked_by.username,
            "confirmed_by": correction.confirmed_by.username if correction.confirmed_by else "",
        },
    )
