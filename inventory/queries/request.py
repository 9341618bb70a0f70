"""Requests: their locks and the units they are for."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from consent.queries.donor import lock_donors
from inventory.models.release import Release
from inventory.models.request import RequestLine, UnitRequest, WorklistItem
from inventory.models.unit import Unit
from inventory.queries.protocol import lock_protocols
from inventory.queries.release import lock_standing_releases
from inventory.queries.unit import donors_behind, lock_units


@dataclass(frozen=True)
class LockedRequest:
    """A request with its standing release and its units, all locked and fresh."""

    request: UnitRequest
    release: Release | None
    units: list[Unit]


def lock_request_chain(request_id: int) -> LockedRequest:
    """Lock a request and all that a decision about it rests on: donors, protocol, request, release, units.

    Its units are read before the locks, to know their donors, and again after them: lines are only ever taken out.
    """
    lock_donors(donors_behind(all_unit_ids_of([request_id])))
    lock_protocols(UnitRequest.objects.filter(pk=request_id).values_list("protocol__code", flat=True))
    request = lock_requests([request_id])[0]
    release = lock_standing_releases([request_id]).get(request_id)
    return LockedRequest(request, release, lock_units(unit_ids_of(request_id)))


def lock_requests(request_ids: Collection[int]) -> list[UnitRequest]:
    """Take the row locks of these requests in id order and return them fresh."""
    return list(
        UnitRequest.objects.select_for_update(of=("self",))
        .filter(pk__in=request_ids)
        .select_related("protocol", "site", "recipient", "requested_by")
        .order_by("pk")
    )


def lines_of(request_id: int) -> list[RequestLine]:
    """Return the lines of a request that were not taken out, in the order of their units."""
    standing = RequestLine.objects.filter(request_id=request_id, removed_at__isnull=True)
    return list(standing.select_related("unit").order_by("unit_id"))


def unit_ids_of(request_id: int) -> QuerySet[RequestLine, int]:
    """Return the ids of a request's units, in order."""
    standing = RequestLine.objects.filter(request_id=request_id, removed_at__isnull=True)
    return standing.order_by("unit_id").values_list("unit_id", flat=True)


def all_unit_ids_of(request_ids: Collection[int]) -> QuerySet[RequestLine, int]:
    """Return the ids of every unit that these requests ever named: whom to lock before asking what still stands."""
    lines = RequestLine.objects.filter(request_id__in=request_ids).order_by("unit_id")
    return lines.values_list("unit_id", flat=True).distinct()


def open_worklist(request_id: int) -> list[WorklistItem]:
    """Return what must still become known before a request's release, by due date."""
    items = WorklistItem.objects.filter(request_id=request_id, done_at__isnull=True)
    return list(items.select_related("unit", "owner").order_by("due_date", "unit_id", "gate", "pk"))
