"""Deviations: their locks, what they touched, which are open over units, and whether any of it was distributed."""

from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet

from biobank.models.person import Person
from inventory.domain.deviation import STOPS
from inventory.domain.gate_facts import DeviationFacts
from inventory.models.container import Container
from inventory.models.deviation import Deviation, DeviationItem
from inventory.models.donation import Donation
from inventory.models.lot import Lot
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Unit, UnitSource
from inventory.queries.ancestry import Ancestry
from inventory.queries.lot import vial_ids_of
from inventory.queries.unit import donors_behind, made_from

Thing = Unit | Lot | Donation | Shipment | Container | Person
MODELS: Mapping[str, type[Thing]] = {
    "unit": Unit,
    "lot": Lot,
    "donation": Donation,
    "shipment": Shipment,
    "container": Container,
    "person": Person,
}


def things_named(named: Mapping[str, Collection[int]]) -> dict[str, list[Thing]]:
    """Return, by noun, the things of these ids that exist, in order."""
    return {noun: [*MODELS[noun].objects.filter(pk__in=ids).order_by("pk")] for noun, ids in named.items() if ids}


def code_of(thing: Thing) -> str:
    """Return the code by which the ledger knows a thing."""
    if isinstance(thing, Person):
        return thing.username
    return thing.reference if isinstance(thing, Shipment) else thing.code


def lock_deviation(deviation_id: int) -> Deviation:
    """Take one deviation's row lock and return it fresh."""
    return Deviation.objects.select_for_update(of=("self",)).select_related("opened_by").get(pk=deviation_id)


def items_of(deviation_id: int) -> list[DeviationItem]:
    """Return everything that a deviation touched, in order."""
    rows = DeviationItem.objects.filter(deviation_id=deviation_id)
    return list(rows.select_related(*MODELS).order_by("pk"))


def thing_of(item: DeviationItem) -> Thing:
    """Return the one thing that an item names."""
    things: list[Thing | None] = [getattr(item, noun) for noun in MODELS]
    return next(thing for thing in things if thing is not None)


def ids_touched(deviation_id: int) -> dict[str, list[int]]:
    """Return, by noun, the ids of what a deviation touched."""
    items = DeviationItem.objects.filter(deviation_id=deviation_id).order_by("pk")
    found = items.values_list(*(f"{noun}_id" for noun in MODELS))
    return {noun: [row[n] for row in found if row[n] is not None] for n, noun in enumerate(MODELS)}


def donors_touched(named: Mapping[str, Collection[int]]) -> list[int]:
    """Return the ids of every donor behind touched units, lots and donations, in order: whoever decides waits.

    What was made of a unit may be a pool, and so of donors that are not behind the unit itself.
    """
    donations = Donation.objects.filter(pk__in=named.get("donation", ()))
    goods = made_from({*named.get("unit", ()), *vial_ids_of(named.get("lot", ()))})
    return sorted({*donors_behind(goods), *donations.values_list("donor_id", flat=True)})


def is_distributed(named: Mapping[str, Collection[int]]) -> bool:
    """Whether any of it left in a release shipment: a unit, what was made of it, a vial, a donation, the shipment."""
    left = ShipmentItem.objects.filter(shipment__kind="release", shipment__handed_over_at__isnull=False)
    units = {*named.get("unit", ()), *Unit.objects.filter(lot_id__in=named.get("lot", ())).values_list("pk", flat=True)}
    units |= set(UnitSource.objects.filter(donation_id__in=named.get("donation", ())).values_list("unit_id", flat=True))
    return left.filter(Q(unit_id__in=made_from(units)) | Q(shipment_id__in=named.get("shipment", ()))).exists()


def open_deviations_in(ancestries: Mapping[int, Ancestry]) -> dict[int, tuple[DeviationFacts, ...]]:
    """Return, by unit id, the open deviations on it, its lot, what it was made from, and their donations: one query."""
    behind = ancestries.values()
    on = (
        Q(unit_id__in=set().union(*(each.member_ids for each in behind)))
        | Q(lot_id__in=set().union(*(each.lot_ids for each in behind)))
        | Q(donation_id__in=set().union(*(each.donation_ids for each in behind)))
    )
    rows = DeviationItem.objects.filter(on, deviation__closed_at__isnull=True).select_related("deviation")
    items = list(rows.order_by("deviation_id", "pk"))
    return {
        unit_id: tuple(dict.fromkeys(_facts(item.deviation) for item in items if _touches(item, each)))
        for unit_id, each in ancestries.items()
    }


def open_deviations() -> QuerySet[Deviation]:
    """Return the open deviations, the oldest first."""
    return Deviation.objects.filter(closed_at__isnull=True).select_related("opened_by").order_by("opened_at", "pk")


def _touches(item: DeviationItem, ancestry: Ancestry) -> bool:
    return (
        item.unit_id in ancestry.member_ids
        or item.lot_id in ancestry.lot_ids
        or item.donation_id in ancestry.donation_ids
    )


def _facts(deviation: Deviation) -> DeviationFacts:
    return DeviationFacts(code=deviation.reference, major=deviation.deviation_class in STOPS)
