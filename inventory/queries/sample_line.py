"""The reference samples kept beside a unit."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery

from inventory.domain.donation import is_one_birth
from inventory.domain.sample import MATERNAL
from inventory.models.placement import Placement
from inventory.models.sample import ReferenceSample
from inventory.queries.custody_line import Line


@dataclass(frozen=True)
class SampleLine:
    """One reference sample and where it is."""

    code: str
    role: str
    state: str
    place: str


def samples_beside(line: Line) -> list[ReferenceSample]:
    """Return the reference samples that count for a unit, each with the code of its position. One query.

    They are its own, those kept of what it was made from, those of the donations behind it, and the mother's that were
    kept with another donation of the same birth: the same that acceptance counts (``roles_in_store``).
    """
    placed = Placement.objects.filter(sample=OuterRef("pk"), removed_at__isnull=True)
    parents = [step.parent_id for step in line.steps if step.child_id == line.unit.pk]
    beside = Q(unit=line.unit) | Q(unit_id__in=parents, attached=False)
    of_births = Q(donation_id__in=line.donation_ids, unit__isnull=True)
    of_mothers = Q(donation__donor_id__in=line.donor_ids, unit__isnull=True, role__in=MATERNAL)
    rows = ReferenceSample.objects.filter(beside | of_births | of_mothers).select_related("donation")
    position = Subquery(placed.values("position__code")[:1])
    found = rows.annotate(position=position).order_by("role", "code")
    return [each for each in found if each.unit_id is not None or _is_of_its_birth(each, line)]


def sample_lines(samples: Iterable[ReferenceSample], *, shows_place: bool) -> tuple[SampleLine, ...]:
    """Return samples as the unit page shows them."""
    return tuple(
        SampleLine(each.code, each.role, each.state, _place(each, shows_place=shows_place)) for each in samples
    )


def _is_of_its_birth(sample: ReferenceSample, line: Line) -> bool:
    return any(
        each.pk == sample.donation_id
        or (each.donor_id == sample.donation.donor_id and is_one_birth(each.collected_at, sample.donation.collected_at))
        for each in line.donations
    )


def _place(sample: ReferenceSample, *, shows_place: bool) -> str:
    if sample.attached:
        return "attached to its bag"
    # Annotated above, and none of a sample that is nowhere.
    position: str | None = sample.position  # type: ignore[attr-defined]
    return (position or "") if shows_place else ""
