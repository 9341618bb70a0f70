"""Reporting what came of a unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.outcome import OutcomeFacts, OutcomeKind, check_outcome
from inventory.domain.unit import UnitState
from inventory.models.outcome import Outcome
from inventory.models.unit import Unit
from inventory.queries.shipment import last_release_shipments
from inventory.queries.unit import donors_behind, lock_unit, with_codes_behind


@dataclass(frozen=True, kw_only=True)
class NewOutcome:
    """One report: its kind, its day, and values as text by name (the unit of measure is in the name)."""

    kind: OutcomeKind
    outcome_date: date
    values: Mapping[str, str] = field(default_factory=dict)


@service
def report_outcome(unit: Unit, new: NewOutcome, *, by: Person, at: datetime) -> Outcome:
    """Record one report about a unit that a site received; in a person it is the request's recipient.

    Raises ``OutcomeRefused`` with every obstacle.
    """
    lock_donors(donors_behind([unit.pk]))
    unit = lock_unit(unit.pk)
    journey = last_release_shipments([unit.pk]).get(unit.pk)
    request = journey.release.request if journey and journey.release else None
    recipient = request.recipient if request else None
    facts = OutcomeFacts(
        kind=new.kind,
        outcome_date=new.outcome_date,
        values=new.values,
        state=UnitState(unit.state),
        shipped_on=journey.handed_over_at.date() if journey and journey.handed_over_at else None,
        has_recipient=recipient is not None,
    )
    check_outcome(facts, today=at.date())
    outcome = Outcome.objects.create(
        unit=unit,
        recipient=recipient,
        kind=new.kind.value,
        outcome_date=new.outcome_date,
        values=dict(new.values),
        reported_by=by,
        reported_at=at,
    )
    also = [request.reference, request.protocol.code] if request else []
    record(
        "outcome.reported",
        subjects=[unit.code, *with_codes_behind([unit])[unit.pk], *also],
        by=by,
        at=at,
        new={"kind": new.kind, "outcome_date": new.outcome_date, "values": dict(new.values)},
    )
    return outcome
