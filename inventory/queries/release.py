"""Releases: their locks, their units, who signed them, and which stand."""

from collections.abc import Collection

from inventory.models.pick import Pick
from inventory.models.release import Release, ReleaseSignature, ReleaseUnit


def lock_standing_releases(request_ids: Collection[int]) -> dict[int, Release]:
    """Take the row lock of the evaluated or issued release of each locked request; return them fresh, by request id."""
    standing = Release.objects.filter(request_id__in=request_ids, status__in=["evaluated", "issued"])
    locked = standing.select_for_update(of=("self",)).select_related("request", "evaluated_by")
    return {row.request_id: row for row in locked.order_by("pk")}


def unit_ids_released_by(release_id: int) -> list[int]:
    """Return the ids of a release's units, in order."""
    return list(ReleaseUnit.objects.filter(release_id=release_id).order_by("unit_id").values_list("unit_id", flat=True))


def signatures_of(release_id: int) -> list[ReleaseSignature]:
    """Return a release's signatures in the order they were made, with their signers."""
    rows = ReleaseSignature.objects.filter(release_id=release_id).select_related("signer", "signature")
    return list(rows.order_by("pk"))


def picks_of(release_id: int) -> dict[int, Pick]:
    """Return, by unit id, the picks made for a release."""
    rows = Pick.objects.filter(release_id=release_id).select_related("unit", "position", "picked_by")
    return {row.unit_id: row for row in rows}


def picked_for_issued(unit_ids: Collection[int]) -> dict[int, str]:
    """Return, by unit id, the issued release that each of these units was picked for and has not left by."""
    rows = Pick.objects.filter(unit_id__in=unit_ids, release__status="issued", release__request__status="released")
    return dict(rows.values_list("unit_id", "release__reference"))
