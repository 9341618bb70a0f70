"""Releases of the demo that leave a gate open: one unit fails one limit, and one donor is not determined yet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from inventory.domain.release import ReleaseKind
from inventory.domain.waiver import Grounds, Statement
from inventory.management.demo import results, stock
from inventory.management.demo.birth import consent_mothers, one_birth, register_births
from inventory.management.demo.people import Bank
from inventory.management.demo.release import COORDINATORS, approve, deliver, send, sign_twice, thaw_segments, wanted
from inventory.management.demo.results import Lucky
from inventory.management.demo.scene import Scene, born
from inventory.models.release import Release
from inventory.models.unit import Unit
from inventory.queries.duty import open_duties
from inventory.services.duty import fulfil_duty
from inventory.services.waiver import (
    Acknowledgement,
    acknowledge_condition,
    request_by_exception,
    state_benefit_and_risk,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def release_by_exception(scene: Scene, at: datetime) -> None:
    """Release a unit whose viability is below the limit: asked for, weighed and signed as what it is."""
    units = born(scene, at, accepted=False, tnc_viability_percent="78.4")
    grounds = Grounds(
        kind=ReleaseKind.EXCEPTIONAL,
        physician="Demo Physician",
        physician_request_sha256=_letter("the physician's request"),
        deviation_known="The viability of nucleated cells is below the limit.",
        no_alternative="No other unit of this match was found in any registry.",
    )
    weighed = Statement(benefit="Without a graft the patient dies.", risk="The graft may take slower, or fail.")
    _give(scene, units, grounds, weighed, recipient="LC-0009", at=at + 8 * DAY)


def release_for_urgent_need(scene: Scene, at: datetime) -> None:
    """Release a unit before its donor is determined, for a patient who cannot wait; then do what is owed for it."""
    bank, month, lucky = scene.bank, one_birth(at), Lucky(at.toordinal())
    registered = register_births(bank, month, consent_mothers(bank, month), lucky)
    units = stock.freeze(bank, month, registered, scene.shelves, lucky)
    donations = [each.donation for each in registered]
    news = [each for unit in units for each in results.of_unit(unit, lucky, {})]
    stock.measure(bank, donations, news, lucky, at=at + 3 * DAY)
    grounds = Grounds(
        kind=ReleaseKind.URGENT,
        physician="Demo Physician",
        physician_request_sha256=_letter("the physician's urgent request"),
        deviation_known="The donor's eligibility has not been determined.",
        no_alternative="No comparable unit, and the patient will die without one.",
    )
    weighed = Statement(benefit="The patient has days to live.", risk="The donor may turn out to be ineligible.")
    release = _give(scene, units, grounds, weighed, recipient="LC-0010", at=at + 5 * DAY)
    stock.determine(bank, donations, at=at + 8 * DAY)
    _do_what_is_owed(bank, [*(each.code for each in donations), release.reference], at=at + 9 * DAY)


def _give(
    scene: Scene, units: Sequence[Unit], grounds: Grounds, weighed: Statement, *, recipient: str, at: datetime
) -> Release:
    """Ask, approve, weigh, sign, have the site acknowledge the condition, send and deliver."""
    bank, study = scene.bank, scene.studies.clinical
    asking = wanted(bank, study, units, recipient=recipient, at=at)
    coordinator = bank.people[COORDINATORS[study.institution]]
    request = request_by_exception(asking, grounds, by=coordinator, at=at)
    approve(bank, request, at=at + HOUR)
    thaw_segments(bank, request, units, at=at + 2 * HOUR)
    state_benefit_and_risk(request, weighed, by=bank.people["director"], at=at + 3 * HOUR)
    release = sign_twice(bank, request, released_by="director", at=at + 4 * HOUR)
    word = Acknowledgement(
        acknowledged_by="Demo Physician", document_sha256=_letter("the site's word"), occurred_at=at + 5 * HOUR
    )
    acknowledge_condition(release, word, by=coordinator, at=at + 6 * HOUR)
    shipment = send(bank, release, units, at=at + 7 * HOUR)
    deliver(bank, shipment, units, at=at + DAY)
    return release


def _do_what_is_owed(bank: Bank, subjects: Sequence[str], *, at: datetime) -> None:
    """Answer by the medical director every duty about these codes."""
    for duty in open_duties(subjects=subjects):
        fulfil_duty(duty, note="Done, and told by registered letter.", by=bank.people["director"], at=at)


def _letter(which: str) -> str:
    """The hash of a letter that nobody wrote."""
    return sha256(f"Demo letter: {which}".encode()).hexdigest()
