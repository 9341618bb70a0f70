"""How a unit ends: used, discarded, lost."""

from dataclasses import dataclass
from datetime import datetime

from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.services.service import service
from biobank.services.signature import sign
from consent.queries.donor import lock_donors
from inventory.domain.disposition import (
    AT_THE_SITE,
    DiscardFacts,
    DispositionRefused,
    LossFacts,
    check_discard,
    check_loss,
    check_stated,
    event_of_discard,
    obstacles_to_place_in_time,
)
from inventory.domain.unit import Event, UnitState
from inventory.models.disposition import Disposition
from inventory.models.unit import Unit
from inventory.queries.journey import open_journeys
from inventory.queries.shipment import last_release_shipments
from inventory.queries.unit import donors_behind, lock_unit
from inventory.services.arrival import obstacles_to_acting_for
from inventory.services.loss import Discrepancy, lose_items
from inventory.services.placement import take_out
from inventory.services.unit import Change, change_state
from inventory.services.void import take_back

PROMISED = frozenset({UnitState.RESERVED, UnitState.RELEASED})


@dataclass(frozen=True, kw_only=True)
class Discard:
    """A discard: the reason's code, how much went, who witnessed it, and when it happened."""

    reason: str
    amount: str
    witness: Person | None
    occurred_at: datetime
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A unit that is nowhere: what is missing and where, since when, and who looked for it besides."""

    reason: str
    occurred_at: datetime
    witness: Person | None


@service
def use_unit(unit: Unit, *, left_over: str, occurred_at: datetime, by: Person, at: datetime) -> Disposition:
    """Record that a received unit was administered or used in the experiment, and what became of what was left.

    Raises ``DispositionRefused`` for what is not said, from before the unit left, or told by another site.
    """
    what = "State what was left over and what became of it; “nothing” is an answer."
    check_stated(left_over, "left_over", what=what, longest=300, occurred_at=occurred_at, at=at)
    unit = _locked(unit)
    check_word_of_site(unit, occurred_at=occurred_at, by=by)
    reason = f"Used; left over: {left_over}"
    change = Change("unit.used", Event.USED, UnitState.USED, reason, fields={"thawed": True}, occurred_at=occurred_at)
    change_state(unit, change, by=by, at=at)
    return Disposition.objects.create(
        unit=unit, kind="used", left_over=left_over, occurred_at=occurred_at, recorded_at=at, recorded_by=by
    )


@service
def discard_unit(unit: Unit, discard: Discard, *, by: Person, at: datetime) -> Disposition:
    """Discard a unit, or record that the site did. Raises ``DispositionRefused`` with everything left out."""
    witness = discard.witness
    facts = DiscardFacts(
        reason=discard.reason,
        note=discard.note,
        amount=discard.amount,
        witness=witness.username if witness else "",
        discarded_by=by.username,
        occurred_at=discard.occurred_at,
    )
    check_discard(facts, at=at)
    unit = _locked(unit)
    if UnitState(unit.state) in AT_THE_SITE:
        check_word_of_site(unit, occurred_at=discard.occurred_at, by=by)
    said = f"{discard.reason}: {discard.amount}, witnessed by {facts.witness}. {discard.note}".strip()
    event = event_of_discard(UnitState(unit.state))
    change = Change("unit.discarded", event, UnitState.DISCARDED, said, occurred_at=discard.occurred_at)
    change_state(unit, change, by=by, at=at)
    take_out([unit], reason="Discarded.", by=by, at=at)
    return Disposition.objects.create(
        unit=unit,
        kind="discarded",
        reason=discard.reason,
        note=discard.note,
        amount=discard.amount,
        witness=witness,
        occurred_at=discard.occurred_at,
        recorded_at=at,
        recorded_by=by,
    )


@service
def lose_unit(unit: Unit, loss: Loss, *, credentials: Credentials, by: Person, at: datetime) -> Disposition:
    """Record a unit as lost by a signed discrepancy of stocktake or transit; what was promised of it is void.

    On its way, the signature names the journey that it is missing from. Raises ``DispositionRefused`` with everything
    left out (among it: a witness who is another person), ``SignatureRefused`` by the signature.
    """
    witness, reason = loss.witness, loss.reason
    facts = LossFacts(
        reason=reason,
        witness=witness.username if witness else "",
        signed_by=by.username,
        occurred_at=loss.occurred_at,
    )
    check_loss(facts, at=at)
    lock_donors(donors_behind([unit.pk]))
    if UnitState(Unit.objects.values_list("state", flat=True).get(pk=unit.pk)) in PROMISED:
        take_back([unit.pk], because=f"Lost: {reason}", by=by, at=at)
    unit = lock_unit(unit.pk)
    journeys = tuple(open_journeys(unit_ids=[unit.pk]).values())
    content = {
        "unit": unit.code,
        "state": unit.state,
        "holder": unit.holder,
        "journeys": list(journeys),
        "reason": reason,
        "occurred_at": loss.occurred_at,
        "witness": facts.witness,
    }
    signature = sign(
        content, meaning=Meaning.APPROVED, credentials=credentials, by=by, at=at, permission=Permission.DISCARD_UNIT
    )
    discrepancy = Discrepancy(
        reason=reason, occurred_at=loss.occurred_at, signature=signature, witness=witness, of=journeys
    )
    return lose_items([unit], [], discrepancy, by=by, at=at)[0]


def check_word_of_site(unit: Unit, *, occurred_at: datetime, by: Person) -> None:
    """Raise ``DispositionRefused`` where another site tells what became of a unit that left, or it had not left yet."""
    journey = last_release_shipments([unit.pk]).get(unit.pk)
    if journey is None:
        return
    reasons = [
        *obstacles_to_acting_for(journey.to_site, by, field="by"),
        *obstacles_to_place_in_time(occurred_at, left_at=journey.handed_over_at),
    ]
    if reasons:
        raise DispositionRefused("It cannot be recorded as stated.", reasons=reasons)


def _locked(unit: Unit) -> Unit:
    lock_donors(donors_behind([unit.pk]))
    return lock_unit(unit.pk)
