"""Waivers: the grounds of a request, as they are signed, and what a release so made says on its papers."""

import json

from inventory.domain.snapshot import units_in
from inventory.models.release import Release
from inventory.models.waiver import Waiver, WaiverAcknowledgement


def waiver_of(request_id: int) -> Waiver | None:
    """Return the grounds on which a request asks for an exception; a normal one has none."""
    return Waiver.objects.filter(request_id=request_id).select_related("stated_by").first()


def lock_waiver(request_id: int) -> Waiver | None:
    """Take the row lock of a request's grounds and return them fresh; the request is locked before."""
    return Waiver.objects.select_for_update(of=("self",)).filter(request_id=request_id).first()


def waiver_words(waiver: Waiver) -> dict[str, object]:
    """Return the grounds as a signed snapshot names them."""
    return {
        "physician": waiver.physician,
        "physician_request_sha256": waiver.physician_request_sha256,
        "deviation_known": waiver.deviation_known,
        "no_alternative": waiver.no_alternative,
        "benefit": waiver.benefit,
        "risk": waiver.risk,
        "stated_by": waiver.stated_by.username if waiver.stated_by else "",
    }


def conditions_of(release: Release) -> dict[str, list[str]]:
    """Return, by unit code, what label and papers say of each unit of a release: nothing for most normal ones."""
    units = units_in(json.loads(release.snapshot))
    return {unit["unit"]: list(unit["conditions"]) for unit in units if unit.get("conditions")}


def is_acknowledged(release_id: int) -> bool:
    """Whether the site has said that it knows the condition of this release."""
    return WaiverAcknowledgement.objects.filter(release_id=release_id).exists()
