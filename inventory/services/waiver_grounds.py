"""The grounds of a request by exception, written with it before it reserves anything."""

from collections.abc import Sequence

from biobank.domain.refusal import Reason
from biobank.services.ledger import record
from inventory.domain.acceptance import obstacles_of_decisions
from inventory.domain.unit import Use
from inventory.domain.waiver import Grounds, WaiverRefused
from inventory.models.request import UnitRequest
from inventory.models.unit import Unit
from inventory.models.waiver import Waiver
from inventory.queries.acceptance import acceptance_facts
from inventory.queries.background import Background
from inventory.services.gate import Attempt


def ask_for_waiver(
    request: UnitRequest, units: Sequence[Unit], grounds: Grounds, attempt: Attempt, *, behind: Background
) -> Waiver:
    """Write on what grounds a request for locked units may leave gates open.

    Raises ``WaiverRefused`` for a unit that the bank rejected, left to be discarded or tested first, or accepted for
    the laboratory.
    """
    _check_nothing_decided(units, attempt, behind)
    waiver = Waiver.objects.create(
        request=request,
        kind=grounds.kind.value,
        physician=grounds.physician,
        physician_request_sha256=grounds.physician_request_sha256,
        deviation_known=grounds.deviation_known,
        no_alternative=grounds.no_alternative,
        asked_by=attempt.by,
        asked_at=attempt.at,
    )
    new = {
        "kind": grounds.kind,
        "physician_request_sha256": grounds.physician_request_sha256,
        "deviation_known": grounds.deviation_known,
        "no_alternative": grounds.no_alternative,
    }
    subjects = (request.reference, request.protocol.code, *(unit.code for unit in units))
    record("waiver.asked", subjects=subjects, by=attempt.by, at=attempt.at, new=new)
    return waiver


def _check_nothing_decided(units: Sequence[Unit], attempt: Attempt, behind: Background) -> None:
    facts = acceptance_facts(units, {}, at=attempt.at, behind=behind)
    reasons = [
        Reason(f"{unit.code}: {reason.text}", reason.code, "units")
        for unit in units
        for reason in obstacles_of_decisions(Use.HUMAN_APPLICATION, facts[unit.pk])
    ]
    if reasons:
        trace = (lambda: attempt.note("request", reasons),)
        raise WaiverRefused("No exception undoes what the bank decided.", reasons=reasons, afterwards=trace)
