"""What becomes of a release on arrival: received or refused by the site, sent back, received again at the bank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from biobank.domain.text import obstacles_to_findings, obstacles_to_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.disposition import DispositionRefused, check_stated
from inventory.domain.shipment import (
    FROZEN_KINDS,
    ShipmentRefused,
    kept_frozen,
    obstacles_to_accepting,
    obstacles_to_receiving,
    obstacles_to_temperature,
)
from inventory.domain.unit import Event, UnitState
from inventory.models.acceptance import Acceptance
from inventory.models.disposition import Disposition
from inventory.models.receipt import Receipt
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.request import lock_request_chain
from inventory.queries.shipment import last_release_shipments, lock_shipment
from inventory.queries.unit import donors_behind, lock_unit
from inventory.services.shipment import carry_attached, named_in, release_of
from inventory.services.unit import Change, change_state, change_states


@dataclass(frozen=True, kw_only=True)
class AsReceived:
    """One unit as the site found it: accepted, or refused with a reason; ``findings`` is what was looked at."""

    accepted: bool
    reason: str = ""
    findings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What the site received: how each unit was found, by id, and the warmest that the logger saw."""

    items: Mapping[int, AsReceived]
    warmest_celsius: Decimal | None = None


@service
def receive_at_site(shipment: Shipment, delivery: Delivery, *, by: Person, at: datetime) -> list[Receipt]:
    """Receive a release at the study site, unit by unit: accepted, or refused and so returned.

    A frozen unit that was not kept frozen, as far as the logger shows, counts as thawed and cannot be accepted.
    Raises ``ShipmentRefused`` unless exactly what was sent is stated, and each refusal says why.
    """
    locked = lock_request_chain(release_of(shipment).request_id)
    shipment = lock_shipment(shipment.pk)
    units = [unit for unit in locked.units if unit.state == UnitState.SHIPPED]
    _check(shipment, units, delivery, at=at)
    shipment.received_at, shipment.received_by, shipment.warmest_celsius = at, by, delivery.warmest_celsius
    shipment.save(update_fields=["received_at", "received_by", "warmest_celsius"])
    rows = [_receipt(shipment, unit, delivery.items[unit.pk], by=by, at=at) for unit in units]
    new = {
        "shipment": shipment.reference,
        "warmest_celsius": delivery.warmest_celsius,
        "accepted": {unit.code: delivery.items[unit.pk].accepted for unit in units},
    }
    record("shipment.received", subjects=named_in(shipment, locked), by=by, at=at, new=new)
    for unit in units:
        thawed = unit.kind in FROZEN_KINDS and not kept_frozen(delivery.warmest_celsius)
        change_state(unit, _arrival(shipment, delivery.items[unit.pk], thawed=thawed), by=by, at=at)
    carry_attached(units, shipment.to_site.code, "shipment.received", shipment, by=by, at=at)
    return Receipt.objects.bulk_create(rows)


@service
def return_unit(unit: Unit, *, reason: str, occurred_at: datetime, by: Person, at: datetime) -> Unit:
    """Record that a unit comes back: sent back by the site, or undeliverable."""
    check_stated(reason, "reason", what="Say why it comes back.", longest=500, occurred_at=occurred_at, at=at)
    lock_donors(donors_behind([unit.pk]))
    unit = lock_unit(unit.pk)
    change = Change("unit.returned", Event.RETURNED, UnitState.RETURNED, reason, occurred_at=occurred_at)
    change_state(unit, change, by=by, at=at)
    Disposition.objects.create(
        unit=unit, kind="returned", note=reason, occurred_at=occurred_at, recorded_at=at, recorded_by=by
    )
    return unit


