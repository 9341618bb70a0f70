"""What units were made from, and the donations behind them: two queries, however far back."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from consent.domain.standing import Source
from inventory.domain.donation import DonationEvent
from inventory.models.donation import Donation
from inventory.models.unit import Lineage, UnitSource

# The ORM has no word for a recursive query; a query a generation would cost more the longer a unit's history is.
ABOVE = """
    WITH RECURSIVE above (id, parent_id) AS (
        SELECT id, parent_id FROM inventory_lineage WHERE child_id IN ({})
        UNION SELECT step.id, step.parent_id FROM inventory_lineage step JOIN above ON step.child_id = above.parent_id
    ) SELECT id FROM above"""
BELOW = """
    WITH RECURSIVE below (id, child_id) AS (
        SELECT id, child_id FROM inventory_lineage WHERE parent_id IN ({})
        UNION SELECT step.id, step.child_id FROM inventory_lineage step JOIN below ON step.parent_id = below.child_id
    ) SELECT id FROM below"""


@dataclass(frozen=True)
class Ancestry:
    """One unit, what it was made from, and the sources of them all with their donations and donors."""

    unit_id: int
    ancestor_ids: frozenset[int]
    sources: tuple[UnitSource, ...]

    @cached_property
    def member_ids(self) -> frozenset[int]:
        """The unit and everything it was made from."""
        return self.ancestor_ids | {self.unit_id}

    @cached_property
    def donations(self) -> tuple[Donation, ...]:
        """The donations behind the unit itself, in order."""
        own = [source.donation for source in self.sources if source.unit_id == self.unit_id]
        return tuple(sorted(own, key=lambda donation: donation.pk))

    @cached_property
    def lot_id(self) -> int | None:
        """The lot that the unit itself is a vial of."""
        return next((source.unit.lot_id for source in self.sources if source.unit_id == self.unit_id), None)

    @cached_property
    def lot_ids(self) -> frozenset[int]:
        """Every lot that the unit, or what it was made from, is a vial of."""
        return frozenset(source.unit.lot_id for source in self.sources if source.unit.lot_id is not None)

    @cached_property
    def donation_ids(self) -> frozenset[int]:
        """Every donation behind the unit or behind what it was made from."""
        return frozenset(source.donation_id for source in self.sources)

    @cached_property
    def donor_ids(self) -> frozenset[int]:
        """Every donor of these donations."""
        return frozenset(source.donation.donor_id for source in self.sources)


def source_of(donation: Donation) -> Source:
    """Return whose cells a donation is, as consent asks it."""
    after_death = donation.event == DonationEvent.RECOVERY_AFTER_DEATH
    return Source(donation.donor_id, donation.infant_id, after_death=after_death)


def ancestries_of(unit_ids: Collection[int]) -> dict[int, Ancestry]:
    """Return, by unit id, the ancestry of each unit."""
    return ancestries_by(ancestors(unit_ids))


def ancestries_by(above: Mapping[int, frozenset[int]]) -> dict[int, Ancestry]:
    """Return, by unit id, the ancestry of each unit whose ancestors are known. One query."""
    everyone = set(above).union(*above.values())
    sources: dict[int, list[UnitSource]] = {}
    rows = UnitSource.objects.filter(unit_id__in=everyone).select_related("donation__donor", "unit")
    for row in rows.order_by("donation_id", "unit_id"):
        sources.setdefault(row.unit_id, []).append(row)
    return {
        unit_id: Ancestry(
            unit_id,
            found,
            tuple(source for each in (unit_id, *sorted(found)) for source in sources.get(each, ())),
        )
        for unit_id, found in above.items()
    }


def ancestors(unit_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return, by unit id, every unit it was made from, however far back. One query."""
    return reached(unit_ids, steps_above(unit_ids).values_list("child_id", "parent_id"))


def reached(starts: Iterable[int], steps: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    """Return, by unit id, every unit that steps lead to from it; a step goes from one unit to another."""
    following: dict[int, list[int]] = {}
    for here, there in steps:
        following.setdefault(here, []).append(there)
    return {start: _reached_from(start, following) for start in starts}


def _reached_from(start: int, following: Mapping[int, Iterable[int]]) -> frozenset[int]:
    found: set[int] = set()
    frontier = {start}
    while frontier:
        frontier = {there for here in frontier for there in following.get(here, ())} - found
        found |= frontier
    return frozenset(found)


def steps_above(unit_ids: Collection[int]) -> QuerySet[Lineage]:
    """Return every making that led to these units."""
    return Lineage.objects.filter(_found_by(ABOVE, unit_ids))


def steps_around(unit_id: int) -> QuerySet[Lineage]:
    """Return every making that led to a unit, and every one that it led to."""
    return Lineage.objects.filter(_found_by(ABOVE, [unit_id]) | _found_by(BELOW, [unit_id]))


def _found_by(statement: str, unit_ids: Collection[int]) -> Q:
    if not unit_ids:
        return Q(pk__in=[])
    # Only marks for values are put into the statement, never a value.
    marks = ", ".join(["%s"] * len(unit_ids))
    return Q(pk__in=RawSQL(statement.format(marks), tuple(unit_ids)))  # noqa: S611 - see above
