"""Taking back what stood on units: releases made void, reservations ended, units sent back or quarantined."""

from collections.abc import Collection, Sequence
from datetime import datetime

from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.request import RequestStatus
from inventory.domain.unit import Event, UnitState
from inventory.models.release import Release
from inventory.models.request import RequestLine, UnitRequest
from inventory.models.reservation import Reservation
from inventory.models.unit import Unit
from inventory.queries.protocol import lock_protocols
from inventory.queries.release import lock_standing_releases
from inventory.queries.request import lock_requests, unit_ids_of
from inventory.queries.reservation import active_reservations
from inventory.queries.unit import lock_units
from inventory.services.acceptance import withdraw_acceptance
from inventory.services.journey import unpack_release
from inventory.services.unit import Change, change_states, set_reserved

# A reason may name what it follows from, and is cut to its column; the ledger keeps all of it.
LONGEST_WHY = 10_000
PROMISED = frozenset({UnitState.RESERVED, UnitState.RELEASED})
ACCEPTED = PROMISED | {UnitState.AVAILABLE}


def void_release(release: Release, kept: Sequence[Unit], *, because: str, by: Person, at: datetime) -> None:
    """Make a locked release void; the ``kept`` units of its request wait, reserved, to be signed anew.

    A kept unit that was released goes back along the table and is reserved again at once for the same request, so that
    nobody else takes it meanwhile. What becomes of the others is the caller's to say.
    """
    check_text(because, "reason", longest=LONGEST_WHY)
    old, request = release.status, release.request
    release.status, release.ended_at, release.ended_because = "void", at, because[:500]
    release.save(update_fields=["status", "ended_at", "ended_because"])
    codes = release.units.order_by("unit_id").values_list("unit__code", flat=True)
    record(
        "release.revoked",
        subjects=[release.reference, request.reference, *codes],
        by=by,
        at=at,
        reason=because,
        old={"status": old},
        new={"status": "void"},
    )
    unpack_release(release, because=because, by=by, at=at)
    UnitRequest.objects.filter(pk=request.pk, status="released").update(status="approved")
    released = [unit for unit in kept if unit.state == UnitState.RELEASED]
    if not released:
        return
    also = (release.reference, request.reference)
    back = Change("unit.unreserved", Event.RELEASE_REVOKED, None, because, also=also)
    change_states(released, back, by=by, at=at)
    set_reserved(released, reason=because, also=also, by=by, at=at)


def send_back(units: Sequence[Unit], change: Change, *, by: Person, at: datetime) -> None:
    """End the reservations of locked units and change their state by it."""
    end_reservations(units, because=change.reason, at=at)
    change_states(units, change, by=by, at=at)


def end_reservations(units: Sequence[Unit], *, because: str, at: datetime) -> None:
    """End the active reservations of locked units; what ends with them is recorded with the units' change of state."""
    active = Reservation.objects.filter(unit__in=units, ended_at__isnull=True)
    active.update(ended_at=at, ended_because=because[:500])


def take_out_lines(request: UnitRequest, units: Sequence[Unit], *, because: str, at: datetime) -> None:
    """Mark units as taken out of a locked request, which is void once nothing is left in it."""
    lines = RequestLine.objects.filter(request=request, removed_at__isnull=True)
    lines.filter(unit__in=units).update(removed_at=at, removed_because=because[:500])
    if not lines.exists():
        end_request(request, RequestStatus.VOID, because=because, at=at)


def end_request(request: UnitRequest, status: RequestStatus, *, because: str, at: datetime) -> None:
    """Write that a locked request has come to nothing, and how."""
    request.status, request.ended_at, request.ended_because = status.value, at, because[:500]
    request.save(update_fields=["status", "ended_at", "ended_because"])


def take_back(unit_ids: Collection[int], *, because: str, by: Person, at: datetime) -> list[Unit]:
    """Take units out of all that was promised of them, and withdraw their acceptance; their donors are locked.

    Returns the units whose acceptance was withdrawn.
    """
    back, references = _take_out(unit_ids, ACCEPTED, because=because, by=by, at=at)
    withdraw_acceptance(back, reason=because, by=by, at=at, also=references)
    return back


def let_go(unit_ids: Collection[int], *, because: str, by: Person, at: datetime) -> list[Unit]:
    """Take units out of all that was promised of them, and send them back to where they were reserved from.

    Their donors are locked. Returns the units that were let go.
    """
    back, references = _take_out(unit_ids, PROMISED, because=because, by=by, at=at)
    change_states(back, Change("unit.unreserved", Event.REQUEST_ENDED, None, because, also=references), by=by, at=at)
    return back


def _take_out(
    unit_ids: Collection[int], states: Collection[UnitState], *, because: str, by: Person, at: datetime
) -> tuple[list[Unit], tuple[str, ...]]:
    """Take units in these states out of their requests; return them, and the references of those requests.

    Requests and releases are locked before units. Each release with such a unit is void; what else its request keeps
    waits to be signed anew.
    """
    promised = active_reservations(unit_ids)
    lock_protocols({each.request.protocol.code for each in promised.values()})
    requests = lock_requests({each.request_id for each in promised.values()})
    releases = lock_standing_releases([request.pk for request in requests])
    members = {request.pk: list(unit_ids_of(request.pk)) for request in requests}
    locked = {unit.pk: unit for unit in lock_units({*unit_ids, *(each for ids in members.values() for each in ids)})}
    back = [locked[unit_id] for unit_id in sorted(unit_ids) if UnitState(locked[unit_id].state) in states]
    for request in requests:
        inside = [locked[unit_id] for unit_id in members[request.pk]]
        if request.pk in releases:
            kept = [unit for unit in inside if unit not in back]
            void_release(releases[request.pk], kept, because=because, by=by, at=at)
            request.refresh_from_db(fields=["status"])
        take_out_lines(request, [unit for unit in inside if unit in back], because=because, at=at)
    end_reservations(back, because=because, at=at)
    return back, tuple(request.reference for request in requests)
