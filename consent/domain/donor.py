"""Words and rules of donors: where the record comes from, and the order in which infants were born."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation


class Origin(StrEnum):
    """Who took the consent and registered the donor first."""

    OWN = "own"
    OTHER_BANK = "other_bank"
    MIGRATED = "migrated"


class Sex(StrEnum):
    """The infant's sex as recorded at birth."""

    FEMALE = "female"
    MALE = "male"
    INDETERMINATE = "indeterminate"
    UNKNOWN = "unknown"


class DonorRefused(RuleViolation):
    """The donor or an infant cannot be registered as stated."""

    code = "donor-refused"
    title = "Donor not registered"
    mend = "Correct what is named and register again; nothing was recorded."


@dataclass(frozen=True)
class InfantFacts:
    """One infant: its place in the donor's order of births, and when it was born (unknown for migrated records)."""

    order: int
    sex: Sex = Sex.UNKNOWN
    born_at: datetime | None = None


def obstacles_to_infants(infants: Sequence[InfantFacts], *, at: datetime) -> list[Reason]:
    """Return why these infants, all of one donor, cannot stand together."""
    reasons = []
    in_order = sorted(infants, key=lambda infant: infant.order)
    if [infant.order for infant in in_order] != list(range(1, len(in_order) + 1)):
        reasons.append(
            Reason("Infants are numbered 1, 2, 3 … in the order of birth, without gaps.", "order", "infants")
        )
    dated = [infant.born_at for infant in in_order if infant.born_at is not None]
    if dated != sorted(dated):
        reasons.append(Reason("The order of the infants contradicts their times of birth.", "birth-order", "infants"))
    if any(born_at > at for born_at in dated):
        reasons.append(Reason("An infant's time of birth lies in the future.", "future-birth", "infants"))
    return reasons


def check_infants(infants: Sequence[InfantFacts], *, at: datetime) -> None:
    """Raise ``DonorRefused`` with every reason why these infants cannot be recorded."""
    reasons = obstacles_to_infants(infants, at=at)
    if reasons:
        raise DonorRefused("The infants cannot be recorded as stated.", reasons=reasons, field="infants")
