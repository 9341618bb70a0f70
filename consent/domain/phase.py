"""Phased consent: how long a collection-only consent may wait for the full one."""

from datetime import datetime, timedelta

# The bank's own choice, no standard's: before a mother usually goes home, and before the bag is frozen. Another number
# of hours is the setting BIOBANK_FULL_CONSENT_HOURS. Overdue, the material stays where it is: it is listed, collected,
# carried, tested and frozen as before, and neither accepted nor requested until the full consent is there.
FULL_CONSENT_HOURS = 48


def full_consent_due_at(given_at: datetime, hours: int) -> datetime:
    """Return when the full consent is due."""
    return given_at + timedelta(hours=hours)
