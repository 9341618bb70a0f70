"""Shipments: their locks, what is inside, on which papers, and where a unit's journey went."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from consent.queries.donor import lock_donors
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment, ShipmentItem, ShipmentPaper
from inventory.models.unit import Unit
from inventory.queries.sample import lock_samples
from inventory.queries.unit import donors_behind, lock_units


@dataclass(frozen=True)
class Loaded:
    """A shipment and what is still inside, all locked and fresh; ``attached`` goes with the units it hangs on."""

    shipment: Shipment
    units: list[Unit]
    samples: list[ReferenceSample]
    attached: list[ReferenceSample]


def lock_shipment(shipment_id: int) -> Shipment:
    """Take a shipment's row lock and return it fresh."""
    return (
        Shipment.objects.select_for_update(of=("self",))
        .select_related("from_site", "to_site", "release__request__protocol")
        .get(pk=shipment_id)
    )


def lock_loaded(shipment_id: int) -> Loaded:
    """Lock a shipment and all that its journey rests on: donors, units, samples, and the shipment last.

    What is inside is written when it is packed and only ever taken out: it names what to lock, and is read after.
    """
    unit_ids = Unit.objects.filter(_is_inside(shipment_id)).values_list("pk", flat=True)
    lock_donors(donors_behind(unit_ids))
    return lock_around(shipment_id, lock_units(unit_ids))


def lock_around(shipment_id: int, units: Collection[Unit]) -> Loaded:
    """Lock the rest of a shipment whose units are locked already, and their donors before them, for a release."""
    named = {unit.pk: unit for unit in units}
    sample_ids = ReferenceSample.objects.filter(_is_inside(shipment_id)).values_list("pk", flat=True)
    samples = {sample.pk: sample for sample in lock_samples(sample_ids, hanging_on=named)}
    shipment = lock_shipment(shipment_id)
    still_units, still_samples = _inside(shipment_id)
    return Loaded(
        shipment,
        [named[pk] for pk in still_units],
        [samples[pk] for pk in still_samples],
        [each for each in samples.values() if each.attached and each.unit_id in still_units],
    )


def _is_inside(shipment_id: int) -> Q:
    return Q(journeys__shipment_id=shipment_id, journeys__ended_at__isnull=True)


def _inside(shipment_id: int) -> tuple[list[int], list[int]]:
    """Return the ids of the units and of the samples whose journey in a shipment has not ended, in order."""
    items = ShipmentItem.objects.filter(shipment_id=shipment_id, ended_at__isnull=True)
    inside = list(items.values_list("unit_id", "sample_id"))
    return sorted(unit for unit, _ in inside if unit), sorted(sample for _, sample in inside if sample)


def last_release_shipments(unit_ids: Collection[int], *, until: datetime | None = None) -> dict[int, Shipment]:
    """Return, by unit id, the last release shipment of each unit that was handed over, by then or ever."""
    then = {} if until is None else {"shipment__handed_over_at__lte": until}
    rows = (
        ShipmentItem.objects.filter(
            unit_id__in=unit_ids, shipment__kind="release", shipment__handed_over_at__isnull=False, **then
        )
        .exclude(outcome="taken_out")
        .select_related(
            "shipment__to_site", "shipment__release__request__protocol", "shipment__release__request__recipient"
        )
        .order_by("shipment__handed_over_at", "pk")
    )
    return {row.unit_id: row.shipment for row in rows if row.unit_id is not None}


def packed_for(release_id: int) -> Shipment | None:
    """Return the shipment that a release is packed in."""
    return Shipment.objects.filter(release_id=release_id).order_by("-pk").first()


def papers_in(shipment_id: int) -> dict[str, str]:
    """Return, by unit code, the hash of what the papers last enclosed for each unit say."""
    rows = ShipmentPaper.objects.filter(shipment_id=shipment_id).order_by("pk")
    return dict(rows.values_list("unit__code", "content_sha256"))


def shipment_of_logger_file(content_sha256: str) -> str:
    """Return the reference of the shipment that a logger's file was taken for, or nothing."""
    return Shipment.objects.filter(logger_file_sha256=content_sha256).values_list("reference", flat=True).first() or ""


def laboratory_of(sample_ids: Collection[int]) -> dict[int, str]:
    """Return, by sample id, the code of the laboratory that last received each on a testing journey."""
    items = ShipmentItem.objects.filter(
        sample_id__in=sample_ids, outcome="received", shipment__kind="testing", shipment__to_site__kind="laboratory"
    )
    rows = items.order_by("ended_at", "pk").values_list("sample_id", "shipment__to_site__code")
    return dict(rows)
