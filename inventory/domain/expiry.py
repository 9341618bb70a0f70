"""Expiry: on what basis it is assigned, and when it is past."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ExpiryBasis(StrEnum):
    POLICY_YEARS = "policy_years"
    STABILITY_DATA = "stability_data"
    RETEST_DUE = "retest_due"
    NOT_ASSIGNED = "not_assigned"


@dataclass(frozen=True)
class Expiry:
    """A decision about expiry; ``at`` is None only on the explicit basis *not assigned*."""

    basis: ExpiryBasis | None
    at: datetime | None = None


def is_expired(expiry: Expiry, at: datetime) -> bool:
    """The instant of expiry is past."""
    return expiry.at is not None and at >= expiry.at
