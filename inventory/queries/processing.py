"""How units came to be."""

from collections.abc import Collection

from django.db.models import Q

from inventory.models.unit import Lineage


def made_frozen(unit_ids: Collection[int]) -> set[int]:
    """Return which of these units came frozen out of the processing that made them."""
    frozen = Q(processing__frozen_at__isnull=False) | Q(processing__stays_frozen=True)
    return set(Lineage.objects.filter(frozen, child_id__in=unit_ids).values_list("child_id", flat=True))
