"""Reporting what came of a unit, with the liver scores that follow from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.outcome import OutcomeFacts, OutcomeKind, OutcomeRefused, check_outcome
from inventory.domain.outcome_score import ScoreLine, scores_of
from inventory.domain.unit import UnitState
from inventory.models.outcome import Outcome, OutcomeScore
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.shipment import last_release_shipments
from inventory.queries.unit import donors_behind, lock_unit, with_codes_behind
from inventory.services.arrival import obstacles_to_acting_for


@dataclass(frozen=True, kw_only=True)
class NewOutcome:
    """One report: its kind, its day, and values as text by name (the unit of measure is in the name).

    All values are of that one day: that is how a score's inputs come to lie within one week.
    """

    kind: OutcomeKind
    outcome_date: date
    values: Mapping[str, str] = field(default_factory=dict)


@service
def report_outcome(unit: Unit, new: NewOutcome, *, by: Person, at: datetime) -> Outcome:
    """Record one report about a unit that a site received; in a person it is the request's recipient.

    Every liver score is computed whose inputs are all in the report; for the others it is kept why not. A score is
    never taken from the report. Raises ``OutcomeRefused`` with every obstacle.
    """
    lock_donors(donors_behind([unit.pk]))
    unit = lock_unit(unit.pk)
    journey = last_release_shipments([unit.pk]).get(unit.pk)
    if journey and (reasons := obstacles_to_acting_for(journey.to_site, by, field="by")):
        raise OutcomeRefused("The site's word was not recorded.", reasons=reasons)
    request = journey.release.request if journey and journey.release else None
    recipient = request.recipient if request else None
    check_outcome(_facts(unit, new, journey, has_recipient=recipient is not None), today=at.date())
    lines = scores_of(new.kind, new.values)
    outcome = Outcome.objects.create(
        unit=unit,
        recipient=recipient,
        kind=new.kind.value,
        outcome_date=new.outcome_date,
        values=dict(new.values),
        reported_by=by,
        reported_at=at,
    )
    OutcomeScore.objects.bulk_create(score_row(outcome, line) for line in lines)
    also = [request.reference, request.protocol.code] if request else []
    record(
        "outcome.reported",
        subjects=[unit.code, *with_codes_behind([unit])[unit.pk], *also],
        by=by,
        at=at,
        new={"kind": new.kind, "outcome_date": new.outcome_date, "values": dict(new.values), **scores_told(lines)},
    )
    return outcome


def _facts(unit: Unit, new: NewOutcome, journey: Shipment | None, *, has_recipient: bool) -> OutcomeFacts:
    return OutcomeFacts(
        kind=new.kind,
        outcome_date=new.outcome_date,
        values=new.values,
        state=UnitState(unit.state),
        shipped_on=journey.handed_over_at.date() if journey and journey.handed_over_at else None,
        has_recipient=has_recipient,
    )


def score_row(outcome: Outcome, line: ScoreLine) -> OutcomeScore:
    """Return the row of a score, not saved."""
    if line.score is None:
        return OutcomeScore(outcome=outcome, name=line.name, inputs=dict(line.inputs), because=line.because)
    return OutcomeScore(
        outcome=outcome,
        name=line.name,
        value=line.score.value,
        unrounded=str(line.score.unrounded),
        grade=line.score.grade or "",
        revision=line.score.revision,
        inputs=dict(line.inputs),
    )


def scores_told(lines: Iterable[ScoreLine]) -> dict[str, object]:
    """Return what the ledger says of the scores: those computed, and why the others were not."""
    lines = tuple(lines)
    scores = {
        line.name: {"value": str(line.score.value), "grade": line.score.grade or "", "revision": line.score.revision}
        for line in lines
        if line.score
    }
    return {"scores": scores, "not_computed": {line.name: line.because for line in lines if line.because}}
