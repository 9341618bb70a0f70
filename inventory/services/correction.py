"""Correcting results: a new one names the old one and the reason; every verdict that rested on it is open again."""

from dataclasses import dataclass, replace
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.domain.text import obstacles_to_text
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.assay import Qualifier, Subject
from inventory.domain.specification import recorded_recovery_percent
from inventory.domain.verdict import Outcome
from inventory.models.result import Result
from inventory.queries.result import donors_of_results, lock_results, recoveries_resting_on
from inventory.services.correction_row import note_result
from inventory.services.result import (
    NewResult,
    ResultRefused,
    codes_of,
    donors_named_in,
    reopen_verdicts,
    row_of,
    take_back_acceptance,
    told,
)

LONGEST_REASON = 500


@dataclass(frozen=True)
class Correction:
    """A result that replaces another, and why."""

    replaces_id: int
    value: NewResult
    reason: str = ""


@service
def correct_result(correction: Correction, *, by: Person, at: datetime) -> Result:
    """Replace a result by a new one, unverified again, with the reason. The old one stays as it was.

    A recovery computed from a corrected count is corrected with it, and every verdict that rested on the old value is
    open again: eligibility, and the acceptance of units whose specification asks for it.

    Raises ``ResultRefused`` where the old one is already replaced, is of another subject, no reason is given, or what
    another establishment reported would become a measurement of the bank's own.
    """
    lock_donors({*donors_of_results([correction.replaces_id]), *donors_named_in([correction.value])})
    found = lock_results([correction.replaces_id])
    if not found:
        raise ResultRefused("The result to correct does not exist.")
    _check_correction(found[0], correction)
    corrected = [replace_result(found[0], correction, by=by, at=at)]
    for old, value in _recoveries_to_correct(corrected[0]):
        corrected.append(
            replace_result(old, Correction(old.pk, value, "computed from a corrected count"), by=by, at=at)
        )
    reopen_verdicts(corrected, because="a corrected result", by=by, at=at)
    take_back_acceptance(corrected, Outcome.UNKNOWN, Outcome.FAIL, because="a corrected result", by=by, at=at)
    return corrected[0]


def replace_result(old: Result, correction: Correction, *, by: Person, at: datetime) -> Result:
    new = row_of(correction.value, by=by, at=at)
    new.replaces, new.reason = old, correction.reason
    new.save(force_insert=True)
    record(
        "result.corrected",
        subjects=codes_of(new),
        by=by,
        at=at,
        reason=correction.reason,
        old=told(old),
        new=told(new),
    )
    note_result(old, new, by=by, at=at)
    return new


def _recoveries_to_correct(count: Result) -> list[tuple[Result, NewResult]]:
    """Return the recoveries that rest on a corrected count, before or after processing, each with its new value."""
    if count.assay != "tnc" or count.sample_id is not None:
        return []
    found = []
    for old, before, after in recoveries_resting_on(count.unit_id or 0):
        value = NewResult(
            "tnc_recovery_percent",
            Subject.UNIT,
            unit=old.unit,
            qualifier=Qualifier.NOT_DONE,
            method=old.method,
            reported_by=old.reported_by,
        )
        if before is not None and after is not None:
            percent = f"{recorded_recovery_percent(before, after):f}"
            value = replace(value, value=percent, qualifier=Qualifier.MEASURED)
        found.append((old, value))
    return found


def _check_correction(old: Result, correction: Correction) -> None:
    new = correction.value
    reasons = []
    if Result.objects.filter(replaces=old).exists():
        reasons.append(Reason("It was corrected already: correct the newer result.", "already-corrected"))
    same = (old.assay, old.subject, old.unit_id, old.lot_id, old.donation_id) == (
        new.assay,
        new.subject.value,
        new.unit.pk if new.unit else None,
        new.lot.pk if new.lot else None,
        new.donation.pk if new.donation else None,
    )
    if not same:
        reasons.append(Reason("A correction is of the same assay and the same subject.", "other-subject"))
    if bool(old.reported_by) is not bool(new.reported_by):
        text = "What another establishment reported is corrected as reported; what was measured here is a new result."
        reasons.append(Reason(text, "reported", "reported_by"))
    if obstacles_to_text(correction.reason, "reason", longest=LONGEST_REASON, needed=True):
        text = f"A correction gives its reason, in at most {LONGEST_REASON} readable characters."
        reasons.append(Reason(text, "no-reason", "reason"))
    if reasons:
        raise ResultRefused("The result was not corrected.", reasons=reasons)
