"""Units: their kinds, product classes and uses, and the one table along which their state changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from biobank.domain.refusal import RuleViolation


class UnitState(StrEnum):
    COLLECTED = "collected"
    QUARANTINED = "quarantined"
    AVAILABLE = "available"
    RESERVED = "reserved"
    RELEASED = "released"
    SHIPPED = "shipped"
    RECEIVED = "received"
    RETURNED = "returned"
    CONSUMED = "consumed"
    USED = "used"
    DISCARDED = "discarded"
    LOST = "lost"
    VOIDED = "voided"


FINAL = frozenset(
    {UnitState.CONSUMED, UnitState.USED, UnitState.DISCARDED, UnitState.LOST, UnitState.VOIDED},
)
# Where a reservation can be made from; its end leads back there.
RESERVED_FROM = (UnitState.AVAILABLE, UnitState.QUARANTINED)
NOT_FINAL = tuple(state for state in UnitState if state not in FINAL)


class UnitKind(StrEnum):
    COLLECTED_BAG = "collected_bag"
    CRYOBAG = "cryobag"
    PIECE = "piece"
    VIAL = "vial"


class ProductClass(StrEnum):
    CORD_BLOOD = "cord_blood"
    PLACENTA = "placenta"
    CORD_TISSUE = "cord_tissue"
    MSC = "msc"
    HEPATOCYTE = "hepatocyte"
    AMNION_EPITHELIAL = "amnion_epithelial"
    LIVER_PROGENITOR = "liver_progenitor"
    LIVER_TISSUE = "liver_tissue"


class Use(StrEnum):
    HUMAN_APPLICATION = "human_application"
    LABORATORY = "laboratory"


class Origin(StrEnum):
    OWN = "own"
    OTHER_BANK = "other_bank"
    MIGRATED = "migrated"


class Event(StrEnum):
    """Why a unit's state changes."""

    REGISTERED = "registered"
    PROCESSED = "processed"
    TAKEN_IN = "taken_in"
    RECEIVED_AT_BANK = "received_at_bank"
    CONSUMED = "consumed"
    ACCEPTED = "accepted"
    REQUESTED = "requested"
    REQUESTED_EXCEPTIONALLY = "requested_exceptionally"
    REQUEST_ENDED = "request_ended"
    RESERVATION_LAPSED = "reservation_lapsed"
    RELEASE_REVOKED = "release_revoked"
    ACCEPTANCE_WITHDRAWN = "acceptance_withdrawn"
    RELEASED = "released"
    SHIPPED = "shipped"
    RECEIVED = "received"
    RETURNED = "returned"
    RETURNED_TO_BANK = "returned_to_bank"
    USED = "used"
    DISCARDED = "discarded"
    DISCARD_REPORTED = "discard_reported"
    LOST = "lost"
    VOIDED = "voided"


@dataclass(frozen=True)
class Transition:
    """One row of the table: where to, by which events from which states, and when.

    ``target`` None means "where it was reserved from".
    """

    target: UnitState | None
    sources: Mapping[Event, tuple[UnitState | None, ...]] = field(hash=False)
    when: str


