"""DMSO in bags, and what a recipient gets of it in one day."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from inventory.domain.dmso import (
    DENSITY_G_PER_ML,
    MOST_G_PER_KG_DAY,
    InfusedBag,
    dmso_g_per_kg,
    dmso_g_per_kg_day,
    dmso_grams,
    dmso_percent_by_volume,
    exceeds_daily_limit,
)
from inventory.domain.dose import WeightRefused
from inventory.domain.quantity import QuantityRefused
from tests.factories.time import NOON, hours

D = Decimal
INSTANT = timedelta(microseconds=1)


def test_the_worked_examples_hold_exactly() -> None:
    assert dmso_percent_by_volume(D(5), D(50), D(25)) == 10
    assert dmso_grams(D(25), D(10)) == D("2.75")
    assert dmso_grams(D(25), D(10), DENSITY_G_PER_ML) == D("2.750")
    assert dmso_g_per_kg(D("5.5"), D(4)) == D("1.375")
    assert round(dmso_g_per_kg(D("2.75"), D(70)), 3) == D("0.039")


def test_exactly_the_limit_of_a_day_is_within_it() -> None:
    assert MOST_G_PER_KG_DAY == 1
    assert not exceeds_daily_limit(dmso_g_per_kg(D(4), D(4)))
    assert exceeds_daily_limit(dmso_g_per_kg(D("4.000000000001"), D(4)))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(0), "1.375"),
        (hours(24) - INSTANT, "1.375"),
        (hours(24), "0.6875"),
        (hours(48), "0.6875"),
        (-INSTANT, "0.6875"),
        (None, "1.375"),
    ],
)
def test_the_bags_of_one_day_add_up(before: timedelta | None, expected: str) -> None:
    other = InfusedBag(D("2.75"), None if before is None else NOON - before)

    assert dmso_g_per_kg_day({"U1": InfusedBag(D("2.75")), "U2": other}, D(4), at=NOON) == D(expected)


@pytest.mark.parametrize(
    "call",
    [
        lambda: dmso_percent_by_volume(D(26), D(50), D(25)),
        lambda: dmso_percent_by_volume(D(5), D(101), D(25)),
        lambda: dmso_percent_by_volume(D(5), D(50), D(0)),
        lambda: dmso_grams(D(25), D("100.1")),
        lambda: dmso_grams(D(-25), D(10)),
        lambda: dmso_grams(D(25), 10.0),  # type: ignore[arg-type]
        lambda: dmso_grams(D(25), D(10), D(1100)),
    ],
)
def test_an_impossible_input_is_refused(call: Callable[[], Decimal]) -> None:
    with pytest.raises(QuantityRefused):
        call()


def test_a_day_is_of_a_person_with_a_weight() -> None:
    with pytest.raises(WeightRefused):
        dmso_g_per_kg_day({"U1": InfusedBag(D("2.75"))}, D(0), at=NOON)
