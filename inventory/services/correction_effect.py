"""What follows from a corrected fact: verdicts open again, what was computed renewed."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Min, Q

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.assay import Subject
from inventory.domain.correctable import OF_REQUEST, Fact, RestingVerdict
from inventory.domain.expiry import Expiry
from inventory.domain.request import RequestStatus
from inventory.domain.specification import hours_to_freezing
from inventory.domain.unit import UnitState
from inventory.models.processing import Processing
from inventory.models.request import UnitRequest
from inventory.models.result import Result
from inventory.models.unit import UnitSource
from inventory.queries.correction import Target, requests_resting_on
from inventory.queries.request import lock_request_chain
from inventory.queries.result import current_results
from inventory.services.correction import Correction as ResultCorrection
from inventory.services.correction import replace_result
from inventory.services.correction_expiry import TIMED, renew_expiries
from inventory.services.eligibility import reopen_eligibility
from inventory.services.result import NewResult
from inventory.services.void import take_back, void_release

STILL_HERE = frozenset({UnitState.RESERVED, UnitState.RELEASED})
HOURS = "hours_to_freezing"


def open_again(
    fact: Fact, target: Target, rested: Collection[RestingVerdict], *, because: str, by: Person, at: datetime
) -> None:
    """Open every verdict that rested on the fact again: whoever decided signs anew, or leaves it."""
    if RestingVerdict.ELIGIBILITY in fact.rests:
        reopen_eligibility(target.donation_ids, because=because, regardless=True, by=by, at=at)
    if RestingVerdict.APPROVAL in fact.rests and RestingVerdict.ACCEPTANCE not in fact.rests:
        for request_id in requests_resting_on(target) if OF_REQUEST & set(rested) else []:
            reopen_request(request_id, because=because, by=by, at=at)
    elif RestingVerdict.ACCEPTANCE in fact.rests and rested:
        take_back(target.unit_ids, because=because, by=by, at=at)


def reopen_request(request_id: int, *, because: str, by: Person, at: datetime) -> None:
    """Send an approved request back to be approved anew; its release is void, its units stay reserved for it.

    What has left is past that: a deviation speaks of it.
    """
    locked = lock_request_chain(request_id)
    if any(unit.state not in STILL_HERE for unit in locked.units):
        return
    if locked.release is not None:
        void_release(locked.release, locked.units, because=because, by=by, at=at)
    request = UnitRequest.objects.get(pk=request_id)
    if request.status != RequestStatus.APPROVED:
        return
    request.status, request.approval, request.approved_at = RequestStatus.SUBMITTED.value, None, None
    request.save(update_fields=["status", "approval", "approved_at"])
    codes = [request.reference, *(unit.code for unit in locked.units)]
    old, new = {"status": RequestStatus.APPROVED}, {"status": RequestStatus.SUBMITTED}
    record("request.reopened", subjects=codes, by=by, at=at, reason=because, old=old, new=new)


def renew(fact: Fact, target: Target, before: Mapping[str, Expiry], *, because: str, by: Person, at: datetime) -> None:
    """Compute again what followed from the fact: expiry by policy, and the hours to freezing as a new result."""
    if fact.field == "source":
        # The mother's results of one donation count for every other of the same birth.
        reopen_eligibility(target.donation_ids, because=because, by=by, at=at)
    if fact.field not in TIMED:
        return
    renew_expiries(target, before, because=because, by=by, at=at)
    for old in _hours_of(target):
        _renew_hours(old, because=because, by=by, at=at)


def _hours_of(target: Target) -> list[Result]:
    of_these = Q(unit_id__in=target.unit_ids) | Q(lot__vials__in=target.unit_ids)
    rows = current_results().filter(of_these, assay=HOURS, number__isnull=False).distinct()
    return list(rows.select_related("unit", "lot__processing").order_by("pk"))


def _renew_hours(old: Result, *, because: str, by: Person, at: datetime) -> None:
    run = old.lot.processing if old.lot else Processing.objects.filter(lineage__child_id=old.unit_id).first()
    if run is None or run.frozen_at is None:
        return
    parents = UnitSource.objects.filter(unit__made__processing=run)
    collected_at = parents.aggregate(first=Min("donation__collected_at"))["first"]
    if collected_at is None or (hours := hours_to_freezing(collected_at, run.frozen_at)) == old.number:
        return
    value = NewResult(
        assay=HOURS, subject=Subject(old.subject), unit=old.unit, lot=old.lot, value=f"{hours:f}", method=old.method
    )
    replace_result(old, ResultCorrection(old.pk, value, because), by=by, at=at)