TRANSITIONS: tuple[Transition, ...] = (
    Transition(UnitState.COLLECTED, {Event.REGISTERED: (None,)}, "birth or recovery registered"),
    Transition(
        UnitState.QUARANTINED,
        {Event.PROCESSED: (None,), Event.TAKEN_IN: (None,)},
        "made by processing; received from another bank",
    ),
    Transition(
        UnitState.QUARANTINED,
        {Event.RECEIVED_AT_BANK: (UnitState.COLLECTED,)},
        "receipt at the bank, by criteria",
    ),
    Transition(
        UnitState.CONSUMED,
        {Event.CONSUMED: (UnitState.COLLECTED, UnitState.QUARANTINED, UnitState.AVAILABLE)},
        "wholly turned into children, or used up by the bank's own tests",
    ),
    Transition(
        UnitState.AVAILABLE,
        {Event.ACCEPTED: (UnitState.QUARANTINED,)},
        "acceptance for a use, signed by quality (first of two release stages)",
    ),
    Transition(UnitState.RESERVED, {Event.REQUESTED: (UnitState.AVAILABLE,)}, "request"),
    Transition(
        UnitState.RESERVED,
        {Event.REQUESTED_EXCEPTIONALLY: (UnitState.QUARANTINED,)},
        "only by an urgent-need or exceptional request",
    ),
    Transition(
        None,
        {
            Event.REQUEST_ENDED: (UnitState.RESERVED, UnitState.RELEASED),
            Event.RESERVATION_LAPSED: (UnitState.RESERVED,),
            Event.RELEASE_REVOKED: (UnitState.RELEASED,),
        },
        "rejected, cancelled, lapsed (only before release), release revoked",
    ),
    Transition(
        UnitState.QUARANTINED,
        {Event.ACCEPTANCE_WITHDRAWN: (UnitState.AVAILABLE, UnitState.RESERVED, UnitState.RELEASED)},
        "acceptance withdrawn: consent withdrawn (with a hold), late or corrected result that fails, damage, "
        "an excursion assessed as test first or discard; reservation and release become void",
    ),
    Transition(UnitState.RELEASED, {Event.RELEASED: (UnitState.RESERVED,)}, "gates and two signatures"),
    Transition(UnitState.SHIPPED, {Event.SHIPPED: (UnitState.RELEASED,)}, "pick verified, packed, handed over"),
    Transition(UnitState.RECEIVED, {Event.RECEIVED: (UnitState.SHIPPED,)}, "the study site confirms and accepts"),
    Transition(
        UnitState.RETURNED,
        {Event.RETURNED: (UnitState.SHIPPED, UnitState.RECEIVED)},
        "refused, undeliverable, sent back",
    ),
    Transition(
        UnitState.QUARANTINED,
        {Event.RETURNED_TO_BANK: (UnitState.RETURNED,)},
        "receipt at the bank; never when thawed or opened",
    ),
    Transition(
        UnitState.USED,
        {Event.USED: (UnitState.RECEIVED,)},
        "administered, or used in the experiment; what was left over is stated",
    ),
    Transition(
        UnitState.DISCARDED,
        {
            Event.DISCARDED: (
                UnitState.COLLECTED,
                UnitState.QUARANTINED,
                UnitState.AVAILABLE,
                UnitState.RETURNED,
            ),
            Event.DISCARD_REPORTED: (UnitState.SHIPPED, UnitState.RECEIVED),
        },
        "reason code, amount, witness; shipped or received, as the site reports",
    ),
    Transition(UnitState.LOST, {Event.LOST: NOT_FINAL}, "signed discrepancy of stocktake or transit"),
    Transition(
        UnitState.VOIDED,
        {Event.VOIDED: (UnitState.COLLECTED, UnitState.QUARANTINED)},
        "registered in error, nothing physical behind it",
    ),
)


class IllegalTransition(RuleViolation):
    code = "illegal-transition"
    title = "The unit's state does not allow this"
    mend = "Open the unit and look at its state: somebody may have changed it since the page was loaded."


class UseOnlyGoesDown(RuleViolation):
    code = "use-only-goes-down"
    title = "A unit's use only ever goes down"
    mend = "A unit once accepted for laboratory use stays so; choose another unit for human application."


def row_for(event: Event) -> Transition:
    return next(row for row in TRANSITIONS if event in row.sources)


def check_transition(
    from_: UnitState | None,
    to: UnitState,
    event: Event,
    *,
    reserved_from: UnitState | None = None,
) -> None:
    """Refuse a change of state that is no row of the table.

    A reservation's end leads back to ``reserved_from``, the state that the reservation remembered.
    """
    row = row_for(event)
    target = reserved_from if row.target is None else row.target
    leads_back = row.target is not None or reserved_from in RESERVED_FROM
    if from_ in row.sources[event] and to == target and leads_back:
        return
    origin = from_.value if from_ else "nothing"
    raise IllegalTransition(f"A unit cannot go from {origin} to {to.value} by “{event.value.replace('_', ' ')}”.")


def check_use_goes_down(accepted: Use | None, wanted: Use) -> None:
    """Refuse human application for a unit that was ever accepted for laboratory use only."""
    if accepted is Use.LABORATORY and wanted is Use.HUMAN_APPLICATION:
        raise UseOnlyGoesDown("This unit was accepted for laboratory use and cannot be raised to human application.")