@service
def receive_return(
    unit: Unit,
    *,
    to: Site,
    opened: bool,
    warmest_celsius: Decimal | None,
    findings: Mapping[str, str],
    by: Person,
    at: datetime,
) -> Unit:
    """Receive a returned unit at the bank, into quarantine: it must be accepted anew.

    Raises ``DispositionRefused`` for one that was thawed or opened, or that no logger shows to have stayed frozen on
    its way (``warmest_celsius``): that is discarded, never stored again.
    """
    if reasons := [*obstacles_to_temperature(warmest_celsius), *obstacles_to_findings(findings)]:
        raise DispositionRefused("It cannot be received as stated.", reasons=reasons)
    lock_donors(donors_behind([unit.pk]))
    unit = lock_unit(unit.pk)
    _check_still_frozen(unit, opened=opened, warmest_celsius=warmest_celsius)
    reason = "Returned, and received at the bank unopened."
    Acceptance.objects.filter(unit=unit, withdrawn_at__isnull=True).update(withdrawn_at=at, withdrawn_because=reason)
    journey = last_release_shipments([unit.pk])[unit.pk]
    change = Change(
        "receipt.recorded",
        Event.RETURNED_TO_BANK,
        UnitState.QUARANTINED,
        reason,
        also=(journey.reference,),
        holder=to.code,
        fields={"use": ""},
    )
    change_states([unit], change, by=by, at=at)
    new = {"shipment": journey.reference, "warmest_celsius": warmest_celsius, "findings": dict(findings)}
    record("unit.quarantined", subjects=[unit.code, journey.reference], by=by, at=at, reason=reason, new=new)
    carry_attached([unit], to.code, "receipt.recorded", journey, by=by, at=at)
    return unit


def _check_still_frozen(unit: Unit, *, opened: bool, warmest_celsius: Decimal | None) -> None:
    if opened or unit.thawed:
        raise DispositionRefused(f"{unit.code} was thawed or opened: discard it.", field="opened")
    if unit.kind in FROZEN_KINDS and not kept_frozen(warmest_celsius):
        text = f"Nothing shows that {unit.code} stayed frozen: discard it."
        raise DispositionRefused(text, field="warmest_celsius")


def _arrival(shipment: Shipment, item: AsReceived, *, thawed: bool) -> Change:
    request = release_of(shipment).request
    also = (shipment.reference, request.reference, request.protocol.code)
    here = shipment.to_site.code
    if item.accepted:
        reason = f"Received in {shipment.reference} and accepted."
        return Change("unit.received", Event.RECEIVED, UnitState.RECEIVED, reason, also=also, holder=here)
    reason = f"Refused on arrival: {item.reason}"
    fields = {"thawed": True} if thawed else {}
    return Change("unit.returned", Event.RETURNED, UnitState.RETURNED, reason, also=also, holder=here, fields=fields)


def _check(shipment: Shipment, units: Sequence[Unit], delivery: Delivery, *, at: datetime) -> None:
    items = delivery.items
    if shipment.received_at is not None:
        raise ShipmentRefused(f"{shipment.reference} was received already.")
    stated = Unit.objects.filter(pk__in=items).values_list("code", flat=True)
    sent = frozenset(unit.code for unit in units)
    if reasons := obstacles_to_receiving(
        sent, frozenset(stated), handed_over_at=shipment.handed_over_at, received_at=at
    ):
        raise ShipmentRefused(f"{shipment.reference} cannot be received as stated.", reasons=reasons)
    accepted = [unit.code for unit in units if items[unit.pk].accepted and unit.kind in FROZEN_KINDS]
    reasons = obstacles_to_temperature(delivery.warmest_celsius)
    if reasons := reasons or obstacles_to_accepting(accepted, delivery.warmest_celsius):
        mend = "State what the logger shows; what did not stay frozen is refused, and discarded."
        raise ShipmentRefused(f"{shipment.reference} cannot be received as stated.", reasons=reasons, mend=mend)
    texts = [
        each
        for item in items.values()
        for each in (*obstacles_to_text(item.reason, "reason", longest=500), *obstacles_to_findings(item.findings))
    ]
    if texts:
        raise ShipmentRefused(f"{shipment.reference} cannot be received as stated.", reasons=dict.fromkeys(texts))
    if unsaid := [unit.code for unit in units if not items[unit.pk].accepted and not items[unit.pk].reason.strip()]:
        raise ShipmentRefused(f"Say why each is refused: {', '.join(unsaid)}.", field="reason")


def _receipt(shipment: Shipment, unit: Unit, item: AsReceived, *, by: Person, at: datetime) -> Receipt:
    return Receipt(
        shipment=shipment,
        unit=unit,
        decision="accept" if item.accepted else "reject",
        findings=dict(item.findings),
        reason=item.reason,
        received_at=at,
        received_by=by,
    )
