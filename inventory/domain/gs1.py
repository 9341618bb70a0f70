"""GS1 element strings of consumables: trade item, lot, expiry and serial from a GS1-128 or DataMatrix code.

Source: GS1 General Specifications, release 24: section 3 (application identifiers and their formats), 7.8 (predefined
lengths and the separator FNC1), 7.9 (check digit), 7.11 (characters), 7.12 (century of a two-digit year). A day ``00``
stands for the last day of its month; labels of health care no longer carry it since 2025, older cartons do.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from biobank.domain.refusal import RuleViolation

# What a reader sends for FNC1 between two element strings, and the names it may put before the first.
SEPARATOR = "\x1d"
SYMBOLOGIES = ("]C1", "]d2", "]e0", "]Q3", "]J1")
# Application identifiers: digits only or any character, and the fewest and most characters that follow.
_TEXT = re.compile(r"[!\"%-?A-Z_a-z]*", re.ASCII)
_DIGITS = re.compile(r"[0-9]*", re.ASCII)
FORMATS: dict[str, tuple[re.Pattern[str], int, int]] = {
    **dict.fromkeys(("01", "02"), (_DIGITS, 14, 14)),
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), (_DIGITS, 6, 6)),
    "00": (_DIGITS, 18, 18),
    "20": (_DIGITS, 2, 2),
    **dict.fromkeys(("10", "21", "22"), (_TEXT, 1, 20)),
    **dict.fromkeys(("30", "37"), (_DIGITS, 1, 8)),
    **dict.fromkeys(("240", "241"), (_TEXT, 1, 30)),
}
GTIN, LOT, EXPIRY, SERIAL = "01", "10", "17", "21"
BRACKETED = re.compile(r"\(([0-9]{2,4})\)([^(]*)")


class Gs1Refused(RuleViolation):
    code = "gs1-refused"
    title = "This is no GS1 code of a consumable"
    mend = "Scan the code on the carton once more, or type what is printed; nothing was saved."


@dataclass(frozen=True)
class TradeItem:
    """What a carton's code says: trade item number, lot, the last day on which it may be used, serial number."""

    gtin: str = ""
    lot: str = ""
    expires_on: date | None = None
    serial: str = ""


def read_trade_item(text: str, *, today: date) -> TradeItem:
    """Return what one or more element strings say, as scanned or as printed with brackets.

    Raises ``Gs1Refused`` for an unknown identifier, a wrong length, character, check digit or day, and for one
    identifier with two values. ``today`` decides the century of the year.
    """
    found: dict[str, str] = {}
    for code, value in _elements(text.strip(" \r\n\t")):
        _check_format(code, value)
        if found.setdefault(code, value) != value:
            raise Gs1Refused(f"({code}) is there twice, as “{found[code]}” and “{value}”.")
    if GTIN in found:
        check_gtin(found[GTIN])
    expiry = read_day(found[EXPIRY], today=today) if EXPIRY in found else None
    return TradeItem(found.get(GTIN, ""), found.get(LOT, ""), expiry, found.get(SERIAL, ""))


def check_digit(digits: str) -> int:
    """Return the check digit of the digits before it: weights 3 and 1 from the right, modulo 10."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def check_gtin(gtin: str) -> None:
    """Refuse a trade item number that is no number of 14 digits, is nothing, or fails its check digit."""
    if not re.fullmatch(r"[0-9]{14}", gtin, re.ASCII) or not gtin.strip("0"):
        raise Gs1Refused(f"“{gtin[:20]}” is no trade item number of 14 digits.", field="gtin")
    if check_digit(gtin[:-1]) != int(gtin[-1]):
        text = f"The check digit of {gtin} is wrong: it would be {check_digit(gtin[:-1])}."
        raise Gs1Refused(text, field="gtin")


def read_day(text: str, *, today: date) -> date:
    """Return the day that YYMMDD means; day 00 is the month's last, the century the nearest within 50 years."""
    year, month, day = century_of(int(text[:2]), today.year) + int(text[:2]), int(text[2:4]), int(text[4:])
    if not 1 <= month <= 12:
        raise Gs1Refused(f"“{text}” is no day: there is no month {month:02d}.", field="expires_on")
    last = monthrange(year, month)[1]
    if day > last:
        raise Gs1Refused(f"“{text}” is no day: its month has {last}.", field="expires_on")
    return date(year, month, day or last)


def century_of(two_digits: int, year: int) -> int:
    """Return the century, as in 2000, that a two-digit year belongs to in this year."""
    century, ahead = year - year % 100, two_digits - year % 100
    if 51 <= ahead <= 99:
        return century - 100
    return century + 100 if -99 <= ahead <= -50 else century


def _elements(text: str) -> Iterator[tuple[str, str]]:
    if not text:
        raise Gs1Refused("Nothing was read.")
    if text.startswith("("):
        yield from _bracketed(text)
        return
    for symbology in SYMBOLOGIES:
        text = text.removeprefix(symbology)
    yield from _scanned(text.strip(SEPARATOR))


def _bracketed(text: str) -> Iterator[tuple[str, str]]:
    if BRACKETED.sub("", text).strip():
        raise Gs1Refused(f"“{text[:80]}” is not written as (01)…(17)…(10)….")
    for code, value in BRACKETED.findall(text):
        yield code, value.strip()


def _scanned(text: str) -> Iterator[tuple[str, str]]:
    while text:
        code = next((text[:length] for length in (2, 3) if text[:length] in FORMATS), None)
        if code is None:
            raise Gs1Refused(f"“{text[:20]}” begins with no identifier that a carton of consumables carries.")
        _, least, most = FORMATS[code]
        rest = text[len(code) :]
        end = most if least == most else len(rest.partition(SEPARATOR)[0])
        yield code, rest[:end]
        text = rest[end:].removeprefix(SEPARATOR)


def _check_format(code: str, value: str) -> None:
    if code not in FORMATS:
        raise Gs1Refused(f"({code}) is no identifier that a carton of consumables carries.")
    pattern, least, most = FORMATS[code]
    if not least <= len(value) <= most or not pattern.fullmatch(value):
        length = f"{least}" if least == most else f"{least} to {most}"
        kind = "digits" if pattern is _DIGITS else "characters"
        raise Gs1Refused(f"({code}) is followed by {length} {kind}, and not by “{value[:40]}”.")
