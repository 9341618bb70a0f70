"""Taking back what stood on units: releases made void, reservations ended, units sent back where they came from."""

from collections.abc import Sequence
from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.unit import Event, UnitState
from inventory.models.release import Release
from inventory.models.request import RequestLine, UnitRequest
from inventory.models.reservation import Reservation
from inventory.models.unit import Unit
from inventory.services.unit import Change, change_states


def void_release(release: Release, units: Sequence[Unit], *, because: str, by: Person, at: datetime) -> None:
    """Make a locked release void; its units, reserved still or again, wait for the request to be signed anew.

    ``units`` are the release's locked units. A released unit goes back along the table and is reserved again at once
    for the same request, so that nobody else takes what the request keeps.
    """
    old = release.status
    release.status, release.ended_at, release.ended_because = "void", at, because[:500]
    release.save(update_fields=["status", "ended_at", "ended_because"])
    request = release.request
    record(
        "release.revoked",
        subjects=[release.reference, request.reference, *(unit.code for unit in units)],
        by=by,
        at=at,
        reason=because,
        old={"status": old},
        new={"status": "void"},
    )
    released = [unit for unit in units if unit.state == UnitState.RELEASED]
    if not released:
        return
    also = (release.reference, request.reference)
    back = Change("unit.unreserved", Event.RELEASE_REVOKED, None, because, also=also)
    change_states(released, back, by=by, at=at)
    again = Change("unit.reserved", Event.REQUESTED, UnitState.RESERVED, because, also=also)
    change_states([unit for unit in released if unit.state == UnitState.AVAILABLE], again, by=by, at=at)
    UnitRequest.objects.filter(pk=request.pk, status="released").update(status="approved")


def end_reservations(units: Sequence[Unit], *, because: str, at: datetime) -> None:
    """End the active reservations of locked units; what ends with them is recorded with the units' change of state."""
    active = Reservation.objects.filter(unit__in=units, ended_at__isnull=True)
    active.update(ended_at=at, ended_because=because[:500])


def send_back(units: Sequence[Unit], change: Change, *, by: Person, at: datetime) -> None:
    """End the reservations of locked units and change their state by it."""
    end_reservations(units, because=change.reason, at=at)
    change_states(units, change, by=by, at=at)


def take_out_lines(request: UnitRequest, units: Sequence[Unit], *, because: str, at: datetime) -> bool:
    """Mark units as taken out of a locked request; return whether nothing is left in it, which ends the request."""
    lines = RequestLine.objects.filter(request=request, removed_at__isnull=True)
    lines.filter(unit__in=units).update(removed_at=at, removed_because=because[:500])
    if lines.exists():
        return False
    end_request(request, status="void", because=because, at=at)
    return True


def end_request(request: UnitRequest, *, status: str, because: str, at: datetime) -> None:
    """Write that a locked request has come to nothing, and how."""
    request.status, request.ended_at, request.ended_because = status, at, because[:500]
    request.save(update_fields=["status", "ended_at", "ended_because"])
