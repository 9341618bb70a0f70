"""Approving requests: quality's signature, and the worklist of what must still become known before release."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from inventory.domain.finding import Finding, Gate
from inventory.domain.gate import Step, worklist
from inventory.domain.release import ReleaseKind
from inventory.domain.request import OwnRequest, RequestStatus, check_open
from inventory.models.request import UnitRequest, WorklistItem
from inventory.models.unit import Unit
from inventory.queries.gate import asked_by, gate_facts
from inventory.queries.request import lock_request_chain
from inventory.services.gate import Attempt, check_gates, evaluate_all


class WorkDone(RuleViolation):
    code = "work-done"
    title = "This line of the worklist is done already"


@service
def approve_request(
    request: UnitRequest, *, owner: Person, credentials: Credentials, by: Person, at: datetime
) -> UnitRequest:
    """Approve a request by quality's signature; each unknown becomes a line of the worklist, for ``owner`` to see to.

    Raises ``NotReleasable`` with every obstacle, ``OwnRequest`` for who made it, ``SignatureRefused`` by the signature.
    """
    locked = lock_request_chain(request.pk)
    request, units = locked.request, locked.units
    check_open(
        RequestStatus(request.status),
        frozenset({RequestStatus.SUBMITTED}),
        reference=request.reference,
        verb="approved",
    )
    if request.requested_by_id == by.pk:
        raise OwnRequest(f"{by.printed_name} made {request.reference}.")
    codes = (request.reference, request.protocol.code, *(unit.code for unit in units))
    findings = evaluate_all(gate_facts(units, asked_by(request), at=at).values(), at=at)
    check_gates(Step.APPROVAL, findings, Attempt("request.refused", codes, by, at), kind=ReleaseKind(request.kind))
    content = approval_snapshot(request, findings)
    signature = sign(
        content, meaning=Meaning.APPROVED, credentials=credentials, by=by, at=at, permission=Permission.APPROVE_REQUEST
    )
    request.status, request.approval, request.approved_at = RequestStatus.APPROVED.value, signature, at
    request.save(update_fields=["status", "approval", "approved_at"])
    items = _open_worklist(request, units, findings, owner=owner)
    work = [{"unit": item.unit.code, "gate": item.gate, "task": item.task} for item in items]
    new = {**content, "worklist": work, "owner": owner.username}
    record("request.approved", subjects=codes, by=by, at=at, new=new)
    return request


@service
def finish_work(item: WorklistItem, *, by: Person, at: datetime) -> WorklistItem:
    """Mark one line of a worklist as done."""
    item = WorklistItem.objects.select_for_update(of=("self",)).select_related("unit", "request").get(pk=item.pk)
    if item.done_at is not None:
        raise WorkDone(f"“{item.task}” is done already.")
    item.done_at = at
    item.save(update_fields=["done_at"])
    subjects = [item.request.reference, item.unit.code]
    record("worklist.done", subjects=subjects, by=by, at=at, new={"gate": item.gate, "task": item.task})
    return item


def approval_snapshot(request: UnitRequest, findings: Mapping[str, Sequence[Finding]]) -> dict[str, object]:
    """Return what is signed: the request, and what the gates say of each of its units."""
    return {
        "request": request.reference,
        "kind": request.kind,
        "protocol": str(request.protocol),
        "site": request.site.code,
        "recipient": request.recipient.code if request.recipient else "",
        "needed_by": request.needed_by,
        "units": {
            code: {finding.gate.name.lower(): finding.outcome for finding in found if finding.gate is not Gate.PEOPLE}
            for code, found in sorted(findings.items())
        },
    }


def _open_worklist(
    request: UnitRequest, units: Sequence[Unit], findings: Mapping[str, Sequence[Finding]], *, owner: Person
) -> list[WorklistItem]:
    # What was approved before, and went back, has its lines already.
    known = set(WorklistItem.objects.filter(request=request).values_list("unit_id", "gate", "task"))
    return WorklistItem.objects.bulk_create(
        WorklistItem(
            request=request,
            unit=unit,
            gate=line.gate.value,
            task=line.task[:300],
            owner=owner,
            due_date=request.needed_by,
        )
        for unit in units
        for line in dict.fromkeys(worklist(findings[unit.code]))
        if (unit.pk, line.gate.value, line.task[:300]) not in known
    )
