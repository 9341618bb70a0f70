"""An exceptional release of the demo: for a dying patient the only unit fails one limit, and everybody knows it."""

from datetime import datetime, timedelta
from hashlib import sha256

from inventory.domain.release import ReleaseKind
from inventory.domain.waiver import Grounds, Statement
from inventory.management.demo.release import COORDINATORS, approve, deliver, send, sign_twice, thaw_segments, wanted
from inventory.management.demo.scene import Scene, born
from inventory.services.waiver import (
    Acknowledgement,
    acknowledge_condition,
    request_by_exception,
    state_benefit_and_risk,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def release_by_exception(scene: Scene, at: datetime) -> None:
    """Release a unit whose viability is below the limit: asked for, weighed and signed as what it is."""
    bank, study = scene.bank, scene.studies.clinical
    units = born(scene, at, accepted=False, tnc_viability_percent="78.4")
    grounds = Grounds(
        kind=ReleaseKind.EXCEPTIONAL,
        physician="Demo Physician",
        physician_request_sha256=_letter("the physician's request"),
        deviation_known="The viability of nucleated cells is below the limit.",
        no_alternative="No other unit of this match was found in any registry.",
    )
    asked_at = at + 8 * DAY
    asking = wanted(bank, study, units, recipient="LC-0009", at=asked_at)
    coordinator = bank.people[COORDINATORS[study.institution]]
    request = request_by_exception(asking, grounds, by=coordinator, at=asked_at)
    approve(bank, request, at=asked_at + HOUR)
    thaw_segments(bank, request, units, at=asked_at + 2 * HOUR)
    weighed = Statement(benefit="Without a graft the patient dies.", risk="The graft may take slower, or fail.")
    state_benefit_and_risk(request, weighed, by=bank.people["director"], at=asked_at + 3 * HOUR)
    release = sign_twice(bank, request, released_by="director", at=asked_at + 4 * HOUR)
    word = Acknowledgement(
        acknowledged_by="Demo Physician",
        document_sha256=_letter("the site's word"),
        occurred_at=asked_at + 5 * HOUR,
    )
    acknowledge_condition(release, word, by=coordinator, at=asked_at + 6 * HOUR)
    shipment = send(bank, release, units, at=asked_at + 7 * HOUR)
    deliver(bank, shipment, units, at=asked_at + DAY)


def _letter(which: str) -> str:
    """The hash of a letter that nobody wrote."""
    return sha256(f"Demo letter: {which}".encode()).hexdigest()
