"""The reference samples kept beside a unit."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery

from inventory.models.placement import Placement
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit


@dataclass(frozen=True)
class SampleLine:
    """One reference sample and where it is."""

    code: str
    role: str
    state: str
    place: str


def samples_beside(unit: Unit, donation_ids: Collection[int]) -> QuerySet[ReferenceSample]:
    """Return the reference samples of a unit and of the donations behind it, each with the code of its position."""
    placed = Placement.objects.filter(sample=OuterRef("pk"), removed_at__isnull=True)
    kept = ReferenceSample.objects.filter(Q(unit=unit) | Q(donation_id__in=donation_ids, unit__isnull=True))
    position = Subquery(placed.values("position__code")[:1])
    return kept.annotate(position=position).order_by("role", "code")


def sample_lines(samples: Iterable[ReferenceSample], *, shows_place: bool) -> tuple[SampleLine, ...]:
    """Return samples as the unit page shows them."""
    return tuple(
        SampleLine(each.code, each.role, each.state, _place(each, shows_place=shows_place)) for each in samples
    )


def _place(sample: ReferenceSample, *, shows_place: bool) -> str:
    if sample.attached:
        return "attached to its bag"
    # Annotated above, and none of a sample that is nowhere.
    position: str | None = sample.position  # type: ignore[attr-defined]
    return (position or "") if shows_place else ""
