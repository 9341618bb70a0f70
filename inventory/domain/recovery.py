"""Recovery after death: the neonatal liver, its times in order, and how long it was warm and cold.

Viability after thawing falls below 60 % when a liver was cold for more than about 10 hours (Cell Transplantation, DOI
10.1177/09636897261417050, as read 2026). Up to 28 days of age it is the mother who is tested (FDA guidance on donor
eligibility); an older infant's own specimen would be asked for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from biobank.domain.refusal import Reason
from biobank.domain.text import obstacles_to_text

NEONATAL = timedelta(days=28)
LONG_COLD_MINUTES = 600
# Reckoned from what was told, and no proof that anything was there.
RECKONED = ("cold_ischaemia_minutes", "warm_ischaemia_minutes")
# Nobody processes what was longer warm or cold than this: such a claim is a mistyped date.
MOST_WARM_MINUTES = 24 * 60
MOST_COLD_MINUTES = 48 * 60
# Times are written to the minute, so that what is reckoned from two of them may differ by one.
TOLERANCE_MINUTES = 1
LONGEST_ORGANISATION = 100
LONGEST_FLUID = 64


@dataclass(frozen=True)
class RecoveryFacts:
    """A recovery as stated. ``cold_ended_at`` is None while the liver is still cold; claims are in minutes.

    ``authorised_at`` is when the parents gave the authorisation in force, None where there is none.
    """

    organisation: str
    died_at: datetime
    cross_clamp_at: datetime
    recovered_at: datetime
    authorised_at: datetime | None
    born_at: datetime | None
    cold_ended_at: datetime | None = None
    warm_minutes: int | None = None
    cold_minutes: int | None = None
    preservation_fluid: str = ""


def minutes_between(earlier: datetime, later: datetime) -> int:
    """Return whole minutes."""
    return int((later - earlier).total_seconds() // 60)


def ischaemia_minutes(
    died_at: datetime, cross_clamp_at: datetime, cold_ended_at: datetime | None
) -> tuple[int, int | None]:
    """Return for how many minutes a liver was warm, and for how many it was cold; None while it still is."""
    cold = None if cold_ended_at is None else minutes_between(cross_clamp_at, cold_ended_at)
    return minutes_between(died_at, cross_clamp_at), cold


def is_long_cold(minutes: int) -> bool:
    return minutes > LONG_COLD_MINUTES


def obstacles_to_recovery(facts: RecoveryFacts, *, at: datetime) -> list[Reason]:
    """Return every reason why this recovery cannot be registered as stated."""
    return [
        *obstacles_to_text(facts.organisation, "organisation", longest=LONGEST_ORGANISATION, needed=True),
        *obstacles_to_text(facts.preservation_fluid, "preservation_fluid", longest=LONGEST_FLUID),
        *obstacles_to_times_of_recovery(facts, at=at),
    ]


def obstacles_to_times_of_recovery(facts: RecoveryFacts, *, at: datetime) -> list[Reason]:
    """Return every reason why these times contradict each other, the authorisation, the infant's age or the clock."""
    return [
        *_of_order(facts, at),
        *_of_authorisation(facts),
        *_of_age(facts),
        *_of_ischaemia(facts),
    ]


def obstacles_to_end_of_cold(cross_clamp_at: datetime, ended_at: datetime) -> list[Reason]:
    """Return why a liver's cold time cannot have ended then."""
    minutes = minutes_between(cross_clamp_at, ended_at)
    if 0 <= minutes <= MOST_COLD_MINUTES:
        return []
    text = f"Cold ischaemia of {minutes} minutes is not from 0 to {MOST_COLD_MINUTES}."
    return [Reason(text, "cold-ischaemia", "cold_ended_at")]


def _of_order(facts: RecoveryFacts, at: datetime) -> list[Reason]:
    ended = facts.cold_ended_at or facts.recovered_at
    steps = (
        (facts.born_at or facts.died_at, facts.died_at, "Death comes before birth.", "died_at"),
        (facts.died_at, facts.cross_clamp_at, "The cross-clamp comes before death.", "cross_clamp_at"),
        (facts.cross_clamp_at, facts.recovered_at, "It was recovered before the cross-clamp.", "recovered_at"),
        (facts.recovered_at, ended, "It left the cold before it was recovered.", "cold_ended_at"),
        (ended, at, "The recovery lies in the future.", "recovered_at"),
    )
    return [Reason(text, "times", field) for earlier, later, text, field in steps if later < earlier]


def _of_authorisation(facts: RecoveryFacts) -> list[Reason]:
    if facts.authorised_at is None:
        text = "No authorisation of the parents for a recovery after death is in force."
        return [Reason(text, "no-authorisation", "donor")]
    if facts.authorised_at > facts.cross_clamp_at:
        return [Reason("The authorisation was given after the recovery began.", "before-authorisation", "donor")]
    return []


def _of_age(facts: RecoveryFacts) -> list[Reason]:
    if facts.born_at is None:
        return [Reason("The birth of this infant is not on record.", "no-birth", "infant")]
    if facts.died_at - facts.born_at > NEONATAL:
        return [Reason("The infant was older than 28 days: this is no neonatal donor.", "not-neonatal", "infant")]
    return []


def _of_ischaemia(facts: RecoveryFacts) -> list[Reason]:
    warm = minutes_between(facts.died_at, facts.cross_clamp_at)
    reasons = _of_claim("warm", facts.warm_minutes, warm, MOST_WARM_MINUTES)
    if facts.cold_ended_at is not None:
        cold = minutes_between(facts.cross_clamp_at, facts.cold_ended_at)
        return reasons + _of_claim("cold", facts.cold_minutes, cold, MOST_COLD_MINUTES)
    if facts.cold_minutes is not None:
        text = "Cold ischaemia is claimed, and not when it ended."
        reasons.append(Reason(text, "cold-ischaemia", "cold_minutes"))
    return reasons


def _of_claim(which: str, claimed: int | None, computed: int, most: int) -> list[Reason]:
    """Hold minutes to what is plausible, and what is claimed to what the times give."""
    field = f"{which}_minutes"
    reasons = [
        Reason(f"{which.capitalize()} ischaemia of {minutes} minutes is not from 0 to {most}.", field, field)
        for minutes in dict.fromkeys([computed, *([] if claimed is None else [claimed])])
        if not 0 <= minutes <= most
    ]
    if not reasons and claimed is not None and abs(claimed - computed) > TOLERANCE_MINUTES:
        text = f"{which.capitalize()} ischaemia of {claimed} minutes is claimed; the times give {computed}."
        reasons.append(Reason(text, field, field))
    return reasons
