"""Stocktakes: their locks, what was read last, what the record has meanwhile, and who counted."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from inventory.domain.stocktake import OPEN
from inventory.models.placement import Placement
from inventory.models.stocktake import Stocktake, StocktakeDifference, StocktakeScan


def lock_stocktake(stocktake_id: int) -> Stocktake:
    """Take one stocktake's row lock, before any other, and return it fresh."""
    rows = Stocktake.objects.select_for_update(of=("self",)).select_related("container", "opened_by")
    return rows.get(pk=stocktake_id)


def open_stocktakes_of(container_ids: Collection[int]) -> list[Stocktake]:
    """Return the stocktakes of these containers that are not over."""
    rows = Stocktake.objects.filter(container_id__in=container_ids, status__in=[status.value for status in OPEN])
    return list(rows.select_related("container", "opened_by").order_by("pk"))


def last_scans(stocktake_id: int) -> dict[int, StocktakeScan]:
    """Return, by position id, the last reading of each position."""
    rows = StocktakeScan.objects.filter(stocktake_id=stocktake_id).select_related("position").order_by("pk")
    return {row.position_id: row for row in rows}


def recorded_in(container_ids: Collection[int]) -> dict[int, Placement]:
    """Return, by position id, what the record has in these containers now."""
    rows = Placement.objects.filter(position__container__in=container_ids, removed_at__isnull=True)
    return {row.position_id: row for row in rows.select_related("position", "unit", "sample").order_by("pk")}


def changed_since(container_ids: Collection[int], since: datetime) -> dict[int, tuple[str, datetime]]:
    """Return, by position id, its code and when something was last put there or taken out, since that instant."""
    rows = Placement.objects.filter(Q(placed_at__gte=since) | Q(removed_at__gte=since))
    inside = rows.filter(position__container__in=container_ids).order_by("pk")
    found: dict[int, tuple[str, datetime]] = {}
    for pk, code, placed, removed in inside.values_list("position_id", "position__code", "placed_at", "removed_at"):
        found[pk] = code, max(removed or placed, found[pk][1] if pk in found else placed)
    return found


def differences_of(stocktake_id: int) -> list[StocktakeDifference]:
    """Return every difference of a stocktake, in the order they were written."""
    rows = StocktakeDifference.objects.filter(stocktake_id=stocktake_id)
    related = ("unit", "sample", "found_position", "recorded_position", "resolved_position", "resolved_by")
    return list(rows.select_related(*related).order_by("pk"))


def counters_of(stocktake: Stocktake) -> set[str]:
    """Return the usernames of all who opened, counted or resolved: another person signs."""
    counted = StocktakeScan.objects.filter(stocktake=stocktake).values_list("scanned_by__username", flat=True)
    resolved = stocktake.differences.filter(resolved_by__isnull=False).values_list("resolved_by__username", flat=True)
    return {stocktake.opened_by.username, *counted.distinct(), *resolved.distinct()}
