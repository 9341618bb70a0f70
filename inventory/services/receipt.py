"""Receipt at the bank: what came against what was sent, decided item by item."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from biobank.domain.ledger import plain
from biobank.domain.refusal import RuleViolation
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.hold import HoldKind
from inventory.domain.receipt import ReceiptDecision, ReceiptFacts, ReceiptVerdict, judge_receipt
from inventory.domain.sample import SampleState
from inventory.domain.shipment import ShipmentKind
from inventory.domain.unit import FINAL, Event, UnitState
from inventory.models.receipt import Receipt
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.sample import lock_samples
from inventory.queries.shipment import lock_shipment, sample_ids_inside, unit_ids_inside
from inventory.queries.unit import donors_behind, lock_units
from inventory.services.hold import NewHold, place_holds
from inventory.services.sample import change_holder
from inventory.services.unit import Change, change_states


class ReceiptRefused(RuleViolation):
    """What came cannot be received as stated."""

    code = "receipt-refused"
    title = "The receipt was not recorded"
    mend = "State every item of the shipment once, as it was found. Nothing was saved."


@service
def receive_collection(
    shipment: Shipment, found: Mapping[int, ReceiptFacts], *, by: Person, at: datetime
) -> list[Receipt]:
    """Receive a collection shipment: ``found`` says, by unit id, what was looked at on each item.

    The bank's criteria decide each: accept, accept for laboratory use, or reject; every difference places a hold.
    Raises ``ReceiptRefused`` unless every unit sent, but for those recorded as lost since, is stated and nothing else.
    """
    lock_donors(donors_behind(list(found)))
    shipment = lock_shipment(shipment.pk)
    _check(shipment, found)
    units = lock_units(list(found))
    samples = [each for each in lock_samples(sample_ids_inside(shipment.pk)) if each.state == SampleState.STORED]
    here = shipment.to_site.code
    shipment.received_at, shipment.received_by = at, by
    shipment.save(update_fields=["received_at", "received_by"])
    verdicts = {unit.pk: judge_receipt(found[unit.pk]) for unit in units}
    receipts = _receipts(shipment, units, found, verdicts, by=by, at=at)
    change_states(
        units,
        Change(
            kind="shipment.received",
            event=Event.RECEIVED_AT_BANK,
            to=UnitState.QUARANTINED,
            reason="received at the bank",
            also=(shipment.reference,),
            holder=here,
        ),
        by=by,
        at=at,
    )
    change_holder(samples, here, kind="shipment.received", also=[shipment.reference], by=by, at=at)
    _hold_differences(units, verdicts, by=by, at=at)
    return receipts


def _check(shipment: Shipment, found: Mapping[int, ReceiptFacts]) -> None:
    if shipment.kind != ShipmentKind.COLLECTION:
        raise ReceiptRefused(f"{shipment.reference} is no collection shipment.", field="shipment")
    if shipment.handed_over_at is None or shipment.received_at is not None:
        raise ReceiptRefused(f"{shipment.reference} is not on its way.", field="shipment")
    inside = Unit.objects.filter(pk__in=unit_ids_inside(shipment.pk)).exclude(state__in=FINAL)
    sent = set(inside.values_list("pk", flat=True))
    if sent != set(found):
        differing = Unit.objects.filter(pk__in=sent ^ set(found)).order_by("code").values_list("code", flat=True)
        raise ReceiptRefused(f"Stated and sent differ: {', '.join(differing) or 'an unknown unit'}.", field="items")


def _receipts(
    shipment: Shipment,
    units: Sequence[Unit],
    found: Mapping[int, ReceiptFacts],
    verdicts: Mapping[int, ReceiptVerdict],
    *,
    by: Person,
    at: datetime,
) -> list[Receipt]:
    rows = []
    for unit in units:
        verdict, seen = verdicts[unit.pk], plain(asdict(found[unit.pk]))
        reason = "; ".join(verdict.reasons)
        rows.append(
            Receipt(
                shipment=shipment,
                unit=unit,
                decision=verdict.decision.value,
                findings=seen,
                reason=reason,
                received_at=at,
                received_by=by,
            )
        )
        record(
            "receipt.recorded",
            subjects=[shipment.reference, unit.code],
            by=by,
            at=at,
            reason=reason,
            new={"decision": verdict.decision, "found": seen},
        )
    return Receipt.objects.bulk_create(rows, batch_size=500)


def _hold_differences(
    units: Sequence[Unit], verdicts: Mapping[int, ReceiptVerdict], *, by: Person, at: datetime
) -> None:
    place_holds(
        [
            NewHold(kind=HoldKind.RECEIPT, reason=_doubt(verdicts[unit.pk]), unit_id=unit.pk)
            for unit in units
            if verdicts[unit.pk].differences or verdicts[unit.pk].decision is ReceiptDecision.REJECT
        ],
        by=by,
        at=at,
    )


def _doubt(verdict: ReceiptVerdict) -> str:
    differing = f"differs from what was sent: {', '.join(verdict.differences)}" if verdict.differences else ""
    return "; ".join(filter(None, [*verdict.reasons, differing]))
