"""Donations: whom they are for, and what must hold for a birth's collection to be registered.

Collection types: RT008 of ICCBBA ST-001 (used, not copied); which of them agrees with which purpose follows from what
each says of itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from biobank.domain.refusal import Reason, RuleViolation
from inventory.domain.product_code import NOT_FOR_HUMAN_APPLICATION
from inventory.domain.unit import ProductClass


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

# A specimen of the mother counts up to seven days before or after a collection (21 CFR 1271.80(b)): donations of hers
# that lie no further apart than that share her samples, her results and her history.
ONE_BIRTH = timedelta(days=7)

FOR_ONE_RECIPIENT = frozenset({DonationPurpose.RELATED, DonationPurpose.AUTOLOGOUS})
# Which collection types say the same as the purpose. A label that says "not specified" warns nobody, so that what is
# for one recipient alone must name it; tissue codes have no collection type, and agree with every purpose.
COLLECTION_TYPES_FOR: Mapping[DonationPurpose, frozenset[str]] = MappingProxyType(
    {
        DonationPurpose.UNRELATED: frozenset("0VRSTPrsC7GQ"),
        DonationPurpose.RELATED: frozenset("Dd2LE3456FBHJQ"),
        DonationPurpose.AUTOLOGOUS: frozenset("A1X8Q"),
    }
)


# What can be collected: at a birth what is born with the infant, after death the liver; all else is made of these.
COLLECTED_AT: Mapping[DonationEvent, frozenset[ProductClass]] = MappingProxyType(
    {
        DonationEvent.BIRTH: frozenset({ProductClass.CORD_BLOOD, ProductClass.PLACENTA, ProductClass.CORD_TISSUE}),
        DonationEvent.RECOVERY_AFTER_DEATH: frozenset({ProductClass.LIVER_TISSUE}),
    }
)


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


def obstacles_to_product(code: str, product_class: ProductClass, event: DonationEvent) -> list[Reason]:
    """Return why this cannot have been collected at such an event: no birth gives a liver."""
    if product_class in COLLECTED_AT[event]:
        return []
    text = f"{code}: {product_class.value.replace('_', ' ')} is not collected by {event.value.replace('_', ' ')}."
    return [Reason(text, "other-event", "collected")]


def obstacles_to_collection_type(
    code: str, collection_type: str, purposes: Collection[DonationPurpose], *, made_from: str = ""
) -> list[Reason]:
    """Return why a unit cannot be labelled so: for another purpose than its donation's, or raised from research.

    ``made_from`` is the collection type of what the unit is made from; both are empty where there is none.
    """
    reasons = [
        Reason(
            f"{code}: collection type {collection_type} does not agree with a donation that is {purpose.value}.",
            "collection-type",
            "product_code",
        )
        for purpose in sorted(set(purposes))
        if collection_type and collection_type not in COLLECTION_TYPES_FOR[purpose]
    ]
    if made_from in NOT_FOR_HUMAN_APPLICATION and collection_type not in NOT_FOR_HUMAN_APPLICATION and made_from:
        text = f"{code}: what was collected for research only stays so, and its label says so (type R or r)."
        reasons.append(Reason(text, "collection-type", "product_code"))
    return reasons


@dataclass(frozen=True)
class SharedFacts:
    """Of a donation that a placenta is shared with: the mother, which of her infants, and when."""

    donor_id: int
    infant_id: int | None
    collected_at: datetime | None


def obstacles_to_sharing(
    din: str, product_class: ProductClass, shared_with: Collection[str], known: Mapping[str, SharedFacts]
) -> list[Reason]:
    """Return why what was collected under a DIN cannot be of these other donations too."""
    texts = [text for other in shared_with if (text := _why_not_shared(other, known[din], known.get(other)))]
    if product_class is not ProductClass.PLACENTA:
        texts.append("only a placenta is shared.")
    if len(set(shared_with)) < len(shared_with):
        texts.append("a donation is named twice.")
    return [Reason(f"{din}: {text}", "not-shared", "shared_with") for text in texts]


def _why_not_shared(other: str, own: SharedFacts, facts: SharedFacts | None) -> str:
    if facts is None:
        return f"{other}, with which it is shared, is not registered."
    if facts.donor_id != own.donor_id or not is_one_birth(own.collected_at, facts.collected_at):
        return f"{other} is not of the same mother and birth."
    return f"{other} is the same infant's." if facts.infant_id == own.infant_id else ""


def is_one_birth(collected: datetime | None, other: datetime | None) -> bool:
    """Tell whether two collections from one mother share her samples, results and history."""
    return collected is not None and other is not None and abs(collected - other) <= ONE_BIRTH


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
