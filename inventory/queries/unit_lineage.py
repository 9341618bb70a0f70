"""What a unit came from, what was made of it, and the reference samples kept beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch, Q

from inventory.models.placement import Placement
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Lineage, Unit
from inventory.queries.result_line import shown_value


@dataclass(frozen=True)
class LineageLine:
    """The donation, a unit it was made from, the unit itself, or one made from it."""

    relation: str
    code: str
    kind: str = ""
    state: str = ""
    amount: str = ""
    is_unit: bool = True
    is_here: bool = False


@dataclass(frozen=True)
class SampleLine:
    """One reference sample and where it is."""

    code: str
    role: str
    state: str
    place: str


def lineage_of(unit: Unit) -> tuple[LineageLine, ...]:
    """Return the donation, the parents, the unit, its children: one generation each way, in one query."""
    links = list(
        Lineage.objects.filter(Q(child=unit) | Q(parent=unit)).select_related("parent", "child").order_by("pk")
    )
    parents = (
        LineageLine("made from", link.parent.code, link.parent.kind, link.parent.state, taken(link))
        for link in links
        if link.child_id == unit.pk
    )
    children = (
        LineageLine("made into", link.child.code, link.child.kind, link.child.state, taken(link))
        for link in links
        if link.parent_id == unit.pk
    )
    donation = LineageLine("donation", unit.donation.code, unit.donation.event, is_unit=False)
    here = LineageLine("unit", unit.code, unit.kind, is_here=True)
    return (donation, *parents, here, *children)


def taken(link: Lineage) -> str:
    """Return the amount taken from the parent, in words."""
    stated: Iterable[tuple[Decimal | None, str]] = ((link.taken_ml, "mL"), (link.taken_g, "g"))
    return ", ".join(" ".join(shown_value(number, name)) for number, name in stated if number is not None)


def samples_of(unit: Unit, *, shows_place: bool) -> tuple[SampleLine, ...]:
    """Return the reference samples of a unit and of its donation, with their places."""
    open_placements = Placement.objects.filter(removed_at__isnull=True).select_related("position")
    kept = (
        ReferenceSample.objects.filter(Q(unit=unit) | Q(donation_id=unit.donation_id, unit__isnull=True))
        .prefetch_related(Prefetch("placements", queryset=open_placements))
        .order_by("role", "code")
    )
    return tuple(SampleLine(each.code, each.role, each.state, _place(each, shows_place)) for each in kept)


def _place(sample: ReferenceSample, shows_place: bool) -> str:
    if sample.attached:
        return "attached to its bag"
    position = next((placement.position.code for placement in sample.placements.all()), "")
    return position if shows_place else ""
