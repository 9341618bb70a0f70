"""Pools: lots made from several donations, under a DIN of their own."""

from collections.abc import Collection
from dataclasses import dataclass

from biobank.domain.refusal import Reason
from consent.domain.permitted_use import Standing

UNRELATED = "unrelated"


@dataclass(frozen=True)
class PooledDonation:
    """One donation that goes into a pool: whom it is for, and how its donor's consent stands."""

    code: str
    purpose: str
    donor_code: str
    consent: Standing


@dataclass(frozen=True)
class PoolFacts:
    """What is to be pooled; ``holds`` are the open ones on anything that goes in, ``din_taken`` by whatever has it."""

    din: str
    donations: Collection[PooledDonation]
    holds: Collection[str] = ()
    din_taken: bool = False


def obstacles_to_pooling(facts: PoolFacts) -> list[Reason]:
    """Return every reason why these donations cannot become one lot.

    What is for one recipient is mixed with nothing; what a donor took back, or what is doubted, would take all others
    with it.
    """
    reasons = [*_of_din(facts)]
    if len(facts.donations) < 2:
        return reasons
    for each in facts.donations:
        if each.purpose != UNRELATED:
            text = f"{each.code} is {each.purpose}: it is never pooled with others."
            reasons.append(Reason(text, "not-unrelated", "parents"))
        if each.consent is not Standing.ACTIVE:
            text = f"{each.code}: the consent of {each.donor_code} is {each.consent.value}, not in force."
            reasons.append(Reason(text, "consent", "parents"))
    return reasons + [
        Reason(f"Hold {hold} is open on what would be pooled.", "held", "parents") for hold in facts.holds
    ]


def _of_din(facts: PoolFacts) -> list[Reason]:
    several = len(facts.donations) > 1
    if several and not facts.din:
        return [Reason("A pool of several donations has a DIN of its own.", "no-din", "pool_din")]
    if facts.din and not several:
        return [Reason("What comes of one donation carries its DIN, not one of a pool.", "no-pool", "pool_din")]
    return [Reason(f"{facts.din} is taken.", "din-taken", "pool_din")] if facts.din_taken else []
