"""When the parts are well."""

from datetime import timedelta

import pytest

from biobank.domain.health import HealthFacts, examine
from tests.factories.time import NOON


def well(**changed):
    facts = {"oldest_waiting_since": None, "beat_at": NOON, "verified_at": None, "verified_ok": None} | changed
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
