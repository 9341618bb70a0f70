"""When the parts are well."""

from datetime import timedelta

import pytest

from biobank.domain.health import HealthFacts, examine
from tests.factories.time import NOON


def well(**changed):
    facts = {
        "oldest_waiting_since": None,
        "beat_at": NOON,
        "verified_at": None,
        "verified_ok": None,
        "checkpoint_at": None,
        "began_at": None,
    } | changed
    return {check.name: check for check in examine(HealthFacts(**facts), NOON)}


@pytest.mark.parametrize(("age", "ok"), [(None, True), (0, True), (299, True), (300, False)])
def test_jobs_are_late_after_five_minutes(age, ok):
    since = None if age is None else NOON - timedelta(seconds=age)

    check = well(oldest_waiting_since=since)["jobs"]

    assert (check.ok, check.age_seconds) == (ok, age)


@pytest.mark.parametrize(("age", "ok"), [(None, False), (0, True), (119, True), (120, False)])
def test_the_beat_is_silent_after_two_minutes(age, ok):
    at = None if age is None else NOON - timedelta(seconds=age)

    check = well(beat_at=at)["beat"]

    assert (check.ok, check.age_seconds) == (ok, age)


def test_a_clock_that_stepped_back_makes_no_negative_age():
    assert well(beat_at=NOON + timedelta(hours=1))["beat"].age_seconds == 0


@pytest.mark.parametrize(("outcome", "ok"), [(None, True), (True, True), (False, False)])
def test_a_verification_that_found_a_fault_is_no_health(outcome, ok):
    at = None if outcome is None else NOON - timedelta(days=2)

    check = well(verified_at=at, verified_ok=outcome)["verification"]

    assert (check.ok, check.age_seconds) == (ok, None if outcome is None else 2 * 86400)


@pytest.mark.parametrize(
    ("published", "began", "ok"),
    [
        (None, None, True),
        (None, 25.9, True),
        (None, 26, False),
        (25.9, 9000, True),
        (26, 9000, False),
        (0, 9000, True),
    ],
)
def test_a_day_without_a_checkpoint_is_no_health(published, began, ok):
    ago = {name: NOON - timedelta(hours=h) for name, h in (("p", published), ("b", began)) if h is not None}

    check = well(checkpoint_at=ago.get("p"), began_at=ago.get("b"))["checkpoint"]

    assert check.ok is ok
