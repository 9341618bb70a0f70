"""Release shipments: their locks, what is inside, and where a unit's journey went."""

from collections.abc import Collection

from django.db.models import Q

from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment, ShipmentItem


def lock_shipment(shipment_id: int) -> Shipment:
    """Take a shipment's row lock and return it fresh."""
    return (
        Shipment.objects.select_for_update(of=("self",))
        .select_related("from_site", "to_site", "release__request__protocol")
        .get(pk=shipment_id)
    )


def unit_ids_inside(shipment_id: int) -> list[int]:
    """Return the ids of the units in a shipment, in order."""
    rows = ShipmentItem.objects.filter(shipment_id=shipment_id, unit__isnull=False).order_by("unit_id")
    return list(rows.values_list("unit_id", flat=True))


def last_release_shipments(unit_ids: Collection[int]) -> dict[int, Shipment]:
    """Return, by unit id, the last release shipment of each unit that was handed over."""
    rows = (
        ShipmentItem.objects.filter(
            unit_id__in=unit_ids, shipment__kind="release", shipment__handed_over_at__isnull=False
        )
        .select_related(
            "shipment__to_site", "shipment__release__request__protocol", "shipment__release__request__recipient"
        )
        .order_by("shipment__handed_over_at", "pk")
    )
    return {row.unit_id: row.shipment for row in rows if row.unit_id is not None}


def packed_for(release_id: int) -> Shipment | None:
    """Return the shipment that a release is packed in."""
    return Shipment.objects.filter(release_id=release_id).order_by("-pk").first()


def sample_ids_inside(shipment_id: int) -> list[int]:
    """Return the ids of the reference samples in a shipment, in order."""
    rows = ShipmentItem.objects.filter(shipment_id=shipment_id, sample__isnull=False).order_by("sample_id")
    return list(rows.values_list("sample_id", flat=True))


def in_collection_shipments(*, unit_ids: Collection[int] = (), sample_ids: Collection[int] = ()) -> dict[str, str]:
    """Return, by code, the collection shipment that each of these units and samples is packed in and not yet out of."""
    items = ShipmentItem.objects.filter(
        Q(unit_id__in=unit_ids) | Q(sample_id__in=sample_ids),
        shipment__kind="collection",
        shipment__received_at__isnull=True,
    ).values_list("unit__code", "sample__code", "shipment__reference")
    return {unit or sample: reference for unit, sample, reference in items}


def attached_sample_ids(unit_ids: Collection[int]) -> list[int]:
    """Return the ids of the stored samples still attached to these units: they travel with them."""
    attached = ReferenceSample.objects.filter(unit_id__in=unit_ids, attached=True, state="stored")
    return list(attached.order_by("pk").values_list("pk", flat=True))
