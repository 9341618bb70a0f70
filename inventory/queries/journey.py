"""What is on its way, and what batches and devices touched: journeys through the house and outside it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from inventory.domain.journey import ItemFacts
from inventory.domain.sample import SampleState
from inventory.domain.shipment import FROZEN_KINDS
from inventory.domain.unit import UnitState
from inventory.models.batch import BatchUse
from inventory.models.equipment import EquipmentUse
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Lineage, Unit
from inventory.queries.ancestry import ancestors
from inventory.queries.item import Item, places_of_items
from inventory.queries.placement import places_of

# Everything made from what a query names, that included: its marks stand for values, as in queries/ancestry.py.
BELOW = """
    WITH RECURSIVE below (id) AS (
        {}
        UNION SELECT step.child_id FROM inventory_lineage step JOIN below ON step.parent_id = below.id
    ) SELECT id FROM below"""


@dataclass(frozen=True)
class Touched:
    """One unit that something touched: its lot, state, place, and who holds it (a courier: of which shipment)."""

    code: str
    lot: str
    state: str
    place: str
    holder: str
    courier: str


@dataclass(frozen=True)
class Touch:
    """One batch or device that touched a unit or what it was made from, and in what: processing, journey or birth."""

    what: str
    kind: str
    used_in: str


def open_journeys(*, unit_ids: Collection[int] = (), sample_ids: Collection[int] = ()) -> dict[str, str]:
    """Return, by code, the shipment that each of these units and samples is packed in and not yet out of."""
    items = ShipmentItem.objects.filter(Q(unit_id__in=unit_ids) | Q(sample_id__in=sample_ids), ended_at__isnull=True)
    rows = items.values_list("unit__code", "sample__code", "shipment__reference")
    return {unit or sample: reference for unit, sample, reference in rows}


def item_facts(
    things: Sequence[Item], *, picked: Collection[int] = (), held: Collection[int] = ()
) -> tuple[ItemFacts, ...]:
    """Return what decides whether each of these locked things can be inside a shipment. Two queries."""
    unit_ids = [thing.pk for thing in things if isinstance(thing, Unit)]
    sample_ids = [thing.pk for thing in things if isinstance(thing, ReferenceSample)]
    packed, places = open_journeys(unit_ids=unit_ids, sample_ids=sample_ids), places_of_items(things)
    return tuple(
        ItemFacts(
            code=thing.code,
            state=UnitState(thing.state) if isinstance(thing, Unit) else SampleState(thing.state),
            holder=thing.holder,
            picked=isinstance(thing, Unit) and thing.pk in picked,
            held=isinstance(thing, Unit) and thing.pk in held,
            frozen=is_frozen(thing),
            lies_in=places[thing.code].code if thing.code in places else "",
            packed_in=packed.get(thing.code, ""),
            attached_to=bag_of(thing),
        )
        for thing in things
    )


def bag_of(thing: Item) -> str:
    """Return the code of the bag that a sample hangs on, or nothing."""
    return thing.unit.code if isinstance(thing, ReferenceSample) and thing.attached and thing.unit else ""


def is_frozen(thing: Item) -> bool:
    """Whether a thing travels frozen: every unit but what is as it was collected."""
    return isinstance(thing, Unit) and thing.kind in FROZEN_KINDS and thing.state != UnitState.COLLECTED


def touched(runs: QuerySet[Any, Any], also: Q) -> list[Touched]:
    """Return every unit that these processings and the units ``also`` stand for, in the order of codes. Three queries.

    That is what was made in them, and what was ``also`` there, with all made from these; of a parent of a processing
    only the parent itself, as another run may have taken from it too.
    """
    steps = Lineage.objects.filter(processing_id__in=runs)
    begun = Unit.objects.filter(also | Q(pk__in=steps.values("child_id"))).values("pk").order_by()
    statement, values = begun.query.sql_with_params()
    below = RawSQL(BELOW.format(statement), values)  # noqa: S611 - the statement is the ORM's own
    found = Unit.objects.filter(Q(pk__in=below) | Q(pk__in=steps.values("parent_id")))
    return _shown(list(found.select_related("lot").order_by("code")))


def touches_of(unit_ids: Collection[int]) -> list[Touch]:
    """Return every batch and device that touched these units or what they were made from. Three queries."""
    above = ancestors(unit_ids)
    members = set(above).union(*above.values())
    runs = Lineage.objects.filter(Q(child_id__in=members) | Q(parent_id__in=unit_ids)).values("processing_id")
    born = Unit.objects.filter(pk__in=members).values("sources__donation_id")
    travelled = ShipmentItem.objects.filter(unit_id__in=members).values("shipment_id")
    batches = BatchUse.objects.filter(Q(processing_id__in=runs) | Q(donation_id__in=born))
    devices = EquipmentUse.objects.filter(Q(processing_id__in=runs) | Q(shipment_id__in=travelled))
    return [
        *(
            Touch(use.batch.reference, use.batch.kind, str(use.processing or use.donation))
            for use in batches.select_related("batch", "processing", "donation").order_by("used_at", "pk")
        ),
        *(
            Touch(use.equipment.code, use.equipment.kind, str(use.processing or use.shipment))
            for use in devices.select_related("equipment", "processing", "shipment").order_by("used_from", "pk")
        ),
    ]


def _shown(units: Sequence[Unit]) -> list[Touched]:
    holders = {unit.holder for unit in units}
    couriers = dict(Shipment.objects.filter(reference__in=holders).values_list("reference", "courier"))
    places = places_of([unit.pk for unit in units])
    return [
        Touched(
            code=unit.code,
            lot=unit.lot.code if unit.lot else "",
            state=unit.state,
            place=places[unit.pk].code if unit.pk in places else "",
            holder=unit.holder,
            courier=couriers.get(unit.holder, ""),
        )
        for unit in units
    ]
