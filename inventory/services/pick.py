"""Picking released units: both scans must match, and every gate must still pass."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from biobank.domain.refusal import RuleViolation
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.gate import Step
from inventory.domain.identifier import decode
from inventory.domain.pick import PickFacts, PickMismatch, check_pick
from inventory.models.pick import Pick
from inventory.models.release import Release
from inventory.models.unit import Unit
from inventory.queries.placement import places_of
from inventory.queries.release import picks_of
from inventory.queries.request import LockedRequest, lock_request_chain
from inventory.queries.scan import unit_code_of_scan
from inventory.queries.unit import with_codes_behind
from inventory.services.gate import Attempt
from inventory.services.placement import take_out
from inventory.services.release import check_still_releasable, standing_release, void_if_standing


class PickRefused(RuleViolation):
    code = "pick-refused"
    title = "There is nothing to pick"
    mend = "Open the release and look at its pick list."


@dataclass(frozen=True)
class Scans:
    """What the scanner read: the position and the unit."""

    position: str
    unit: str


@service
def pick_unit(release: Release, unit: Unit, *, scans: Scans, by: Person, at: datetime) -> Pick:
    """Take one unit of an issued release from its position.

    Raises ``PickMismatch`` unless both scans are what the release names, with the attempt recorded; and
    ``NotReleasable`` where a gate fails now, which makes the release void.
    """
    locked = lock_request_chain(release.request_id)
    standing = standing_release(locked, release, status="issued")
    unit = _of_release(unit, locked)
    _check_scans(unit, standing, scans, by=by, at=at)
    void = partial(void_if_standing, standing, because="A gate failed at the pick.", by=by, at=at)
    check_still_releasable(Step.PICK, standing, locked, void, by=by, at=at)
    place = places_of([unit.pk])[unit.pk]
    pick = Pick.objects.create(release=standing, unit=unit, position=place, picked_by=by, picked_at=at)
    take_out([unit], reason=f"Picked for {standing.reference}.", by=by, at=at)
    record(
        "unit.picked",
        subjects=_named(unit, standing, place.code),
        by=by,
        at=at,
        new={"release": standing.reference, "position": place.code},
    )
    return pick


def _of_release(unit: Unit, locked: LockedRequest) -> Unit:
    found = next((each for each in locked.units if each.pk == unit.pk), None)
    if found is None or locked.release is None:
        raise PickRefused(f"{unit.code} is not of this release.", field="unit")
    if found.pk in picks_of(locked.release.pk):
        raise PickRefused(f"{unit.code} was picked already.", field="unit")
    return found


def _check_scans(unit: Unit, release: Release, scans: Scans, *, by: Person, at: datetime) -> None:
    place = places_of([unit.pk]).get(unit.pk)
    facts = PickFacts(
        expected_unit=unit.code,
        scanned_unit=unit_code_of_scan(scans.unit),
        expected_position=place.code if place else "",
        scanned_position=decode(scans.position).text,
    )
    try:
        check_pick(facts)
    except PickMismatch as refusal:
        attempt = Attempt("pick.mismatched", _named(unit, release, facts.scanned_unit, facts.expected_position), by, at)
        reasons = refusal.reasons
        refusal.afterwards = (lambda: attempt.note(Step.PICK, reasons),)
        raise


def _named(unit: Unit, release: Release, *codes: str) -> tuple[str, ...]:
    """Return the codes an entry about a pick names; what was scanned only where it can be a code."""
    behind = with_codes_behind([unit])[unit.pk]
    short = (code for code in codes if len(code) <= 64)
    return (unit.code, *behind, release.reference, release.request.reference, *short)
