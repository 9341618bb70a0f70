"""What becomes of a release on arrival: received or refused by the site, sent back, received again at the bank."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from biobank.domain.refusal import Reason
from biobank.domain.site import SiteKind
from biobank.domain.text import obstacles_to_findings, obstacles_to_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.disposition import DispositionRefused, check_stated
from inventory.domain.receipt import ReceiptDecision
from inventory.domain.shipment import (
    FROZEN_KINDS,
    ShipmentRefused,
    kept_frozen,
    obstacles_to_accepting,
    obstacles_to_temperature,
)
from inventory.domain.unit import Event, UnitState, check_transition
from inventory.models.acceptance import Acceptance
from inventory.models.disposition import Disposition
from inventory.models.receipt import Receipt
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.journey import is_frozen
from inventory.queries.request import lock_request_chain
from inventory.queries.sample import lock_samples
from inventory.queries.shipment import Loaded, last_release_shipments, lock_around
from inventory.queries.unit import donors_behind, lock_unit
from inventory.services.arrival import Besides, obstacles_of_another_site
from inventory.services.disposition import check_word_of_site
from inventory.services.journey import end_items
from inventory.services.receipt import Seen, arrive
from inventory.services.sample import change_holder
from inventory.services.shipment import release_of
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
    besides: Besides = field(default_factory=Besides)


@service
def receive_at_site(shipment: Shipment, delivery: Delivery, *, by: Person, at: datetime) -> list[Receipt]:
    """Receive a release at the study site, unit by unit: accepted, or refused and so returned.

    A frozen unit that was not kept frozen, as far as the logger shows, counts as thawed and cannot be accepted.
    Raises ``ShipmentRefused`` unless everything that was sent is stated or said missing, and each refusal says why.
    """
    request = release_of(shipment).request
    loaded = lock_around(shipment.pk, lock_request_chain(request.pk).units)
    besides = replace(delivery.besides, warmest_celsius=delivery.warmest_celsius)
    warmest = besides.logger.warmest_celsius if besides.logger else besides.warmest_celsius
    _check(loaded, delivery, warmest)
    also = (request.reference, request.protocol.code)
    seen = {}
    for unit_id, item in delivery.items.items():
        thawed = unit_id in _frozen(loaded) and not kept_frozen(warmest)
        seen[unit_id] = Seen(
            decision=ReceiptDecision.ACCEPT if item.accepted else ReceiptDecision.REJECT,
            reason=item.reason,
            findings=dict(item.findings),
            change=_arrival(loaded.shipment, item, also, thawed=thawed),
        )
    return arrive(loaded, seen, {}, besides, also=also, by=by, at=at)


@service
def return_unit(unit: Unit, *, reason: str, occurred_at: datetime, by: Person, at: datetime) -> Unit:
    """Record that a unit comes back: sent back by the site, or undeliverable.

    Raises ``DispositionRefused`` for what is not said, from before the unit left, or told by another site.
    """
    check_stated(reason, "reason", what="Say why it comes back.", longest=500, occurred_at=occurred_at, at=at)
    lock_donors(donors_behind([unit.pk]))
    unit = lock_unit(unit.pk)
    check_word_of_site(unit, occurred_at=occurred_at, by=by)
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
    its way (``warmest_celsius``): that is discarded; for somebody of another site than it is received ``to``; and
    ``IllegalTransition`` for what did not come back.
    """
    _check_coming_back(to, warmest_celsius, findings, by)
    lock_donors(donors_behind([unit.pk]))
    unit = lock_unit(unit.pk)
    check_transition(UnitState(unit.state), UnitState.QUARANTINED, Event.RETURNED_TO_BANK)
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
    end_items([unit], "received", at=at)
    attached = lock_samples((), hanging_on=[unit.pk])
    change_holder(attached, to.code, kind="receipt.recorded", also=[journey.reference], by=by, at=at)
    return unit


def _check_coming_back(to: Site, celsius: Decimal | None, findings: Mapping[str, str], by: Person) -> None:
    elsewhere = obstacles_of_another_site(to, by, field="to")
    if to.kind != SiteKind.BANK:
        elsewhere = [Reason(f"{to.code} is no site of the bank.", "no-bank", "to")]
    if reasons := [*elsewhere, *obstacles_to_temperature(celsius), *obstacles_to_findings(findings)]:
        raise DispositionRefused("It cannot be received as stated.", reasons=reasons)


def _check_still_frozen(unit: Unit, *, opened: bool, warmest_celsius: Decimal | None) -> None:
    if opened or unit.thawed:
        raise DispositionRefused(f"{unit.code} was thawed or opened: discard it.", field="opened")
    if unit.kind in FROZEN_KINDS and not kept_frozen(warmest_celsius):
        text = f"Nothing shows that {unit.code} stayed frozen: discard it."
        raise DispositionRefused(text, field="warmest_celsius")


def _arrival(shipment: Shipment, item: AsReceived, also: tuple[str, ...], *, thawed: bool) -> Change:
    named, here = (shipment.reference, *also), shipment.to_site.code
    if item.accepted:
        reason = f"Received in {shipment.reference} and accepted."
        return Change("unit.received", Event.RECEIVED, UnitState.RECEIVED, reason, also=named, holder=here)
    reason = f"Refused on arrival: {item.reason}"
    fields = {"thawed": True} if thawed else {}
    return Change("unit.returned", Event.RETURNED, UnitState.RETURNED, reason, also=named, holder=here, fields=fields)


def _frozen(loaded: Loaded) -> dict[int, str]:
    return {unit.pk: unit.code for unit in loaded.units if is_frozen(unit)}


def _check(loaded: Loaded, delivery: Delivery, warmest: Decimal | None) -> None:
    items, reference = delivery.items, loaded.shipment.reference
    reasons = [
        each
        for item in items.values()
        for each in (*obstacles_to_text(item.reason, "reason", longest=500), *obstacles_to_findings(item.findings))
    ]
    if reasons := list(dict.fromkeys(reasons)):
        raise ShipmentRefused(f"{reference} cannot be received as stated.", reasons=reasons)
    accepted = [code for pk, code in _frozen(loaded).items() if pk in items and items[pk].accepted]
    reasons = obstacles_to_temperature(warmest) or obstacles_to_accepting(accepted, warmest)
    if reasons:
        mend = "State what the logger shows; what did not stay frozen is refused, and discarded."
        raise ShipmentRefused(f"{reference} cannot be received as stated.", reasons=reasons, mend=mend)
    if unsaid := [
        unit.code
        for unit in loaded.units
        if unit.pk in items and not items[unit.pk].accepted and not items[unit.pk].reason.strip()
    ]:
        raise ShipmentRefused(f"Say why each is refused: {', '.join(unsaid)}.", field="reason")
