"""Times and dates as people read them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from biobank.templatetags.times import site_date, site_time

WINTER = datetime(2026, 3, 5, 13, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Berlin", "5 Mar 2026, 14:02 CET"),
        ("Europe/Lisbon", "5 Mar 2026, 13:02 WET"),
        ("America/New_York", "5 Mar 2026, 08:02 EST"),
        ("Asia/Tokyo", "5 Mar 2026, 22:02 JST"),
    ],
)
def test_an_instant_is_shown_in_the_sites_zone_with_utc_beside_it(zone: str, shown: str):
    with timezone.override(ZoneInfo(zone)):
        html = site_time(WINTER)

    assert f">{shown}</time>" in html
    assert 'title="2026-03-05 13:02:11 UTC"' in html
    assert 'datetime="2026-03-05T13:02:11Z"' in html


def test_summer_time_is_named():
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert "14:00 CEST" in site_time(datetime(2026, 7, 1, 12, 0, tzinfo=UTC))


def test_the_day_of_an_instant_is_the_sites_day():
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert ">6 Mar 2026<" in site_date(datetime(2026, 3, 5, 20, 0, tzinfo=UTC))


def test_a_date_stays_the_date_it_is_in_every_zone():
    with timezone.override(ZoneInfo("Pacific/Auckland")):
        assert site_date(date(2026, 3, 5)) == '<time datetime="2026-03-05">5 Mar 2026</time>'


def test_nothing_is_a_dash():
    assert site_time(None) == "–"
    assert site_date(None) == "–"
