from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.container import Limit, LimitRefused, check_limit
from inventory.domain.excursion import (
    AssessmentFacts,
    Group,
    Reading,
    Warming,
    check_assessing,
    is_beyond,
    obstacles_to_assessing,
    warming_of,
)
from tests.factories.time import NOON

COLD = Limit(Decimal(-150), None, 15)
FRIDGE = Limit(Decimal(8), Decimal(2), 30)
TEMPERATURES = st.decimals(min_value=-200, max_value=40, places=1)


def readings(*celsius, every=10):
    return [Reading(NOON + timedelta(minutes=every * n), Decimal(each)) for n, each in enumerate(celsius)]


def test_readings_within_the_limits_are_no_excursion():
    assert warming_of(readings("-160", "-150", "-151"), COLD) is None
    assert warming_of([], COLD) is None


def test_what_happened_between_two_readings_is_taken_as_the_worse_of_them():
    happened = warming_of(readings("-160", "-149.9", "-120", "-155", "-160"), COLD)

    assert happened == Warming(NOON, NOON + timedelta(minutes=30), Decimal(-120), 30)


def test_a_part_of_a_minute_counts_whole_and_readings_come_in_any_order():
    one, two = Reading(NOON, Decimal(-140)), Reading(NOON + timedelta(seconds=61), Decimal(-160))

    assert warming_of([two, one], COLD) == Warming(one.at, two.at, Decimal(-140), 2)


def test_a_fridge_can_be_too_cold():
    happened = warming_of(readings("5", "-1", "9", "5"), FRIDGE)

    assert happened is not None
    assert (happened.extreme_celsius, happened.minutes_beyond) == (Decimal(-1), 30)


@given(st.lists(TEMPERATURES, min_size=1, max_size=20))
def test_an_excursion_is_never_longer_than_its_readings_and_its_extreme_was_read(celsius):
    happened = warming_of(readings(*celsius), COLD)

    outside = [each for each in celsius if each > COLD.warmest_celsius]
    assert (happened is None) is (not outside)
    if happened:
        assert happened.extreme_celsius == max(outside)
        assert 0 <= happened.minutes_beyond <= (happened.ended_at - happened.started_at) / timedelta(minutes=1)


@given(st.lists(TEMPERATURES, min_size=2, max_size=20), st.data())
def test_a_warmer_reading_never_shortens_an_excursion(celsius, data):
    number = data.draw(st.integers(0, len(celsius) - 1))
    warmer = [*celsius[:number], celsius[number] + 30, *celsius[number + 1 :]]

    before, after = warming_of(readings(*celsius), COLD), warming_of(readings(*warmer), COLD)

    assert (before.minutes_beyond if before else 0) <= (after.minutes_beyond if after else 0)


@pytest.mark.parametrize(
    ("celsius", "minutes", "limit", "beyond"),
    [
        ("-149.9", 16, COLD, True),
        ("-149.9", 15, COLD, False),
        ("-150", 999, COLD, False),
        ("1.9", 31, FRIDGE, True),
        ("8.1", 31, FRIDGE, True),
        ("8", 31, FRIDGE, False),
        ("-196", 0, Limit(), True),
    ],
)
def test_doubt_is_limit_and_minutes(celsius, minutes, limit, beyond):
    happened = Warming(NOON, NOON + timedelta(days=1), Decimal(celsius), minutes)

    assert is_beyond(happened, limit) is beyond


@pytest.mark.parametrize(
    ("celsius", "besides", "beyond"), [("-149.9", 5, False), ("-149.9", 6, True), ("-150", 99, False)]
)
def test_minutes_of_other_excursions_add_up_and_degrees_within_the_limit_never_do(celsius, besides, beyond):
    happened = Warming(NOON, NOON + timedelta(days=1), Decimal(celsius), 10)

    assert is_beyond(happened, COLD, besides=besides) is beyond


@pytest.mark.parametrize(
    "limit",
    [
        Limit(Decimal(-300)),
        Limit(Decimal(101)),
        Limit(Decimal("NaN")),
        Limit(Decimal(2), Decimal(8)),
        Limit(Decimal(2), minutes=-1),
        Limit(Decimal(2), minutes=10**6),
    ],
)
def test_limits_that_cannot_be_are_refused(limit):
    with pytest.raises(LimitRefused):
        check_limit(limit)


def test_a_limit_on_either_side_is_fine():
    check_limit(Limit(Decimal(8), Decimal(2), 30))
    check_limit(Limit(Decimal(-150)))
    check_limit(Limit())


def test_the_whole_assessment_is_judged_at_once():
    facts = AssessmentFacts(
        reported_by="anna",
        assessed_by="anna",
        is_beyond=False,
        is_open=False,
        held=frozenset({"U1", "U2"}),
        groups=(Group("cleared", ("U1", "U1", "U9"), ""),),
    )

    codes = [reason.code for reason in obstacles_to_assessing(facts)]

    assert codes == ["not-beyond", "assessed", "same-person", "missing", "coverage", "coverage", "coverage"]


def test_an_assessment_of_an_excursion_that_holds_nothing_needs_no_group():
    check_assessing(AssessmentFacts("anna", "bert", is_beyond=True, is_open=True, held=frozenset()))
