"""Potency beside outcome: what was verified of each unit, and how the recipient's scores changed from baseline."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from biobank.models.person import Person
from inventory.domain.outcome import OutcomeKind
from inventory.domain.outcome_course import Change
from inventory.domain.potency import MECHANISMS, PotencyBesideChange
from inventory.domain.specification import MISSING, Measurement
from inventory.models.outcome import Outcome
from inventory.models.protocol import Protocol
from inventory.queries.outcome import change_from_baseline
from inventory.queries.result import measurements_of
from inventory.queries.unit import units_visible_to

# Reports that say that a unit came to its recipient; a baseline is reported before, and the unit may never be given.
GIVEN = (OutcomeKind.ADMINISTRATION.value, OutcomeKind.FOLLOW_UP.value)


def potency_visible_to(
    person: Person, at: datetime, *, protocol: Protocol | None = None, scores: Collection[str] = ()
) -> list[PotencyBesideChange]:
    """Return every potency result of every unit given, beside every follow-up of its recipient.

    Of one protocol, whatever its version, or of all; of all scores and numbers reported, unless some are named. Results
    are the current verified ones of the unit, its samples and what it was made from. Of units that the person may not
    see, neither results nor reports are here.
    The number of queries does not grow.
    """
    given = Outcome.objects.filter(recipient__isnull=False, kind__in=GIVEN)
    if protocol is not None:
        given = given.filter(recipient__protocol_code=protocol.code)
    wanted = given.order_by("recipient__protocol_code", "recipient_id", "unit_id").distinct()
    units = list(wanted.values_list("unit_id", "unit__code", "recipient_id", "recipient__protocol_code"))
    changes = change_from_baseline(protocol=protocol, names=scores)
    seen = _seen(person, at, {unit_id for unit_id, *_ in units} | _reported_about(changes))
    of_recipient = _by_recipient(change for change in changes if _reported_about([change]) <= seen)
    measurements = _potency([unit_id for unit_id, *_ in units if unit_id in seen])
    return [
        PotencyBesideChange(protocol_code, code, measurement, change)
        for unit_id, code, recipient_id, protocol_code in units
        for measurement in measurements.get(unit_id, ())
        for change in of_recipient.get(recipient_id or 0, ())
    ]


def _seen(person: Person, at: datetime, unit_ids: Collection[int]) -> frozenset[int]:
    return frozenset(units_visible_to(person, at).filter(pk__in=unit_ids).values_list("pk", flat=True))


def _reported_about(changes: Iterable[Change]) -> set[int]:
    """Return the ids of the units that follow-ups, and the baselines behind them, are reports about."""
    points = (point for change in changes for point in (change.point, change.baseline) if point is not None)
    return {point.unit_id for point in points}


def _by_recipient(changes: Iterable[Change]) -> Mapping[int, list[Change]]:
    found: dict[int, list[Change]] = {}
    for change in changes:
        found.setdefault(change.point.recipient_id, []).append(change)
    return found


def _potency(unit_ids: Collection[int]) -> dict[int, list[Measurement]]:
    """Return, by unit id, the potency that was measured and verified; what was not done is not among it."""
    return {unit_id: [each for each in found if _counts(each)] for unit_id, found in measurements_of(unit_ids).items()}


def _counts(measurement: Measurement) -> bool:
    return measurement.assay in MECHANISMS and measurement.verified and measurement.qualifier not in MISSING
