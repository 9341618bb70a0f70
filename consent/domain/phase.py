"""Phased consent: how long a collection-only consent may wait for the full one.

How many hours is the bank's own choice, no standard's: the setting BIOBANK_FULL_CONSENT_HOURS, before a mother usually
goes home, and before the bag is frozen. Overdue, the material stays where it is: it is listed, collected, carried,
tested and frozen as before, and neither accepted nor requested until the full consent is there.
"""

from datetime import datetime, timedelta


def full_consent_due_at(given_at: datetime, hours: int) -> datetime:
    """Return when the full consent is due."""
    return given_at + timedelta(hours=hours)
