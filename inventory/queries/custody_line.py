"""The line of a unit: itself, what it was made from, what was made from it, and the donations behind it."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import F

from inventory.models.donation import Donation
from inventory.models.result import Result
from inventory.models.unit import Lineage, Unit
from inventory.queries.ancestry import ancestries_by, steps_around
from inventory.queries.background import Background
from inventory.queries.result import results_behind


@dataclass(frozen=True)
class Line:
    """A unit between its donations and its descendants; ``steps`` are the makings among them.

    ``behind`` is what gates and acceptance ask of it, ``results`` every result behind it, replaced ones among them.
    """

    unit: Unit
    behind: Background
    donations: tuple[Donation, ...]
    ancestor_ids: frozenset[int]
    steps: tuple[Lineage, ...]
    results: tuple[Result, ...]

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

    @cached_property
    def own_codes(self) -> frozenset[str]:
        """The codes of the unit and of what it was made from."""
        return frozenset({self.unit.code, *(step.parent.code for step in self.steps if is_above(step, self))})

    @cached_property
    def shared_codes(self) -> frozenset[str]:
        """The codes of its lot and of the donations behind it, of which other units may be too."""
        lots = {lot.code for lot in self.behind.lots.values()}
        return frozenset({*lots, *(donation.code for donation in self.donations)})

    @cached_property
    def donor_codes(self) -> frozenset[str]:
        """The codes of the donors behind it."""
        return frozenset(donation.donor.donor_code for donation in self.donations)


def line_of(unit: Unit) -> Line:
    """Return the line of a unit: three queries, however long it is."""
    steps = steps_around(unit.pk).select_related("parent", "child", "processing")
    made = tuple(steps.order_by(F("processing__started_at").asc(nulls_first=True), "pk"))
    behind = Background([unit])
    behind.ancestries = ancestries_by([unit.pk], [(step.child_id, step.parent_id) for step in made])
    results = _results(behind)
    behind.current_results = [each for each in results if not hasattr(each, "replaced_by")]
    return Line(
        unit=unit,
        behind=behind,
        donations=behind.ancestries[unit.pk].donations,
        ancestor_ids=behind.ancestries[unit.pk].ancestor_ids,
        steps=made,
        results=results,
    )


def is_above(step: Lineage, line: Line) -> bool:
    """Whether a making led to the line's unit rather than from it."""
    return step.child_id == line.unit.pk or step.child_id in line.ancestor_ids


def _results(behind: Background) -> tuple[Result, ...]:
    found = results_behind(Result.objects.all(), behind.ancestries)
    return tuple(
        found.select_related(
            "entered_by", "verified_by", "replaces", "replaced_by", "sample", "unit", "attestation"
        ).order_by("entered_at", "pk")
    )
