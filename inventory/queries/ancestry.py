"""What units were made from, and the donations behind them: two queries, however far back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from consent.domain.standing import Source
from inventory.domain.donation import DonationEvent
from inventory.domain.unit import UnitState
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

# One making each: what was made, and what it was made from.
Step = tuple[int, int]


@dataclass(frozen=True)
class Ancestry:
    """One unit, what it was made from, and the sources of them all with their donations and donors.

    ``parents`` are, by unit id, those of the unit and of all above it; others may be among its keys.
    """

    unit_id: int
    ancestor_ids: frozenset[int]
    sources: tuple[UnitSource, ...]
    parents: Mapping[int, Sequence[int]] = field(default_factory=dict)

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

    @cached_property
    def is_of_several(self) -> bool:
        """Whether more than one unit or donation went into it, or into anything that it was made from."""
        return len(self.donations) > 1 or any(len(self.parents.get(each, ())) > 1 for each in self.member_ids)

    @cached_property
    def drawn_at(self) -> datetime | None:
        """When a part was last recorded as taken of the unit, which lives on with the rest."""
        drawn: list[datetime | None] = [
            vars(source)["drawn_at"] for source in self.sources if source.unit_id == self.unit_id
        ]
        return next(iter(drawn), None)

    def lines_without(self, unit_ids: Collection[int]) -> list[int]:
        """Return where each line of what it was made from begins on which none of these units lies."""
        found: set[int] = set()
        above = set(self.parents.get(self.unit_id, ()))
        while above:
            without = above - set(unit_ids)
            found |= {each for each in without if not self.parents.get(each)}
            above = {parent for each in without for parent in self.parents.get(each, ())}
        return sorted(found)


def source_of(donation: Donation) -> Source:
    """Return whose cells a donation is, as consent asks it."""
    after_death = donation.event == DonationEvent.RECOVERY_AFTER_DEATH
    return Source(donation.donor_id, donation.infant_id, after_death=after_death)


def ancestries_of(unit_ids: Collection[int]) -> dict[int, Ancestry]:
    """Return, by unit id, the ancestry of each unit."""
    return ancestries_by(unit_ids, list(steps_above(unit_ids).values_list("child_id", "parent_id")))


def ancestries_by(unit_ids: Collection[int], steps: Sequence[Step]) -> dict[int, Ancestry]:
    """Return, by unit id, the ancestry of each unit when the steps that led to them are known. One query."""
    above, parents = reached(unit_ids, steps), following(steps)
    everyone = set(above).union(*above.values())
    sources: dict[int, list[UnitSource]] = {}
    rows = UnitSource.objects.filter(unit_id__in=everyone).select_related("donation__donor", "unit")
    for row in rows.annotate(drawn_at=_last_drawing()).order_by("donation_id", "unit_id"):
        sources.setdefault(row.unit_id, []).append(row)
    return {
        unit_id: Ancestry(
            unit_id,
            found,
            tuple(source for each in (unit_id, *sorted(found)) for source in sources.get(each, ())),
            parents,
        )
        for unit_id, found in above.items()
    }


def ancestors(unit_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return, by unit id, every unit it was made from, however far back. One query."""
    return reached(unit_ids, steps_above(unit_ids).values_list("child_id", "parent_id"))


def reached(starts: Iterable[int], steps: Iterable[Step]) -> dict[int, frozenset[int]]:
    """Return, by unit id, every unit that steps lead to from it; a step goes from one unit to another."""
    next_to = following(steps)
    return {start: _reached_from(start, next_to) for start in starts}


def following(steps: Iterable[Step]) -> dict[int, list[int]]:
    """Return, by unit id, the units that one step leads to from it."""
    found: dict[int, list[int]] = {}
    for here, there in steps:
        found.setdefault(here, []).append(there)
    return found


def _last_drawing() -> Subquery:
    """Return when a part was last recorded as taken of a source's unit that was not consumed by it."""
    parts = Lineage.objects.filter(parent_id=OuterRef("unit_id")).exclude(parent__state=UnitState.CONSUMED)
    return Subquery(parts.values("parent_id").values(at=Max("processing__recorded_at"))[:1])


def _reached_from(start: int, next_to: Mapping[int, Iterable[int]]) -> frozenset[int]:
    found: set[int] = set()
    frontier = {start}
    while frontier:
        frontier = {there for here in frontier for there in next_to.get(here, ())} - found
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
