"""Dates and times as ISBT 128 writes them: ``cyyjjj``, ``cyyjjjhhmm`` and the flexible ``ZUTTYYYYMMDDhhmm``.

Facts of ICCBBA ST-001 v6.2.2, data structures 004 to 009 and 031 (used, not copied). The century is one digit: 0 is
20xx, from the published example 0183652359 of ST-012 v1.4.0; 9 is 19xx and 1 to 8 are 21xx to 28xx by common reading.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from inventory.domain.isbt128_refusal import DateRefused, as_text, shown

DATE_CODE = re.compile(r"([0-9])([0-9]{2})([0-9]{3})(?:([0-9]{2})([0-9]{2}))?")
FLEXIBLE = re.compile(r"([0-9])([0-9])([0-9]{2})([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})")
FIRST_YEAR, LAST_YEAR = 1900, 2899
# What is said of a day without a time is said of its end.
END_OF_DAY = time(23, 59)


class Zone(StrEnum):
    """Whose time a flexible date and time is."""

    LOCAL = "1"
    UTC = "2"


class TimeOf(StrEnum):
    """What happened, or happens, at a flexible date and time."""

    EXPIRY = "01"
    COLLECTION = "02"
    PRODUCTION = "03"
    CROSS_CLAMP = "04"
    PRESERVATION = "05"
    DONOR_DEATH = "06"


@dataclass(frozen=True)
class FlexibleTime:
    """Data structure 031. A time in UTC knows its zone; a local one is what the clock there showed."""

    of: TimeOf
    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo not in (None, UTC):
            raise DateRefused("A flexible time is in UTC, or local without a zone.")

    @property
    def zone(self) -> Zone:
        return Zone.LOCAL if self.at.tzinfo is None else Zone.UTC

    @property
    def content(self) -> str:
        return f"{self.zone}0{self.of}{self.at.year:04d}{self.at:%m%d%H%M}"


def encode_date(moment: date | datetime) -> str:
    """Write a date as ``cyyjjj`` and a date with its time as ``cyyjjjhhmm``; seconds are left out.

    The time is written as it stands: the code has no zone, so its label says which one. Raises ``DateRefused``.
    """
    day = _as_date(moment)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise DateRefused(f"The year {day.year} has no century code.")
    written = f"{day.year // 100 % 10}{day.year % 100:02d}{day.timetuple().tm_yday:03d}"
    return f"{written}{day:%H%M}" if isinstance(day, datetime) else written


def encode_date_time(moment: date | datetime) -> str:
    """Write ``cyyjjjhhmm``; a date without a time is its last minute, 2359."""
    day = _as_date(moment)
    return encode_date(day if isinstance(day, datetime) else datetime.combine(day, END_OF_DAY))


def decode_date(text: str) -> date | datetime:
    """Read ``cyyjjj`` as a date, ``cyyjjjhhmm`` as a time without zone. Raises ``DateRefused``."""
    found = DATE_CODE.fullmatch(as_text(text))
    if found is None:
        raise DateRefused(f"“{shown(text)}” is not made like a date: six digits, or ten with its time.")
    century, year, day, hour, minute = found.groups()
    first = date((19 if century == "9" else 20 + int(century)) * 100 + int(year), 1, 1)
    wanted = first + timedelta(days=int(day) - 1)
    if wanted.year != first.year:
        raise DateRefused(f"“{text}” is no date: the year {first.year} has no day {day}.")
    return wanted if hour is None else _at(wanted, hour, minute, text)


def decode_day(text: str) -> date:
    """Read a calendar date ``YYYYMMDD``. Raises ``DateRefused``."""
    if re.fullmatch(r"[0-9]{8}", as_text(text)) is None:
        raise DateRefused(f"“{shown(text)}” is not made like a date: four digits of the year, two of month and day.")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise DateRefused(f"“{text}” is no date of the calendar.") from None


def decode_flexible_time(text: str) -> FlexibleTime:
    """Read data structure 031. Raises ``DateRefused`` for a zone, a kind of time or a date that does not exist."""
    found = FLEXIBLE.fullmatch(as_text(text))
    if found is None or found[1] not in {each.value for each in Zone} or found[2] != "0":
        raise DateRefused(f"“{shown(text)}” is not made like a flexible date and time.")
    if found[3] not in {each.value for each in TimeOf}:
        raise DateRefused(f"“{text}” says {found[3]} of its time, which is no kind of time known here.")
    at = _at(decode_day(text[4:12]), found[7], found[8], text)
    return FlexibleTime(TimeOf(found[3]), at.replace(tzinfo=UTC) if found[1] == Zone.UTC else at)


def _as_date(moment: object) -> date:
    if not isinstance(moment, date):
        raise DateRefused(f"A {type(moment).__name__} is no date.")
    return moment


def _at(day: date, hour: str, minute: str, text: str) -> datetime:
    try:
        return datetime.combine(day, time(int(hour), int(minute)))
    except ValueError:
        raise DateRefused(f"“{text}” is no time: hours go from 00 to 23, minutes from 00 to 59.") from None
