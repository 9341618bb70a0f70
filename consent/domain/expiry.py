"""When a consent ends by itself: by its own date, by its form's term, by a time limit that the donor set."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from consent.domain.duo import TIME_LIMIT, months_of
from consent.domain.permitted_use import Term
from consent.domain.restriction import months_later


def end_of_consent(
    given_at: datetime, *, own_end: datetime | None, form_months: int | None, terms: Iterable[Term]
) -> datetime | None:
    """Return the first instant at which the consent is over, or None where nothing ends it.

    Whole months run from the day it was given, and the last day counts: it is over with the day after, in UTC.
    """
    stated = [months_of(term.parameter) for term in terms if term.duo == TIME_LIMIT]
    ends = [_after(given_at, months) for months in (form_months, *stated) if months is not None]
    return min((end for end in (own_end, *ends) if end is not None), default=None)


def _after(given_at: datetime, months: int) -> datetime | None:
    last = months_later(given_at.astimezone(UTC).date(), months)
    return _day_after(last) if last is not None else None


def _day_after(last: date) -> datetime | None:
    return None if last == date.max else datetime.combine(last + timedelta(days=1), time.min, UTC)
