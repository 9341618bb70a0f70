"""Times as a file writes them: one declared format, one declared zone, nothing guessed."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from biobank.domain.refusal import RuleViolation

DIRECTIVES = re.compile(r"%(.)")
ALLOWED = frozenset("YymdHMSfjIpbBz%")
# Directives that stand together are told apart by their width alone, so every digit must be there.
ADJACENT = re.compile(r"%[A-Za-z]%(?!z)[A-Za-z]")
EARLIEST_YEAR = 1980


class TimeRefused(RuleViolation):
    code = "time-refused"
    title = "This time cannot be recorded"
    mend = "Correct the time in the file, or its format or zone in the mapping."


def check_format(text: str) -> None:
    """Refuse a format that does not fix a day, or that means something else from machine to machine."""
    used = set(DIRECTIVES.findall(text))
    if unknown := sorted(used - ALLOWED):
        raise TimeRefused(f"“%{unknown[0]}” cannot be used; there are {', '.join(f'%{each}' for each in ALLOWED)}.")
    fixes_day = used & {"Y", "y"} and (("d" in used and used & {"m", "b", "B"}) or "j" in used)
    if not fixes_day:
        raise TimeRefused(f"“{text}” does not fix a day: it needs year, month and day.")


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of this name. Raises ``TimeRefused``."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise TimeRefused(f"There is no time zone “{name}”: write it as Europe/Oslo or UTC.") from None


def read_time(text: str, form: str, zone: ZoneInfo, *, at: datetime) -> datetime:
    """Return the instant that a text in this format means. Raises ``TimeRefused`` for every doubt."""
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is declared beside the format
        instant = found.astimezone(UTC) if found.tzinfo else _in_zone(found, zone, text)
    except (ValueError, OverflowError):
        raise TimeRefused(f"“{text}” is not a time written as “{form}”.") from None
    if not text.isascii() or (ADJACENT.search(form) and found.strftime(form) != text):
        raise TimeRefused(f"“{text}” is not a time written as “{form}”, every digit in its place.")
    if instant > at:
        raise TimeRefused(f"“{text}” lies in the future.")
    if instant.year < EARLIEST_YEAR:
        raise TimeRefused(f"“{text}” lies before {EARLIEST_YEAR}.")
    return instant


def _in_zone(found: datetime, zone: ZoneInfo, text: str) -> datetime:
    first, second = found.replace(tzinfo=zone), found.replace(tzinfo=zone, fold=1)
    instant = first.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != found:
        raise TimeRefused(f"“{text}” does not exist in {zone.key}: the clocks were put forward over it.")
    if first.utcoffset() != second.utcoffset():
        raise TimeRefused(f"“{text}” happened twice in {zone.key}, as the clocks were put back: write it in UTC.")
    return instant
