"""Requests: reserving units for a study all or nothing, and what quality and coordinators then do with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.gate import Step
from inventory.domain.lot import choose_vials
from inventory.domain.recipient import canonical_typing
from inventory.domain.release import ReleaseKind
from inventory.domain.request import OPEN, RequestRefused, RequestStated, RequestStatus, check_open, check_stated
from inventory.domain.reservation import end_of_reservation
from inventory.domain.unit import RESERVED_FROM, Event, UnitState
from inventory.domain.waiver import Grounds, kind_asked
from inventory.models.lot import Lot
from inventory.models.protocol import Protocol
from inventory.models.request import RequestLine, UnitRequest
from inventory.models.unit import Unit
from inventory.queries.background import Background
from inventory.queries.gate import Asked, gate_facts
from inventory.queries.lot import choosable, lock_lots, vial_ids_of
from inventory.queries.protocol import lock_protocols
from inventory.queries.request import LockedRequest, lock_request_chain
from inventory.queries.unit import Behind, donors_behind, lock_units, with_codes_behind
from inventory.services.gate import Attempt, check_gates, evaluate_all
from inventory.services.recipient import register_recipient
from inventory.services.reservation import check_unreserved, reserve
from inventory.services.unit import Change
from inventory.services.void import end_request, send_back, take_out_lines, void_release
from inventory.services.waiver_grounds import ask_for_waiver


@dataclass(frozen=True)
class LotCount:
    """So many vials of a lot, by its id; the bank picks which."""

    lot_id: int
    count: int


@dataclass(frozen=True, kw_only=True)
class NewRequest:
    """What a coordinator asks for: units by id, how many vials of which lots, where they go, and for whom.

    ``weight_kg`` and ``recipient_typing`` (text by assay: ``hla_a``, …) are the recipient's.
    """

    protocol: Protocol
    site: Site
    unit_ids: tuple[int, ...] = ()
    lots: tuple[LotCount, ...] = ()
    needed_by: date
    delivery_address: str
    delivery_contact: str
    until: datetime | None = None
    recipient: str = ""
    weight_kg: Decimal | None = None
    recipient_typing: Mapping[str, str] = field(default_factory=dict)
    ordering_physician: str = ""
    order_sha256: str = ""


# What the database counts its rows with.
LARGEST_ID = 2**63 - 1
LONGEST_REASON = 500


class NotInRequest(RuleViolation):
    code = "not-in-request"
    title = "The unit is not in this request"
    mend = "Open the request and look at its units."


@service
def request_units(wanted: NewRequest, *, by: Person, at: datetime) -> UnitRequest:
    """Reserve units in stock for a protocol, all or nothing, for a normal release.

    Raises ``RequestRefused`` for what is not stated, ``TooFewVials`` of a lot, ``NotReleasable`` with every obstacle of
    every unit and ``AlreadyReserved``; the refused attempt is recorded.
    """
    return submit_request(wanted, by=by, at=at)


@service
def submit_request(wanted: NewRequest, *, grounds: Grounds | None = None, by: Person, at: datetime) -> UnitRequest:
    """Do what every kind of request does, and raise as ``request_units``; only ``grounds`` make it an exception.

    Raises ``WaiverRefused`` for grounds that do not bear it, or for a unit of which the bank has decided otherwise.
    """
    kind = kind_asked(grounds, human_application=wanted.protocol.human_application, recipient=wanted.recipient)
    lot_ids = [each.lot_id for each in wanted.lots]
    if not all(0 < named <= LARGEST_ID for named in (*wanted.unit_ids, *lot_ids)):
        raise RequestRefused("A unit or lot named is not in this bank.", field="units")
    lock_donors(donors_behind(wanted.unit_ids, lot_ids=lot_ids))
    protocol = next(each for each in lock_protocols([wanted.protocol.code]) if each.pk == wanted.protocol.pk)
    lots = lock_lots(lot_ids)
    locked = lock_units({*wanted.unit_ids, *vial_ids_of(lot_ids)})
    named = [unit for unit in locked if unit.pk in set(wanted.unit_ids)]
    check_stated(_stated(wanted, named, lots), today=at.date())
    units = sorted([*named, *_chosen(wanted, lots, locked, kind)], key=lambda unit: unit.pk)
    behind = Background(units)
    attempt = Attempt("request.refused", _named(protocol, units, behind.codes), by, at)
    until = end_of_reservation(wanted.until, at=at, hours=protocol.reservation_hours)
    check_unreserved(units, attempt)
    asked = _asked(wanted, protocol, kind, by=by, at=at)
    findings = evaluate_all(gate_facts(units, asked, at=at, behind=behind).values(), at=at)
    check_gates(Step.REQUEST, findings, attempt, kind=kind, besides=_not_at_hand(units, kind))
    request = _write(wanted, asked, by=by, at=at)
    RequestLine.objects.bulk_create(RequestLine(request=request, unit=unit) for unit in units)
    _record_submitted(request, units, _counts(wanted, lots), attempt)
    if grounds is not None:
        ask_for_waiver(request, units, grounds, attempt, behind=behind)
    reserve(request, units, until=until, behind=behind.codes, attempt=attempt)
    return request


@service
def reject_request(request: UnitRequest, *, reason: str, by: Person, at: datetime) -> UnitRequest:
    """End a request that quality does not approve; its units go back where they were reserved from."""
    check_text(reason, "reason", longest=LONGEST_REASON)
    locked = lock_request_chain(request.pk)
    allowed = frozenset({RequestStatus.SUBMITTED, RequestStatus.APPROVED})
    _check(locked, allowed, verb="rejected")
    return _end(locked, RequestStatus.REJECTED, kind="request.rejected", reason=reason, by=by, at=at)


@service
def cancel_request(request: UnitRequest, *, reason: str, by: Person, at: datetime) -> UnitRequest:
    """End a request that is no longer wanted, released or not, as long as nothing was handed over."""
    check_text(reason, "reason", longest=LONGEST_REASON)
    locked = lock_request_chain(request.pk)
    _check(locked, OPEN, verb="cancelled")
    return _end(locked, RequestStatus.CANCELLED, kind="request.cancelled", reason=reason, by=by, at=at)


@service
def take_out_unit(request: UnitRequest, unit: Unit, *, reason: str, by: Person, at: datetime) -> UnitRequest:
    """Take one unit out of a request. A standing release becomes void, and the rest must be signed anew."""
    check_text(reason, "reason", longest=LONGEST_REASON)
    locked = lock_request_chain(request.pk)
    _check(locked, OPEN, verb="changed")
    out = [each for each in locked.units if each.pk == unit.pk]
    if not out:
        raise NotInRequest(f"{unit.code} is not in {locked.request.reference}.", field="unit")
    if locked.release is not None:
        void_release(locked.release, [unit for unit in locked.units if unit not in out], because=reason, by=by, at=at)
        locked.request.refresh_from_db(fields=["status"])
    take_out_lines(locked.request, out, because=reason, at=at)
    also = (locked.request.reference, locked.request.protocol.code)
    send_back(out, Change("unit.unreserved", Event.REQUEST_ENDED, None, reason, also=also), by=by, at=at)
    return locked.request


def _check(locked: LockedRequest, allowed: frozenset[RequestStatus], *, verb: str) -> None:
    check_open(RequestStatus(locked.request.status), allowed, reference=locked.request.reference, verb=verb)


def _end(
    locked: LockedRequest, status: RequestStatus, *, kind: str, reason: str, by: Person, at: datetime
) -> UnitRequest:
    request, units = locked.request, locked.units
    if locked.release is not None:
        void_release(locked.release, (), because=reason, by=by, at=at)
    end_request(request, status, because=reason, at=at)
    subjects = (request.reference, *_named(request.protocol, units, with_codes_behind(units)))
    record(kind, subjects=subjects, by=by, at=at, reason=reason, new={"status": status.value})
    also = (request.reference, request.protocol.code)
    send_back(units, Change("unit.unreserved", Event.REQUEST_ENDED, None, reason, also=also), by=by, at=at)
    return request


def _counts(wanted: NewRequest, lots: Sequence[Lot]) -> dict[str, int]:
    codes = {lot.pk: lot.code for lot in lots}
    return {codes[each.lot_id]: each.count for each in wanted.lots}


def _chosen(wanted: NewRequest, lots: Sequence[Lot], locked: Sequence[Unit], kind: ReleaseKind) -> list[Unit]:
    """Return the vials that the bank picks for what is asked by count: none that the request names as well."""
    if not lots:
        return []
    vials = {unit.pk: unit for unit in locked if unit.lot_id and unit.pk not in wanted.unit_ids}
    ready, counts = choosable(list(vials.values())), _counts(wanted, lots)
    return [
        vials[unit_id]
        for lot in lots
        for unit_id in choose_vials(lot.code, counts[lot.code], ready.get(lot.pk, []), states=_at_hand(kind))
    ]


def _stated(wanted: NewRequest, units: Sequence[Unit], lots: Sequence[Lot]) -> RequestStated:
    codes = {unit.pk: unit.code for unit in units}
    known = {lot.pk: lot.code for lot in lots}
    return RequestStated(
        lots=tuple((known[each.lot_id], each.count) for each in wanted.lots if each.lot_id in known),
        missing_lots=len({each.lot_id for each in wanted.lots} - set(known)),
        units=tuple(codes[unit_id] for unit_id in wanted.unit_ids if unit_id in codes),
        missing=len(set(wanted.unit_ids) - set(codes)),
        human_application=wanted.protocol.human_application,
        needed_by=wanted.needed_by,
        delivery_address=wanted.delivery_address,
        delivery_contact=wanted.delivery_contact,
        recipient=wanted.recipient,
        weight_kg=wanted.weight_kg,
        recipient_typing=dict(wanted.recipient_typing),
        ordering_physician=wanted.ordering_physician,
        order_sha256=wanted.order_sha256,
    )


def _asked(wanted: NewRequest, protocol: Protocol, kind: ReleaseKind, *, by: Person, at: datetime) -> Asked:
    """Return what the gates are asked, with the recipient as the study knows them, registered when first named."""
    recipient = None
    if wanted.recipient:
        recipient = register_recipient(wanted.recipient, protocol_code=protocol.code, by=by, at=at)
    return Asked(
        protocol=protocol,
        site=wanted.site,
        requested_by=by.username,
        recipient=recipient,
        weight_kg=wanted.weight_kg,
        recipient_typing=canonical_typing(wanted.recipient_typing),
        kind=kind,
    )


def _write(wanted: NewRequest, asked: Asked, *, by: Person, at: datetime) -> UnitRequest:
    return UnitRequest.objects.create(
        reference=new_code("REQ"),
        kind=asked.kind.value,
        protocol=asked.protocol,
        site=asked.site,
        requested_by=by,
        requested_at=at,
        needed_by=wanted.needed_by,
        delivery_address=wanted.delivery_address,
        delivery_contact=wanted.delivery_contact,
        recipient=asked.recipient,
        weight_kg=asked.weight_kg,
        recipient_typing=asked.recipient_typing,
        ordering_physician=wanted.ordering_physician,
        order_sha256=wanted.order_sha256,
    )


def _record_submitted(request: UnitRequest, units: Sequence[Unit], lots: Mapping[str, int], attempt: Attempt) -> None:
    record(
        "request.submitted",
        subjects=(request.reference, *attempt.subjects, *lots),
        by=attempt.by,
        at=attempt.at,
        new={
            "request": request.reference,
            "kind": request.kind,
            "protocol": str(request.protocol),
            "site": request.site.code,
            "units": sorted(unit.code for unit in units),
            **({"lots": dict(lots)} if lots else {}),
            "needed_by": request.needed_by,
            "recipient": request.recipient.code if request.recipient else "",
            "weight_kg": request.weight_kg,
            "recipient_typing": request.recipient_typing,
        },
    )


def _named(protocol: Protocol, units: Sequence[Unit], behind: Behind) -> tuple[str, ...]:
    """Return the codes that an entry about a request names: its protocol, its units and who is behind them."""
    return (protocol.code, *(code for unit in units for code in (unit.code, *behind[unit.pk])))


def _at_hand(kind: ReleaseKind) -> frozenset[UnitState]:
    """Return the states in which a request of this kind can have a unit."""
    return frozenset({UnitState.AVAILABLE} if kind is ReleaseKind.NORMAL else RESERVED_FROM)


def _not_at_hand(units: Sequence[Unit], kind: ReleaseKind) -> list[Reason]:
    """Return which units cannot be reserved: all out of stock, but for those in quarantine and an exception."""
    allowed = _at_hand(kind)
    return [
        Reason(f"{unit.code}: it is {unit.state}, not available.", "not-available", "units")
        for unit in units
        if unit.state not in allowed
    ]
