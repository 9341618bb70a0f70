"""Excursions: what was inside meanwhile, which one a container is in, and which assessments are awaited."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from inventory.models.excursion import Excursion, ExcursionItem
from inventory.models.placement import Placement
from inventory.queries.container import containers_above


def placements_during(container_ids: Collection[int], started_at: datetime, ended_at: datetime) -> list[Placement]:
    """Return what was in these containers at any time of the interval, its ends included; moved out since or not.

    A thing that was in two of them counts once, where it was last.
    """
    during = Q(placed_at__lte=ended_at) & (Q(removed_at__isnull=True) | Q(removed_at__gte=started_at))
    rows = Placement.objects.filter(during, position__container__in=container_ids).select_related("unit", "sample")
    latest = {(row.unit_id, row.sample_id): row for row in rows.order_by("placed_at", "pk")}
    return sorted(latest.values(), key=lambda row: (row.unit_id or 0, row.sample_id or 0))


def excursions_at(container_ids: Collection[int], at: datetime) -> dict[int, str]:
    """Return, by container id, the reference of an excursion beyond its limits that covers this instant."""
    covering = list(
        Excursion.objects.filter(is_beyond=True, started_at__lte=at, ended_at__gte=at)
        .order_by("pk")
        .values_list("container_id", "reference")
    )
    if not covering:
        return {}
    warm = dict(covering)
    chains = containers_above(container_ids)
    found = {each: next((warm[above] for above in chain if above in warm), "") for each, chain in chains.items()}
    return {each: reference for each, reference in found.items() if reference}


def lock_excursion(excursion_id: int) -> Excursion:
    """Take one excursion's row lock and return it fresh."""
    rows = Excursion.objects.select_for_update(of=("self",)).select_related("container", "reported_by")
    return rows.get(pk=excursion_id)


def items_of(excursion_id: int) -> list[ExcursionItem]:
    """Return everything that was inside, units first."""
    rows = ExcursionItem.objects.filter(excursion_id=excursion_id).select_related("unit", "sample", "hold")
    return sorted(rows, key=lambda row: (row.unit_id is None, row.unit_id or 0, row.sample_id or 0))


def awaited_assessments(hold_ids: Collection[int]) -> dict[int, str]:
    """Return, by hold id, the excursion whose assessment is still to come and will lift it."""
    rows = ExcursionItem.objects.filter(hold_id__in=hold_ids, excursion__assessed_at__isnull=True)
    return {hold_id: reference for hold_id, reference in rows.values_list("hold_id", "excursion__reference") if hold_id}
