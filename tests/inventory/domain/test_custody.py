"""Facts of custody as people read them: changes in words, instants in two zones, hashes of the facts alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from inventory.domain.custody import (
    Change,
    amended_count,
    changes_between,
    custody_record,
    facts_sha256,
    site_text,
    utc_text,
)
from tests.factories.custody_facts import custody_facts, edition, entry
from tests.factories.time import NOON


def test_changes_name_what_differs_in_order_of_the_names():
    changes = changes_between(
        {"state": "quarantined", "place": "A1"}, {"state": "available", "place": "A1", "use": "x"}
    )

    assert changes == (Change("state", "quarantined", "available"), Change("use", "", "x"))


@pytest.mark.parametrize("empty", [None, "", [], {}])
def test_what_was_empty_and_is_empty_is_no_change(empty):
    assert changes_between({}, {"note": empty}) == ()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ("1.50", "1.50"),
        (["a", "b"], "a, b"),
        ([{"x": 1}, ["y"]], "(x 1), (y)"),
        ({"bag_intact": True, "volume_ml": None}, "bag intact yes, volume ml –"),
        ("2026-02-12T12:30:00.000000Z", "2026-02-12 12:30:00 UTC"),
        ("2026-02-12T12:30:00.000001Z", "2026-02-12T12:30:00.000001Z"),
    ],
)
def test_values_of_the_ledger_are_told_in_words(value, words):
    assert changes_between({}, {"told": value}) == (Change("told", "", words),)


@pytest.mark.parametrize(
    ("zone", "at", "words"),
    [
        ("Europe/Lisbon", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "2026-03-29 00:59:59 WET"),
        ("Europe/Lisbon", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29 02:00:00 WEST"),
        ("America/New_York", datetime(2028, 2, 29, 3, 0, tzinfo=UTC), "2028-02-28 22:00:00 EST"),
    ],
)
def test_an_instant_is_told_in_the_sites_zone_with_its_abbreviation(zone, at, words):
    assert site_text(at, zone) == words


def test_an_instant_is_told_in_utc():
    assert utc_text(NOON) == "2026-03-14 12:00:00 UTC"


def test_the_hash_of_the_facts_does_not_depend_on_who_asks_and_the_record_does():
    facts = custody_facts()

    assert facts_sha256(facts) == facts_sha256(custody_facts())
    assert custody_record(facts, edition()) != custody_record(facts, edition(generated_by="Somebody Else"))


def test_amended_rows_are_counted():
    rows = (entry(1), replace(entry(2), amended="by entry 3"))

    assert amended_count(rows) == 1
