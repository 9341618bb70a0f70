"""Picking released units: both scans must match, and every gate must still pass."""

from collections.abc import Collection, Mapping, Sequence
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
from inventory.models.container import Position
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
    return pick_units(release, {unit.pk: scans}, by=by, at=at)[0]


@service
def pick_units(release: Release, scans: Mapping[int, Scans], *, by: Person, at: datetime) -> list[Pick]:
    """Take units of an issued release from their positions, all or none; ``scans`` are by unit id.

    Raises as ``pick_unit`` does, for the first unit that is not as the release names it.
    """
    locked = lock_request_chain(release.request_id)
    standing = standing_release(locked, release, status="issued")
    units = _of_release(scans, locked)
    places = places_of(list(scans))
    for unit in units:
        _check_scans(unit, standing, scans[unit.pk], places.get(unit.pk), by=by, at=at)
    void = partial(void_if_standing, standing, because="A gate failed at the pick.", by=by, at=at)
    check_still_releasable(Step.PICK, standing, locked, void, by=by, at=at)
    picks = Pick.objects.bulk_create(
        Pick(release=standing, unit=unit, position=places[unit.pk], picked_by=by, picked_at=at) for unit in units
    )
    behind = with_codes_behind(units)
    take_out(units, reason=f"Picked for {standing.reference}.", behind=behind, by=by, at=at)
    for unit in units:
        place = places[unit.pk].code
        subjects = _named(unit, standing, behind[unit.pk], place)
        new = {"release": standing.reference, "position": place}
        record("unit.picked", subjects=subjects, by=by, at=at, new=new)
    return picks


def _of_release(unit_ids: Collection[int], locked: LockedRequest) -> list[Unit]:
    """Return the units of the release that these ids name, in order. Raises ``PickRefused``."""
    units = [unit for unit in locked.units if unit.pk in unit_ids]
    if len(units) < len(unit_ids) or not unit_ids or locked.release is None:
        raise PickRefused("What was scanned is not of this release.", field="unit")
    picked = picks_of(locked.release.pk)
    if again := [unit.code for unit in units if unit.pk in picked]:
        raise PickRefused(f"{', '.join(again)}: picked already.", field="unit")
    return units


def _check_scans(
    unit: Unit, release: Release, scans: Scans, place: Position | None, *, by: Person, at: datetime
) -> None:
    facts = PickFacts(
        expected_unit=unit.code,
        scanned_unit=unit_code_of_scan(scans.unit),
        expected_position=place.code if place else "",
        scanned_position=decode(scans.position).text,
    )
    try:
        check_pick(facts)
    except PickMismatch as refusal:
        behind = with_codes_behind([unit])[unit.pk]
        subjects = _named(unit, release, behind, facts.scanned_unit, facts.expected_position)
        attempt = Attempt("pick.mismatched", subjects, by, at)
        reasons = refusal.reasons
        refusal.afterwards = (lambda: attempt.note(Step.PICK, reasons),)
        raise


def _named(unit: Unit, release: Release, behind: Sequence[str], *codes: str) -> tuple[str, ...]:
    """Return the codes an entry about a pick names; what was scanned only where it can be a code."""
    short = (code for code in codes if len(code) <= 64)
    return (unit.code, *behind, release.reference, release.request.reference, *short)
