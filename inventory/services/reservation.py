"""Reserving units for a request, and letting go of what was reserved too long."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.sweep import sweep_each
from inventory.domain.request import RequestStatus
from inventory.domain.reservation import AlreadyReserved
from inventory.domain.unit import Event
from inventory.models.request import UnitRequest
from inventory.models.reservation import Reservation
from inventory.models.unit import Unit
from inventory.queries.journey import open_journeys
from inventory.queries.request import lock_request_chain
from inventory.queries.reservation import active_reservations, requests_run_out
from inventory.queries.unit import Behind
from inventory.services.gate import Attempt
from inventory.services.unit import Change, set_reserved
from inventory.services.void import end_request, send_back, void_release

RAN_OUT = "The reservation ran out before the release."


def check_unreserved(units: Sequence[Unit], attempt: Attempt) -> None:
    """Raise ``AlreadyReserved`` for every locked unit that another request has, or that is packed or on its way."""
    taken = active_reservations([unit.pk for unit in units])
    if taken:
        raise _already_reserved([unit for unit in units if unit.pk in taken], attempt)
    if away := open_journeys(unit_ids=[unit.pk for unit in units]):
        reasons = [Reason(f"{code} is in {box}.", "on-its-way", "units") for code, box in sorted(away.items())]
        note = partial(attempt.note, "request", reasons)
        raise AlreadyReserved("Nothing was reserved.", reasons=reasons, field="units", afterwards=(note,))


def reserve(request: UnitRequest, units: Sequence[Unit], *, until: datetime, behind: Behind, attempt: Attempt) -> None:
    """Reserve locked units for a request; the entries name what is ``behind`` them.

    Raises ``AlreadyReserved`` when the index knows of another reservation.
    """
    Reservation.objects.bulk_create(
        (Reservation(unit=unit, request=request, reserved_at=attempt.at, until=until) for unit in units),
        ignore_conflicts=True,
    )
    # The index has the last word: what it refused was not written, and is told by name instead of by a database error.
    written = set(Reservation.objects.filter(request=request).values_list("unit_id", flat=True))
    if missing := [unit for unit in units if unit.pk not in written]:
        raise _already_reserved(missing, attempt)
    also = (request.reference, request.protocol.code)
    reason = f"Reserved for {request.reference}."
    set_reserved(units, reason=reason, also=also, behind=behind, by=attempt.by, at=attempt.at)


def _already_reserved(units: Sequence[Unit], attempt: Attempt) -> AlreadyReserved:
    reasons = [Reason(f"{unit.code} is reserved for another request.", "already-reserved", "units") for unit in units]
    return AlreadyReserved(
        "Nothing was reserved.", reasons=reasons, field="units", afterwards=(lambda: attempt.note("request", reasons),)
    )


def lapse_reservations(*, by: Person, at: datetime) -> int:
    """End every request whose reservation ran out before its release; return how many there were.

    Raises ``SweepFailed`` once all others have ended, where some could not.
    """
    return sweep_each("reservation.lapse", requests_run_out(at), partial(lapse_request, by=by, at=at))


@service
def lapse_request(request_id: int, *, by: Person, at: datetime) -> bool:
    """End one request whose reservation has run out, unless it was released or ended meanwhile."""
    locked = lock_request_chain(request_id)
    request, units = locked.request, locked.units
    if RequestStatus(request.status) not in {RequestStatus.SUBMITTED, RequestStatus.APPROVED}:
        return False
    if not any(each.until <= at for each in active_reservations([unit.pk for unit in units]).values()):
        return False
    if locked.release is not None:
        void_release(locked.release, (), because=RAN_OUT, by=by, at=at)
    end_request(request, RequestStatus.LAPSED, because=RAN_OUT, at=at)
    record("reservation.lapsed", subjects=_named(request, units), by=by, at=at, reason=RAN_OUT)
    change = Change(
        "unit.unreserved", Event.RESERVATION_LAPSED, None, RAN_OUT, also=(request.reference, request.protocol.code)
    )
    send_back(units, change, by=by, at=at)
    return True


def _named(request: UnitRequest, units: Sequence[Unit]) -> list[str]:
    return [request.reference, request.protocol.code, *(unit.code for unit in units)]
