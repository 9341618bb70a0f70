"""Finding and locking reference samples."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from inventory.domain.donation import is_one_birth
from inventory.domain.sample import MATERNAL, SampleState
from inventory.models.sample import ReferenceSample
from inventory.models.unit import UnitSource


def lock_samples(sample_ids: Iterable[int], *, hanging_on: Iterable[int] = ()) -> list[ReferenceSample]:
    """Take the row locks of these samples, and of those stored still attached to these units: they go with them.

    They are returned fresh, in id order, with their donation and unit.
    """
    hanging = Q(unit_id__in=hanging_on, attached=True, state=SampleState.STORED.value)
    wanted = ReferenceSample.objects.filter(Q(pk__in=sample_ids) | hanging).select_related("donation", "unit")
    return list(wanted.select_for_update(of=("self",)).order_by("pk"))


def attached_to(unit_ids: Collection[int]) -> list[int]:
    """Return the ids of the stored samples that are attached to these units, in order."""
    rows = ReferenceSample.objects.filter(unit_id__in=unit_ids, attached=True, state="stored")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def roles_in_store(unit_ids: Collection[int]) -> dict[int, list[str]]:
    """Return, by unit id, the roles of its stored reference samples and of its donation's.

    Samples kept of what it was made from are of the same cells; the mother's are of the birth, and twins share them.
    """
    stored = ReferenceSample.objects.filter(state="stored")
    from_units = stored.filter(unit_id__in=unit_ids).values_list("unit_id", "role")
    from_parents = stored.filter(unit__made__child_id__in=unit_ids, attached=False).values_list(
        "unit__made__child_id", "role"
    )
    from_births = ReferenceSample.objects.filter(
        unit__isnull=True, state="stored", donation__unit_sources__unit_id__in=unit_ids
    ).values_list("donation__unit_sources__unit_id", "role")
    found: dict[int, list[str]] = {unit_id: [] for unit_id in unit_ids}
    own = from_units.union(from_parents, from_births, all=True) if unit_ids else ()
    for unit_id, role in [*own, *_mothers_of_twins(unit_ids)]:
        found[unit_id].append(role)
    return found


def _mothers_of_twins(unit_ids: Collection[int]) -> list[tuple[int, str]]:
    """Return the stored samples of the mother that were kept with another donation of the same birth, by unit id."""
    rows = UnitSource.objects.filter(
        unit_id__in=unit_ids,
        donation__donor__donations__samples__in=ReferenceSample.objects.filter(
            unit__isnull=True, state="stored", role__in=MATERNAL
        ),
    ).values_list(
        "unit_id",
        "donation_id",
        "donation__collected_at",
        "donation__donor__donations__pk",
        "donation__donor__donations__collected_at",
        "donation__donor__donations__samples__role",
    )
    own: dict[int, set[int]] = {}
    for unit_id, donation_id, *_ in rows:
        own.setdefault(unit_id, set()).add(donation_id)
    return [
        (unit_id, role)
        for unit_id, _donation, collected_at, other, other_collected_at, role in rows
        if other not in own[unit_id] and is_one_birth(collected_at, other_collected_at)
    ]


def loose_samples(donation_ids: Collection[int]) -> list[ReferenceSample]:
    """Return the stored samples of these donations that are neither attached to a bag nor in a place."""
    stored = ReferenceSample.objects.filter(donation_id__in=donation_ids, state="stored", attached=False)
    return list(stored.exclude(placements__isnull=False, placements__removed_at__isnull=True).order_by("pk"))
