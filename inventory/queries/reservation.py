"""Reservations: which are active, which have run out."""

from collections.abc import Collection
from datetime import datetime

from inventory.models.reservation import Reservation


def active_reservations(unit_ids: Collection[int]) -> dict[int, Reservation]:
    """Return, by unit id, the active reservation of each unit that has one, with all that its request names."""
    rows = Reservation.objects.filter(unit_id__in=unit_ids, ended_at__isnull=True).select_related(
        "request__protocol", "request__site", "request__requested_by", "request__recipient", "unit"
    )
    return {row.unit_id: row for row in rows}


def requests_run_out(at: datetime) -> list[int]:
    """Return the ids of requests, not yet released, with a reservation that has run out; its last instant is past."""
    rows = Reservation.objects.filter(
        ended_at__isnull=True, until__lte=at, request__status__in=["submitted", "approved"], unit__state="reserved"
    )
    return sorted(set(rows.values_list("request_id", flat=True)))
