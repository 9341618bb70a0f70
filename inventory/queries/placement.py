"""Where things are: open placements, free positions, and their locks."""

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet

from inventory.domain.container import plain_label, spellings
from inventory.models.container import Container, Position
from inventory.models.placement import Placement


def places_of(unit_ids: Collection[int]) -> dict[int, Position]:
    """Return the position of each unit that is in one."""
    rows = open_placements(unit_ids=unit_ids)
    return {row.unit_id: row.position for row in rows if row.unit_id is not None}


def places_of_samples(sample_ids: Collection[int]) -> dict[int, Position]:
    """Return the position of each reference sample that is in one."""
    rows = open_placements(sample_ids=sample_ids)
    return {row.sample_id: row.position for row in rows if row.sample_id is not None}


def open_placements(*, unit_ids: Collection[int] = (), sample_ids: Collection[int] = ()) -> QuerySet[Placement]:
    """Return the placements in which these units and samples are now, with position, container and site."""
    of_these = Q(unit_id__in=unit_ids) | Q(sample_id__in=sample_ids)
    return Placement.objects.filter(of_these, removed_at__isnull=True).select_related("position__container__site")


def lock_positions(position_ids: Collection[int]) -> list[Position]:
    """Take the row locks of these positions in id order."""
    return list(
        Position.objects.select_for_update(of=("self",))
        .filter(pk__in=position_ids)
        .select_related("container__kind", "container__site")
        .order_by("pk")
    )


def containers_of(position_ids: Collection[int]) -> QuerySet[Position, int]:
    """Return the ids of the containers of these positions: a position's container never changes."""
    return Position.objects.filter(pk__in=position_ids).values_list("container_id", flat=True)


def taken_among(position_ids: Collection[int]) -> dict[int, Placement]:
    """Return the open placement of each of these positions that has one."""
    rows = Placement.objects.filter(position_id__in=position_ids, removed_at__isnull=True).select_related(
        "unit", "sample"
    )
    return {row.position_id: row for row in rows}


def free_positions(containers: Iterable[Container], limit: int) -> list[Position]:
    """Return up to ``limit`` free positions of these containers, in the order of container and grid."""
    return list(
        Position.objects.filter(container__in=list(containers))
        .exclude(placements__removed_at__isnull=True, placements__isnull=False)
        .order_by("container_id", "pk")[:limit]
    )


def positions_by_code(codes: Collection[str]) -> dict[str, Position]:
    """Return the positions of these codes."""
    return {
        row.code: row
        for row in Position.objects.filter(code__in=codes).select_related("container__kind", "container__site")
    }


def positions_read(container: Container, texts: Collection[str]) -> dict[str, Position]:
    """Return the position that each text names: by its whole code, or by its label within the container.

    A label is taken as people and rack scanners write it: ``A1`` and ``1A`` are ``A01``.
    """
    found = positions_by_code(texts)
    unknown = {text: plain_label(text) for text in texts if text not in found}
    if not unknown:
        return found
    rows = Position.objects.filter(container=container).select_related("container__kind", "container__site")
    by_spelling = {spelling: row for row in rows for spelling in spellings(row.label)}
    by_label = {plain_label(row.label): row for row in rows}
    for text, plain in unknown.items():
        if position := by_label.get(plain) or by_spelling.get(plain):
            found[text] = position
    return found
