"""Dispositions: how a unit ends, and what must be said when it does."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text, obstacles_to_texts
from inventory.domain.unit import Event, UnitState


class DiscardReason(StrEnum):
    """Why a unit is discarded, in the words of the bank's list."""

    INELIGIBLE_DONOR = "ineligible_donor"
    OUT_OF_SPECIFICATION = "out_of_specification"
    CONTAMINATED = "contaminated"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    TEMPERATURE_EXCURSION = "temperature_excursion"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    NOT_NEEDED = "not_needed"
    OTHER = "other"


class DispositionRefused(RuleViolation):
    code = "disposition-refused"
    title = "The end of the unit was not recorded"
    mend = "Correct what is named; nothing was recorded."


# What a study site has or had: it reports, the bank does not do it itself.
AT_THE_SITE = frozenset({UnitState.SHIPPED, UnitState.RECEIVED})
LONGEST = {"note": 500, "amount": 120}


@dataclass(frozen=True)
class DiscardFacts:
    """A discard as stated; ``amount`` says how much went."""

    reason: str
    note: str
    amount: str
    witness: str
    discarded_by: str
    occurred_at: datetime


def event_of_discard(state: UnitState) -> Event:
    """Return the row of the table that a discard from this state takes: the bank's own, or as the site reports."""
    return Event.DISCARD_REPORTED if state in AT_THE_SITE else Event.DISCARDED


def obstacles_to_discard(facts: DiscardFacts, *, at: datetime) -> list[Reason]:
    """Return everything that keeps a discard from being recorded."""
    checks = (
        (facts.reason in set(DiscardReason), "Give the reason by its code.", "reason"),
        (facts.reason != DiscardReason.OTHER or bool(facts.note.strip()), "“Other” says what in the note.", "note"),
        (bool(facts.amount.strip()), "State the amount that was discarded.", "amount"),
        (bool(facts.witness), "A discard has a witness.", "witness"),
        (facts.witness != facts.discarded_by, "The witness is another person.", "witness"),
        (facts.occurred_at <= at, "The time it happened lies in the future.", "occurred_at"),
    )
    said = obstacles_to_texts(LONGEST, vars(facts))
    return [*(Reason(text, code=field, field=field) for holds, text, field in checks if not holds), *said]


def check_discard(facts: DiscardFacts, *, at: datetime) -> None:
    """Raise ``DispositionRefused`` with everything that a discard leaves out."""
    if reasons := obstacles_to_discard(facts, at=at):
        raise DispositionRefused("The discard cannot be recorded as stated.", reasons=reasons)


@dataclass(frozen=True)
class LossFacts:
    """A discrepancy of stocktake or transit as stated: what is missing, who signs for it, who looked for it besides."""

    reason: str
    witness: str
    signed_by: str
    occurred_at: datetime


def check_loss(facts: LossFacts, *, at: datetime) -> None:
    """Raise ``DispositionRefused`` with everything that a loss leaves out."""
    checks = (
        (bool(facts.reason.strip()), "Say what is missing and where.", "reason"),
        (bool(facts.witness), "A loss has a witness: who looked for it besides.", "witness"),
        (facts.witness != facts.signed_by, "The witness is another person.", "witness"),
        (facts.occurred_at <= at, "The time it happened lies in the future.", "occurred_at"),
    )
    reasons = [Reason(text, code=field, field=field) for holds, text, field in checks if not holds]
    reasons += obstacles_to_text(facts.reason, "reason", longest=LONGEST["note"])
    if reasons:
        raise DispositionRefused("The loss cannot be recorded as stated.", reasons=reasons)


def obstacles_to_place_in_time(occurred_at: datetime, *, left_at: datetime | None) -> list[Reason]:
    """Return why something cannot have become of a unit at a site then: it had not left the bank."""
    if left_at is None or occurred_at >= left_at:
        return []
    return [Reason("It would have happened before the unit left the bank.", "before-it-left", "occurred_at")]


def check_stated(words: str, field: str, *, what: str, longest: int, occurred_at: datetime, at: datetime) -> None:
    """Raise ``DispositionRefused`` where what must be said is missing or cannot be kept, or lies in the future."""
    reasons = obstacles_to_text(words, field, longest=longest)
    if not words.strip():
        reasons.append(Reason(what, "missing", field))
    if occurred_at > at:
        reasons.append(Reason("The time it happened lies in the future.", "future", "occurred_at"))
    if reasons:
        raise DispositionRefused("It cannot be recorded as stated.", reasons=reasons)
