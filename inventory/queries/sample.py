"""Finding and locking reference samples."""

from collections.abc import Collection

from inventory.models.sample import ReferenceSample


def lock_samples(sample_ids: Collection[int]) -> list[ReferenceSample]:
    """Take the row locks of these samples in id order and return them fresh."""
    return list(ReferenceSample.objects.select_for_update().filter(pk__in=sample_ids).order_by("pk"))


def attached_to(unit_ids: Collection[int]) -> list[int]:
    """Return the ids of the stored samples that are attached to these units, in order."""
    rows = ReferenceSample.objects.filter(unit_id__in=unit_ids, attached=True, state="stored")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def roles_in_store(unit_ids: Collection[int]) -> dict[int, list[str]]:
    """Return, by unit id, the roles of its stored reference samples and of its donation's."""
    from_units = ReferenceSample.objects.filter(unit_id__in=unit_ids, state="stored").values_list("unit_id", "role")
    from_births = ReferenceSample.objects.filter(
        unit__isnull=True, state="stored", donation__unit_sources__unit_id__in=unit_ids
    ).values_list("donation__unit_sources__unit_id", "role")
    found: dict[int, list[str]] = {unit_id: [] for unit_id in unit_ids}
    for unit_id, role in [*from_units, *from_births]:
        found[unit_id].append(role)
    return found


def loose_samples(donation_ids: Collection[int]) -> list[ReferenceSample]:
    """Return the stored samples of these donations that are neither attached to a bag nor in a place."""
    stored = ReferenceSample.objects.filter(donation_id__in=donation_ids, state="stored", attached=False)
    return list(stored.exclude(placements__isnull=False, placements__removed_at__isnull=True).order_by("pk"))
