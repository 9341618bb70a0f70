"""Excursions: what was inside meanwhile, which one a container is in, and which assessments are awaited."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet, Sum

from inventory.domain.excursion import ADDS_UP_WITHIN, Warming
from inventory.models.excursion import Excursion, ExcursionItem
from inventory.models.placement import Placement
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Lineage, Unit
from inventory.queries.ancestry import steps_above
from inventory.queries.container import containers_above

# A unit that another was made from, and when; None where that is not known.
_Made = tuple[int, datetime | None]


class _Warmed(NamedTuple):
    """One excursion that a unit was in."""

    excursion_id: int
    started_at: datetime
    minutes: int


@dataclass(frozen=True)
class Exposed:
    """One unit or sample that was inside, and where; what was made of a unit since was where that one was."""

    position_id: int
    unit: Unit | None = None
    sample: ReferenceSample | None = None


def exposed_during(container_ids: Collection[int], started_at: datetime, ended_at: datetime) -> list[Exposed]:
    """Return what was in these containers at any time of the interval, its ends included; moved out since or not.

    A thing that was in two of them counts once, where it was last. With each unit counts what was made of it since the
    interval began, however far down: a child that has left is warmed as much as its parent was.
    """
    during = Q(placed_at__lte=ended_at) & (Q(removed_at__isnull=True) | Q(removed_at__gte=started_at))
    rows = Placement.objects.filter(during, position__container__in=container_ids).select_related("unit", "sample")
    latest = {(row.unit_id, row.sample_id): row for row in rows.order_by("placed_at", "pk")}
    inside = [Exposed(row.position_id, row.unit, row.sample) for row in latest.values()]
    places = _made_since({each.unit.pk: each.position_id for each in inside if each.unit}, started_at)
    inside += [Exposed(places[unit.pk], unit) for unit in Unit.objects.filter(pk__in=places)] if places else []
    return sorted(inside, key=lambda each: (each.unit.pk if each.unit else 0, each.sample.pk if each.sample else 0))


def minutes_besides(container_id: int, warming: Warming, *, without: int = 0) -> int:
    """Return the minutes that a container, or what it stands in, was beyond its limits within a day of a warming."""
    chain = containers_above([container_id])[container_id]
    near = _near(warming, without).filter(container_id__in=chain)
    return int(near.aggregate(total=Sum("minutes_beyond"))["total"] or 0)


def minutes_of_units(unit_ids: Collection[int], warming: Warming, *, without: int = 0) -> dict[int, int]:
    """Return, by unit id, the minutes within a day of a warming in which a container around the unit was too warm.

    That is wherever it was: in a box that stands in what is warmed now, or in another one before it was moved; and in
    whatever it was then: what it was made from was warmed for it until it was made.
    """
    warmed: dict[int, list[_Warmed]] = {}
    items = ExcursionItem.objects.filter(unit__isnull=False, excursion__in=_near(warming, without))
    told = ("excursion_id", "excursion__started_at", "excursion__minutes_beyond")
    for unit_id, *each in items.values_list("unit_id", *told):
        warmed.setdefault(unit_id, []).append(_Warmed(*each))
    if not warmed:
        return {}
    above: dict[int, list[_Made]] = {}
    steps = steps_above(unit_ids).values_list("child_id", "parent_id", "processing__started_at")
    for child_id, parent_id, made_at in steps:
        above.setdefault(child_id, []).append((parent_id, made_at))
    # An excursion that a unit and what it was made from were both in is one.
    found = {unit_id: set(_times_of(unit_id, None, warmed, above)) for unit_id in unit_ids}
    return {unit_id: sum(each.minutes for each in times) for unit_id, times in found.items() if times}


def lock_excursions_since(container_id: int, since: datetime) -> list[Excursion]:
    """Lock, in id order, the excursions of a container and of what it stands in that were not over at an instant."""
    chain = containers_above([container_id])[container_id]
    rows = Excursion.objects.select_for_update(of=("self",)).select_related("container", "reported_by")
    return list(rows.filter(container_id__in=chain, ended_at__gte=since).order_by("pk"))


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


def _near(warming: Warming, without: int) -> QuerySet[Excursion]:
    """Return the excursions whose minutes add up with those of a warming, without one of them."""
    return Excursion.objects.filter(
        ended_at__gte=warming.started_at - ADDS_UP_WITHIN, started_at__lte=warming.ended_at + ADDS_UP_WITHIN
    ).exclude(pk=without)


def _times_of(
    unit_id: int, until: datetime | None, warmed: Mapping[int, Sequence[_Warmed]], above: Mapping[int, Sequence[_Made]]
) -> Iterator[_Warmed]:
    """Yield every excursion that a unit was in until an instant, and what it was made from until it was made."""
    yield from (each for each in warmed.get(unit_id, ()) if until is None or each.started_at <= until)
    for parent_id, made_at in above.get(unit_id, ()):
        # Of what another system made nobody knows when: all that counts of the child counts of its parent.
        yield from _times_of(parent_id, made_at or until, warmed, above)


def _made_since(places: Mapping[int, int], started_at: datetime) -> dict[int, int]:
    """Return, by id, the units made of others since an instant, each with the place of what it was made of."""
    known, level = dict(places), set(places)
    while level:
        steps = Lineage.objects.filter(parent_id__in=level, processing__started_at__gte=started_at).order_by("pk")
        pairs = steps.values_list("parent_id", "child_id")
        made = {child: known[parent] for parent, child in pairs if child not in known}
        known |= made
        level = set(made)
    return {unit_id: place for unit_id, place in known.items() if unit_id not in places}
