"""Recovery after death: times in order, and minutes that the times give."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.recovery import (
    MOST_COLD_MINUTES,
    RecoveryFacts,
    is_long_cold,
    minutes_between,
    obstacles_to_end_of_cold,
    obstacles_to_recovery,
)
from tests.factories.time import NOON, days, hours

GOOD = RecoveryFacts(
    organisation="Organ recovery of the region",
    born_at=NOON - days(3),
    died_at=NOON - hours(20),
    cross_clamp_at=NOON - hours(19.5),
    recovered_at=NOON - hours(19),
    authorised_at=NOON - hours(19.8),
    cold_ended_at=NOON - hours(12),
    warm_minutes=30,
    cold_minutes=450,
)


def refused(**changed: object) -> list[tuple[str, str]]:
    facts = replace(GOOD, **changed)  # type: ignore[arg-type]
    return [(each.code, each.field) for each in obstacles_to_recovery(facts, at=NOON)]


def test_a_recovery_in_order_is_registered_cold_or_still_cold() -> None:
    assert refused() == []
    assert refused(cold_ended_at=None, cold_minutes=None) == []
    assert refused(warm_minutes=None, cold_minutes=None) == []


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"organisation": " "}, "missing", "organisation"),
        ({"organisation": "x" * 101}, "too-long", "organisation"),
        ({"preservation_fluid": "U\u200bW"}, "unreadable", "preservation_fluid"),
        ({"cross_clamp_at": NOON - hours(20.1)}, "times", "cross_clamp_at"),
        ({"died_at": NOON - days(4)}, "times", "died_at"),
        ({"recovered_at": NOON - hours(19.6)}, "times", "recovered_at"),
        ({"cold_ended_at": NOON - hours(19.2), "cold_minutes": 18}, "times", "cold_ended_at"),
        ({"cold_ended_at": NOON + hours(1), "cold_minutes": None}, "times", "recovered_at"),
        ({"authorised_at": None}, "no-authorisation", "donor"),
        ({"authorised_at": NOON - hours(19)}, "before-authorisation", "donor"),
        ({"born_at": None}, "no-birth", "infant"),
        ({"born_at": NOON - hours(20) - days(28) - timedelta(seconds=1)}, "not-neonatal", "infant"),
        ({"warm_minutes": -1}, "warm_minutes", "warm_minutes"),
        ({"warm_minutes": 32}, "warm_minutes", "warm_minutes"),
        ({"cold_minutes": -450}, "cold_minutes", "cold_minutes"),
        ({"cold_minutes": 2881}, "cold_minutes", "cold_minutes"),
        ({"cold_minutes": 448}, "cold_minutes", "cold_minutes"),
        ({"cold_ended_at": None, "cold_minutes": 450}, "cold-ischaemia", "cold_minutes"),
    ],
)
def test_what_cannot_be_is_refused_by_name(changed: dict[str, object], code: str, field: str) -> None:
    assert (code, field) in refused(**changed)


@pytest.mark.parametrize(("claimed", "accepted"), [(448, False), (449, True), (450, True), (451, True), (452, False)])
def test_claimed_minutes_agree_with_the_times_to_the_minute(claimed: int, accepted: bool) -> None:
    assert (refused(cold_minutes=claimed) == []) is accepted


def test_twenty_eight_days_are_neonatal_and_more_are_not() -> None:
    assert refused(born_at=GOOD.died_at - days(28)) == []
    assert refused(born_at=GOOD.died_at - days(28.01)) == [("not-neonatal", "infant")]


@pytest.mark.parametrize(("minutes", "expected"), [(0, False), (600, False), (601, True)])
def test_more_than_ten_hours_are_long(minutes: int, expected: bool) -> None:
    assert is_long_cold(minutes) is expected


@given(st.integers(-10_000, 10_000))
def test_the_cold_ends_within_two_days_of_the_cross_clamp_and_never_before_it(minutes: int) -> None:
    ended_at = NOON + timedelta(minutes=minutes)

    assert minutes_between(NOON, ended_at) == minutes
    assert (obstacles_to_end_of_cold(NOON, ended_at) == []) is (0 <= minutes <= MOST_COLD_MINUTES)
