"""Asking for units that do not pass, weighing it, and the site's word that it knows: never a flag on the normal way."""

from dataclasses import dataclass
from datetime import datetime

from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.queries.person import roles_of
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.release import ReleaseKind
from inventory.domain.request import RequestStatus, check_open
from inventory.domain.waiver import (
    LONGEST_NAME,
    SHA256,
    Grounds,
    Statement,
    WaiverRefused,
    check_statement,
)
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.waiver import Waiver, WaiverAcknowledgement
from inventory.queries.request import lock_request_chain
from inventory.queries.waiver import is_acknowledged, lock_waiver
from inventory.services.arrival import obstacles_to_acting_for
from inventory.services.release import standing_release
from inventory.services.request import NewRequest, submit_request
from inventory.services.void import void_release

BEFORE_ISSUE = frozenset({RequestStatus.SUBMITTED, RequestStatus.APPROVED})


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """The site's word: who gave it, the document by its hash, and when."""

    acknowledged_by: str
    document_sha256: str
    occurred_at: datetime


@service
def request_by_exception(wanted: NewRequest, grounds: Grounds, *, by: Person, at: datetime) -> UnitRequest:
    """Reserve units, from quarantine too, for a named recipient whose physician knows what they lack.

    Raises ``WaiverRefused`` for grounds that do not bear it, or for a unit that the bank rejected, left to be discarded
    or tested first, or accepted for the laboratory; and all that a request raises: no gate but 2 and 3, as the kind
    allows, may be other than pass.
    """
    return submit_request(wanted, grounds=grounds, by=by, at=at)


@service
def state_benefit_and_risk(request: UnitRequest, statement: Statement, *, by: Person, at: datetime) -> Waiver:
    """Record what the medical director weighed; the same person must sign the release.

    Stating it anew makes an evaluation that stands void. Raises ``WaiverRefused``, ``RequestNotOpen``.
    """
    locked = lock_request_chain(request.pk)
    request = locked.request
    check_open(RequestStatus(request.status), BEFORE_ISSUE, reference=request.reference, verb="weighed")
    waiver = lock_waiver(request.pk)
    if waiver is None:
        raise WaiverRefused(f"{request.reference} is a normal request and leaves nothing open.")
    check_statement(statement, roles=roles_of(by, at), requested=request.requested_by_id == by.pk)
    if locked.release is not None:
        void_release(locked.release, locked.units, because="Benefit and risk were stated anew.", by=by, at=at)
    old = {"benefit": waiver.benefit, "risk": waiver.risk}
    waiver.benefit, waiver.risk, waiver.stated_by, waiver.stated_at = statement.benefit, statement.risk, by, at
    waiver.save(update_fields=["benefit", "risk", "stated_by", "stated_at"])
    new = {"benefit": statement.benefit, "risk": statement.risk}
    record("waiver.stated", subjects=_named(request), by=by, at=at, old=old, new=new)
    return waiver


@service
def acknowledge_condition(
    release: Release, acknowledgement: Acknowledgement, *, by: Person, at: datetime
) -> WaiverAcknowledgement:
    """Record that the site knows the condition on which an issued release comes; nothing is handed over before.

    Raises ``WaiverRefused`` for a normal release, a word given twice, by somebody of another site, or one from before
    the release or the future.
    """
    locked = lock_request_chain(release.request_id)
    standing = standing_release(locked, release, status="issued")
    if reasons := obstacles_to_acting_for(locked.request.site, by, field="by"):
        raise WaiverRefused("The site's word was not recorded.", reasons=reasons)
    _check_acknowledgement(standing, acknowledgement, at=at)
    row = WaiverAcknowledgement.objects.create(
        release=standing,
        acknowledged_by=acknowledgement.acknowledged_by,
        document_sha256=acknowledgement.document_sha256,
        occurred_at=acknowledgement.occurred_at,
        recorded_by=by,
        recorded_at=at,
    )
    codes = [unit.code for unit in locked.units]
    record(
        "waiver.acknowledged",
        subjects=[standing.reference, *_named(locked.request), *codes],
        by=by,
        at=at,
        new={"document_sha256": acknowledgement.document_sha256},
        occurred_at=acknowledgement.occurred_at,
    )
    return row


def _check_acknowledgement(release: Release, acknowledgement: Acknowledgement, *, at: datetime) -> None:
    check_text(acknowledgement.acknowledged_by, "acknowledged_by", longest=LONGEST_NAME)
    if release.kind == ReleaseKind.NORMAL:
        raise WaiverRefused(f"{release.reference} is a normal release: there is no condition to know.")
    if is_acknowledged(release.pk):
        raise WaiverRefused(f"The condition of {release.reference} is acknowledged already.")
    if not SHA256.fullmatch(acknowledgement.document_sha256):
        text = "The site's letter is named by its SHA-256: 64 hexadecimal digits, lower-case."
        raise WaiverRefused(text, field="document_sha256")
    if release.issued_at is None or not release.issued_at <= acknowledgement.occurred_at <= at:
        raise WaiverRefused("The site answers after the signatures, and not in the future.", field="occurred_at")


def _named(request: UnitRequest) -> list[str]:
    codes = request.lines.filter(removed_at__isnull=True).order_by("unit_id").values_list("unit__code", flat=True)
    return [request.reference, request.protocol.code, *codes]
