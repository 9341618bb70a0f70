"""The reference samples kept beside a unit."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q

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


def samples_of(unit: Unit, *, shows_place: bool) -> tuple[SampleLine, ...]:
    """Return the reference samples of a unit and of its donation, with their places."""
    open_placements = Placement.objects.filter(removed_at__isnull=True).select_related("position")
    kept = (
        ReferenceSample.objects.filter(Q(unit=unit) | Q(donation_id=unit.donation_id, unit__isnull=True))
        .prefetch_related(Prefetch("placements", queryset=open_placements))
        .order_by("role", "code")
    )
    return tuple(SampleLine(each.code, each.role, each.state, _place(each, shows_place=shows_place)) for each in kept)


def _place(sample: ReferenceSample, *, shows_place: bool) -> str:
    if sample.attached:
        return "attached to its bag"
    position = next((placement.position.code for placement in sample.placements.all()), "")
    return position if shows_place else ""
