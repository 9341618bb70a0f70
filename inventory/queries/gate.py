"""The facts that the nine gates ask for, gathered for many units in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from biobank.models.site import Site
from consent.domain.permitted_use import Purpose
from inventory.domain.criterion import Criterion, asks_between_units, asks_for_typing, assays_totalled
from inventory.domain.gate_facts import GateFacts, PeopleFacts, RequestFacts, ReservationFacts
from inventory.domain.match_rules import typing_texts
from inventory.domain.protocol import Cap, ProtocolFacts
from inventory.domain.release import ReleaseKind
from inventory.domain.specification import Measurement
from inventory.domain.unit import UnitState
from inventory.models.protocol import Protocol
from inventory.models.recipient import Recipient
from inventory.models.request import UnitRequest
from inventory.models.unit import Unit
from inventory.queries.background import Background
from inventory.queries.gate_facts import donor_facts, lot_facts, unit_facts
from inventory.queries.protocol import caps_taken, ethics_in_force, protocol_facts
from inventory.queries.recipient import recipient_facts, units_of_recipient
from inventory.queries.result import measurements_of
from inventory.queries.waiver import waiver_of

NOBODY_YET = PeopleFacts()


@dataclass(frozen=True)
class Asked:
    """What the units are asked for: a request, written or about to be, and who signs."""

    protocol: Protocol
    site: Site
    requested_by: str
    reference: str = ""
    request_id: int | None = None
    recipient: Recipient | None = None
    weight_kg: Decimal | None = None
    recipient_typing: Mapping[str, str] = field(default_factory=dict)
    kind: ReleaseKind = ReleaseKind.NORMAL
    stated_by: str = ""
    people: PeopleFacts = NOBODY_YET


@dataclass(frozen=True)
class _Shared:
    """What all units of one asking have in common."""

    protocol: ProtocolFacts | None = None
    request: RequestFacts | None = None
    people: PeopleFacts = NOBODY_YET


def asked_by(request: UnitRequest, *, people: PeopleFacts | None = None) -> Asked:
    """Return what a written request asks, with the grounds of one that asks for an exception."""
    waiver = waiver_of(request.pk) if request.kind != ReleaseKind.NORMAL else None
    return Asked(
        protocol=request.protocol,
        site=request.site,
        requested_by=request.requested_by.username,
        reference=request.reference,
        request_id=request.pk,
        recipient=request.recipient,
        weight_kg=request.weight_kg,
        recipient_typing=request.recipient_typing,
        kind=ReleaseKind(request.kind),
        stated_by=waiver.stated_by.username if waiver and waiver.stated_by else "",
        people=people or NOBODY_YET,
    )


def gate_facts(
    units: Sequence[Unit], asked: Asked | None, *, at: datetime, behind: Background | None = None
) -> dict[int, GateFacts]:
    """Return, by unit id, everything the gates ask of each unit; without a request, what can be said before one.

    Whoever asked for some of it already, for a page, hands over what stands ``behind`` the units.
    """
    behind = behind or Background(units)
    described = unit_facts(units, behind, kind=asked.kind if asked else ReleaseKind.NORMAL)
    recipient_id = asked.recipient.pk if asked and asked.recipient else None
    donors = donor_facts(behind, purpose_of(asked.protocol, at) if asked else None, recipient_id=recipient_id)
    reservations = _reservation_facts(units, behind)
    lots = lot_facts(behind)
    shared = _shared(units, asked, behind.measurements) if asked else _Shared()
    return {
        unit.pk: GateFacts(
            unit=described[unit.pk],
            donors=donors[unit.pk],
            lot=lots.get(unit.pk),
            holds=behind.holds[unit.pk],
            deviations=behind.deviations[unit.pk],
            reservation=reservations.get(unit.pk),
            protocol=shared.protocol,
            request=shared.request,
            people=shared.people,
        )
        for unit in units
    }


def purpose_of(protocol: Protocol, at: datetime) -> Purpose:
    """Return what a protocol wants material for, as permitted use asks it."""
    return Purpose(
        disease=protocol.indication,
        duo=frozenset(protocol.duo),
        human_application=protocol.human_application,
        commercial=protocol.commercial,
        for_profit=protocol.for_profit,
        country=protocol.country,
        institution=protocol.institution,
        protocol=protocol.code,
        protocol_version=str(protocol.version),
        ethics_approved=ethics_in_force(protocol, at),
        genetic=protocol.genetic,
        at=at,
    )


def _reservation_facts(units: Sequence[Unit], behind: Background) -> dict[int, ReservationFacts]:
    """Return the active reservation of each unit, for whichever request it is: gate 7 asks whether it is this one.

    A reservation lapses only before release: of a released unit it has no end.
    """
    found = {unit.pk: unit for unit in units}
    return {
        unit_id: ReservationFacts(
            request=reservation.request.reference,
            active=True,
            reserved_from=UnitState(found[unit_id].reserved_from or UnitState.AVAILABLE),
            lapses_at=None if found[unit_id].state == UnitState.RELEASED else reservation.until,
        )
        for unit_id, reservation in behind.reservations.items()
    }


def _shared(units: Sequence[Unit], asked: Asked, measurements: Mapping[int, tuple[Measurement, ...]]) -> _Shared:
    facts = protocol_facts(asked.protocol, site=asked.site)
    others = units_of_recipient(asked.recipient, besides=[unit.pk for unit in units]) if asked.recipient else []
    between = asks_between_units(facts.criteria)
    if others and (between or assays_totalled(facts.criteria)):
        measurements = {**measurements, **measurements_of([unit.pk for unit in others])}
    request = RequestFacts(
        reference=asked.reference,
        requested_by=asked.requested_by,
        kind=asked.kind,
        stated_by=asked.stated_by,
        units=tuple(sorted(unit.code for unit in units)),
        recipient=recipient_facts(
            asked.recipient,
            weight_kg=asked.weight_kg,
            typing=asked.recipient_typing,
            criteria=facts.criteria,
            units=[*units, *others],
            measurements=measurements,
        ),
        typings=_typings([*units, *(others if between else ())], facts.criteria, measurements),
    )
    return _Shared(replace(facts, caps=_caps(asked, len(units))), request, asked.people)


def _typings(
    units: Sequence[Unit], criteria: Sequence[Criterion], measurements: Mapping[int, tuple[Measurement, ...]]
) -> dict[str, Mapping[str, str]]:
    return {unit.code: typing_texts(measurements[unit.pk]) for unit in units} if asks_for_typing(criteria) else {}


def _caps(asked: Asked, units: int) -> tuple[Cap, ...]:
    protocol, recipient = asked.protocol, asked.recipient
    recipient_id = recipient.pk if recipient else None
    taken = caps_taken(protocol.code, recipient_id=recipient_id, besides=asked.request_id)
    recipients = taken.recipients | ({recipient_id} if recipient_id else set())
    caps = [
        Cap("recipients", protocol.recipients_cap, len(recipients)),
        Cap("open reservations", protocol.open_reservations_cap, taken.open_reservations + units),
    ]
    if recipient:
        caps.append(Cap("units for this recipient", protocol.units_per_recipient_cap, taken.units_of_recipient + units))
    return tuple(caps)
