"""The line of a unit: itself, what it was made from, what was made from it, and the donations behind it."""

from dataclasses import dataclass
from functools import cached_property

from inventory.models.donation import Donation
from inventory.models.unit import Lineage, Unit, UnitSource
from inventory.queries.unit import ancestors


@dataclass(frozen=True)
class Line:
    """A unit between its donations and its descendants; ``steps`` are the makings among them."""

    unit: Unit
    donations: tuple[Donation, ...]
    ancestor_ids: frozenset[int]
    descendant_ids: frozenset[int]
    steps: tuple[Lineage, ...]

    @cached_property
    def donor_ids(self) -> list[int]:
        """The donors behind the unit, in order."""
        return sorted({donation.donor_id for donation in self.donations})

    @cached_property
    def donation_ids(self) -> list[int]:
        """The donations behind the unit, in order."""
        return sorted(donation.pk for donation in self.donations)

    @cached_property
    def own_and_ancestors(self) -> list[int]:
        """The unit and what it was made from: whose custody is the unit's own history."""
        return sorted({self.unit.pk, *self.ancestor_ids})


def line_of(unit: Unit) -> Line:
    """Return the line of a unit, one query a generation."""
    above = ancestors([unit.pk])[unit.pk]
    below = _descendants(unit.pk)
    steps = Lineage.objects.filter(parent_id__in={unit.pk, *above, *below}, child_id__in={unit.pk, *above, *below})
    sources = UnitSource.objects.filter(unit_id=unit.pk).values_list("donation_id", flat=True)
    donations = Donation.objects.filter(pk__in={*sources, unit.donation_id}).select_related("donor").order_by("pk")
    return Line(
        unit=unit,
        donations=tuple(donations),
        ancestor_ids=above,
        descendant_ids=below,
        steps=tuple(steps.select_related("parent", "child", "processing").order_by("processing__started_at", "pk")),
    )


def _descendants(unit_id: int) -> frozenset[int]:
    found: set[int] = set()
    frontier = {unit_id}
    while frontier:
        made = set(Lineage.objects.filter(parent_id__in=frontier).values_list("child_id", flat=True))
        frontier = made - found
        found |= frontier
    return frozenset(found)
