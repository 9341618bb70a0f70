"""Donations: what must hold for a birth's collection to be registered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation


class DonationEvent(StrEnum):
    BIRTH = "birth"
    RECOVERY_AFTER_DEATH = "recovery_after_death"


class DonationPurpose(StrEnum):
    UNRELATED = "unrelated"
    RELATED = "related"
    AUTOLOGOUS = "autologous"


class Delivery(StrEnum):
    VAGINAL = "vaginal"
    INSTRUMENTAL = "instrumental"
    CAESAREAN = "caesarean"


# Plausible for a live birth; a bank's own criteria are narrower and are judged at receipt.
GESTATION_DAYS = range(22 * 7, 44 * 7 + 1)
LATEST_CLAMP_SECONDS = 1800
LONGEST_AFTER_BIRTH = timedelta(hours=6)


class DonationRefused(RuleViolation):
    code = "donation-refused"
    title = "The donation was not registered"
    mend = "Correct what is named and register again; nothing was recorded."


@dataclass(frozen=True)
class DonationFacts:
    """A birth's collection as claimed. ``consented_at`` is when the mother gave the consent that covers collecting."""

    collected_at: datetime
    consented_at: datetime | None
    born_at: datetime | None = None
    clamp_seconds: int | None = None
    gestational_age_days: int | None = None
    frozen_at: datetime | None = None


def obstacles_to_registering_a_donation(facts: DonationFacts, *, at: datetime) -> list[Reason]:
    """Return every reason why this collection cannot be registered as stated."""
    return [*_times(facts, at), *_birth(facts)]


def check_registering_a_donation(facts: DonationFacts, *, at: datetime) -> None:
    if reasons := obstacles_to_registering_a_donation(facts, at=at):
        raise DonationRefused("This donation cannot be registered as stated.", reasons=reasons)


def _times(facts: DonationFacts, at: datetime) -> list[Reason]:
    reasons = []
    if facts.collected_at > at:
        reasons.append(Reason("The collection lies in the future.", "future-collection", "collected_at"))
    if facts.consented_at is None:
        reasons.append(Reason("No consent in force covers the collection.", "no-consent", "donor"))
    elif facts.collected_at < facts.consented_at:
        reasons.append(Reason("It was collected before the consent was given.", "before-consent", "collected_at"))
    if facts.frozen_at is not None and facts.collected_at >= facts.frozen_at:
        reasons.append(Reason("It was collected after it was frozen.", "after-freezing", "collected_at"))
    return reasons


def _birth(facts: DonationFacts) -> list[Reason]:
    reasons = []
    if facts.born_at is not None and not timedelta(0) <= facts.collected_at - facts.born_at <= LONGEST_AFTER_BIRTH:
        reasons.append(Reason("The collection is not within 6 hours after birth.", "not-at-birth", "collected_at"))
    if facts.clamp_seconds is not None and not 0 <= facts.clamp_seconds <= LATEST_CLAMP_SECONDS:
        reasons.append(Reason("The cord is clamped 0 to 1800 seconds after birth.", "clamp-time", "clamp_seconds"))
    if facts.gestational_age_days is not None and facts.gestational_age_days not in GESTATION_DAYS:
        reasons.append(
            Reason("Gestational age lies between 154 and 308 days.", "gestational-age", "gestational_age_days")
        )
    return reasons
