"""GS1 element strings of consumables."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.gs1 import SEPARATOR, Gs1Refused, TradeItem, century_of, check_digit, read_day, read_trade_item

TODAY = date(2026, 3, 14)
GTIN = "09520000000011"
GOOD = TradeItem(GTIN, "LOT-7", date(2027, 6, 30), "S9")


def gtin(digits: str) -> str:
    return digits + str(check_digit(digits))


def read(text: str) -> TradeItem:
    return read_trade_item(text, today=TODAY)


@pytest.mark.parametrize(("digits", "check"), [("0400638133393", 1), ("0001234560001", 2), ("1061414100041", 5)])
def test_the_check_digit_is_weighted_three_and_one_from_the_right(digits: str, check: int) -> None:
    # 4006381333931 is a widely printed EAN-13; the others are worked by hand.
    assert check_digit(digits) == check


@pytest.mark.parametrize(
    "text",
    [
        f"]C101{GTIN}1727063010LOT-7{SEPARATOR}21S9",
        f"01{GTIN}1727063010LOT-7{SEPARATOR}21S9\r\n",
        f"]d2{SEPARATOR}01{GTIN}10LOT-7{SEPARATOR}21S9{SEPARATOR}17270630",
        f"01{GTIN}{SEPARATOR}17270630{SEPARATOR}10LOT-7{SEPARATOR}21S9{SEPARATOR}",
        f"(01){GTIN}(17)270630(10)LOT-7(21)S9",
        f"(01) {GTIN} (17) 270600 (10) LOT-7 (21) S9",
        f"01{GTIN}1125010117270630240CAT-1{SEPARATOR}3012{SEPARATOR}10LOT-7{SEPARATOR}21S9",
        f"10LOT-7{SEPARATOR}10LOT-7{SEPARATOR}01{GTIN}1727063021S9",
    ],
)
def test_item_lot_expiry_and_serial_are_read_however_they_are_written(text: str) -> None:
    assert read(text) == GOOD


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Nothing was read"),
        ("0109520000000012", "check digit"),
        ("0100000000000000", "no trade item number"),
        ("01095200000000", "14 digits"),
        ("010952000000001A", "14 digits"),
        ("01０9520000000011", "14 digits"),
        ("17271301", "no month 13"),
        ("17270001", "no month 00"),
        ("17270231", "its month has 28"),
        ("1727", "6 digits"),
        ("10", "1 to 20 characters"),
        ("10" + "L" * 21, "1 to 20 characters"),
        ("10LÖT", "1 to 20 characters"),
        ("10A 1", "1 to 20 characters"),
        ("99ABC", "no identifier"),
        (f"10A{SEPARATOR}10B", "there twice"),
        ("(99)ABC", r"\(99\) is no identifier"),
        ("(10)", "1 to 20"),
        ("(10A", "not written as"),
        ("HELLO", "no identifier"),
    ],
)
def test_what_is_no_code_of_a_consumable_is_refused(text: str, why: str) -> None:
    with pytest.raises(Gs1Refused, match=why):
        read(text)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("270200", date(2027, 2, 28)),
        ("280200", date(2028, 2, 29)),
        ("261200", date(2026, 12, 31)),
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
        ("991231", date(1999, 12, 31)),
    ],
)
def test_day_00_is_the_last_of_its_month_and_the_century_is_the_nearest(written: str, day: date) -> None:
    assert read_day(written, today=TODAY) == day


@pytest.mark.parametrize(
    ("two", "year", "century"), [(0, 1999, 2000), (49, 1999, 2000), (50, 1999, 1900), (3, 2052, 2000), (2, 2052, 2100)]
)
def test_the_century_turns_fifty_years_away(two: int, year: int, century: int) -> None:
    assert century_of(two, year) == century


@given(st.dates(TODAY - timedelta(days=49 * 365), TODAY + timedelta(days=49 * 365)))
def test_every_day_within_49_years_is_read_as_itself(day: date) -> None:
    assert read_day(f"{day:%y%m%d}", today=TODAY) == day


@given(
    st.text("0123456789", min_size=13, max_size=13).filter(lambda text: text.strip("0")),
    st.integers(0, 13),
    st.integers(1, 9),
)
def test_one_wrong_digit_is_always_noticed(digits: str, place: int, more: int) -> None:
    good = gtin(digits)
    wrong = good[:place] + str((int(good[place]) + more) % 10) + good[place + 1 :]

    assert read(f"01{good}").gtin == good
    with pytest.raises(Gs1Refused):
        read(f"01{wrong}")


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(Gs1Refused):
        read(text)
