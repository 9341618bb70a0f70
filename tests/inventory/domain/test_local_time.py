from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.local_time import TimeRefused, check_format, read_time, zone_named
from tests.factories.time import NOON

OSLO = ZoneInfo("Europe/Oslo")
STAMP = "%Y%m%d_%H%M%S"


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("20250911_141406", STAMP, datetime(2025, 9, 11, 12, 14, 6, tzinfo=UTC)),
        ("20250111_141406", STAMP, datetime(2025, 1, 11, 13, 14, 6, tzinfo=UTC)),
        ("1.2.2025 07:05", "%d.%m.%Y %H:%M", datetime(2025, 2, 1, 6, 5, tzinfo=UTC)),
        ("2025-10-26T02:30+01:00", "%Y-%m-%dT%H:%M%z", datetime(2025, 10, 26, 1, 30, tzinfo=UTC)),
        ("20240229_000000", STAMP, datetime(2024, 2, 28, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_instant_that_its_format_and_zone_mean(text, form, expected):
    assert read_time(text, form, OSLO, at=NOON) == expected


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("20250230_120000", "is not a time"),
        ("20250229_120000", "is not a time"),
        ("2025-09-11 14:14", "is not a time"),
        ("2025911_141406", "every digit in its place"),
        ("２0250911_141406", "is not a time"),
        ("20250330_023000", "does not exist in Europe/Oslo"),
        ("20251026_023000", "happened twice in Europe/Oslo"),
        ("20260315_120000", "lies in the future"),
        ("19000101_000000", "lies before 1980"),
        ("00010101_000000", "is not a time"),
    ],
)
def test_every_doubt_about_a_time_is_refused(text, because):
    with pytest.raises(TimeRefused, match=because):
        read_time(text, STAMP, OSLO, at=NOON)


@pytest.mark.parametrize("form", ["%Y%m%d", "%y-%j", "%d %b %Y", "%d/%m/%Y %I:%M %p"])
def test_a_format_that_fixes_a_day_can_be_used(form):
    check_format(form)


@pytest.mark.parametrize("form", ["%H:%M", "%Y-%m", "%m-%d", "%c", "%Y%m%d%Q", "plain"])
def test_a_format_that_fixes_no_day_is_refused(form):
    with pytest.raises(TimeRefused):
        check_format(form)


@pytest.mark.parametrize("name", ["Europe/Atlantis", "Europe", "../x", "/etc/passwd", "a\x00b"])
def test_what_is_no_time_zone_is_refused(name):
    with pytest.raises(TimeRefused):
        zone_named(name)


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading_of_times(text):
    with suppress(TimeRefused):
        assert read_time(text, STAMP, OSLO, at=NOON) <= NOON
