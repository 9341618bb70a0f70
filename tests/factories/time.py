"""The instant at which the tests' bank lives, and distances from it."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def hours(n: float) -> timedelta:
    """Return that many hours."""
    return timedelta(hours=n)


def days(n: float) -> timedelta:
    """Return that many days of 24 hours."""
    return timedelta(days=n)
