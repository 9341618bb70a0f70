"""Whom donations name."""

from collections.abc import Collection

from inventory.models.kinship import Kinship


def degrees_of(donation_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """Return, by donation id, the degree of kinship of each recipient that it names, by recipient id."""
    found: dict[int, dict[int, int]] = {donation_id: {} for donation_id in donation_ids}
    rows = Kinship.objects.filter(donation_id__in=donation_ids).order_by("pk")
    for donation_id, recipient_id, degree in rows.values_list("donation_id", "recipient_id", "degree"):
        found[donation_id][recipient_id] = degree
    return found


def degrees_to(recipient_id: int | None, donation_ids: Collection[int]) -> dict[int, int]:
    """Return, by donation id, the degree of kinship of one recipient to each of these donations that names them."""
    if recipient_id is None:
        return {}
    rows = Kinship.objects.filter(recipient_id=recipient_id, donation_id__in=donation_ids)
    return dict(rows.values_list("donation_id", "degree"))
