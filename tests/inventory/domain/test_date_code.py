"""Dates and times on labels."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.date_code import (
    FlexibleTime,
    TimeOf,
    Zone,
    decode_date,
    decode_day,
    decode_flexible_time,
    encode_date_time,
)
from inventory.domain.isbt128 import encode_date
from inventory.domain.isbt128_refusal import DateRefused, Isbt128Refused
from tests.inventory.domain.isbt128_examples import days, minutes


def at(*parts: int) -> datetime:
    """Return a time as a label's clock shows it, without zone."""
    return datetime(*parts)  # type: ignore[arg-type, misc] # noqa: DTZ001


@pytest.mark.parametrize(
    ("moment", "written", "with_time"),
    [
        (date(2026, 3, 14), "026073", "0260732359"),
        (date(2024, 12, 31), "024366", "0243662359"),
        (at(2025, 1, 1), "0250010000", "0250010000"),
        (at(2018, 12, 31, 23, 59), "0183652359", "0183652359"),
        (date(1999, 12, 31), "999365", "9993652359"),
        (date(2100, 2, 28), "100059", "1000592359"),
    ],
)
def test_dates_are_written_and_read(moment, written, with_time):
    assert encode_date(moment) == written
    assert encode_date_time(moment) == with_time
    assert decode_date(written) == moment


@given(days)
def test_every_date_is_read_as_it_was_written(day):
    assert decode_date(encode_date(day)) == day
    assert not isinstance(decode_date(encode_date(day)), datetime)


@given(minutes)
def test_every_time_is_read_as_it_was_written(moment):
    assert decode_date(encode_date(moment)) == moment


def test_seconds_have_no_place_and_are_left_out():
    assert encode_date(at(2026, 3, 14, 14, 30, 59)) == "0260731430"


@pytest.mark.parametrize(
    "text",
    [
        *("026000", "026366", "025366", "100366", "024367", "026999", "0260012400", "0260012360", "0260019999"),
        *("", "26073", "0260731", "026073235", "02607323599", "o26073", "02607\u0663", "\uff10\uff12\uff16073"),
        *("026073\n", " 026073", "026 073", "-26073", "+26073", "02607²", None, 26073, b"026073"),
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(Isbt128Refused):
        decode_date(text)


@pytest.mark.parametrize("moment", [None, "2026-03-14", 0, 26073, date(1899, 12, 31), date(2900, 1, 1)])
def test_what_has_no_code_is_not_written(moment):
    with pytest.raises(DateRefused):
        encode_date(moment)


@pytest.mark.parametrize(
    "text", ["", "2026031", "202603144", "2026\u066003014", "20260230", "20261301", "00000101", None]
)
def test_what_is_no_day_of_the_calendar_is_refused(text):
    with pytest.raises(Isbt128Refused):
        decode_day(text)


def test_a_flexible_time_says_what_it_is_of_and_whose_it_is():
    local, utc = decode_flexible_time("1004202603140905"), decode_flexible_time("2001202512312359")

    assert local == FlexibleTime(TimeOf.CROSS_CLAMP, at(2026, 3, 14, 9, 5))
    assert utc == FlexibleTime(TimeOf.EXPIRY, datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
    assert (local.zone, utc.zone) == (Zone.LOCAL, Zone.UTC)
    assert (local.content, utc.content) == ("1004202603140905", "2001202512312359")


@pytest.mark.parametrize(
    "text",
    [
        *("0001202603141430", "3001202603141430", "1101202603141430", "1000202603141430", "1007202603141430"),
        *("1001202602291430", "1001202600141430", "1001202603142400", "1001202603141460", "1001000003141430"),
        *("100120260314143", "10012026031414300", "100120260314143\u0660", "1001202603141430\n", "", None),
    ],
)
def test_what_is_no_flexible_time_is_refused(text):
    with pytest.raises(Isbt128Refused):
        decode_flexible_time(text)


def test_a_flexible_time_of_another_zone_does_not_exist():
    with pytest.raises(DateRefused):
        FlexibleTime(TimeOf.EXPIRY, datetime(2026, 3, 14, tzinfo=timezone(timedelta(hours=1))))


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_refused_by_name(text):
    try:
        read = encode_date(decode_date(text))
    except Isbt128Refused:
        read = text

    assert read == text
