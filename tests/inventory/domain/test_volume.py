"""Volumes before and after processing."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from inventory.domain.quantity import QuantityRefused
from inventory.domain.volume import (
    net_collected_ml,
    red_cell_depletion_percent,
    volume_ml_from_mass,
    volume_reduction_percent,
)

D = Decimal


def depletion(before_haematocrit: str, before_ml: str, after_haematocrit: str, after_ml: str) -> Decimal:
    return red_cell_depletion_percent(
        before_haematocrit_percent=D(before_haematocrit),
        before_ml=D(before_ml),
        after_haematocrit_percent=D(after_haematocrit),
        after_ml=D(after_ml),
    )


def test_the_worked_examples_hold() -> None:
    assert round(volume_reduction_percent(D(110), D(21)), 2) == D("80.91")
    assert round(depletion("38", "110", "30", "21"), 2) == D("84.93")
    assert volume_ml_from_mass(D("147.5"), D(42), D("1.055")) == 100
    assert net_collected_ml(D(121), D(21)) == 100


def test_nothing_taken_away_is_no_reduction_and_all_of_it_is_all() -> None:
    assert volume_reduction_percent(D(110), D(110)) == 0
    assert volume_reduction_percent(D(110), 0) == 100
    assert depletion("38", "110", "38", "110") == 0
    assert depletion("38", "110", "0", "21") == 100


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: volume_reduction_percent(D(21), D(110)), "after_ml"),
        (lambda: volume_reduction_percent(D(0), D(0)), "before_ml"),
        (lambda: depletion("38", "110", "101", "21"), "after_haematocrit_percent"),
        (lambda: depletion("38", "110", "39", "110"), "after_haematocrit_percent"),
        (lambda: depletion("0", "110", "0", "21"), "before_haematocrit_percent"),
        (lambda: volume_ml_from_mass(D(40), D("40.01"), D("1.05")), "tare_g"),
        (lambda: volume_ml_from_mass(D(147), D(40), D(0)), "density_g_per_ml"),
        (lambda: volume_ml_from_mass(D(147), D(40), D(1055)), "density_g_per_ml"),
        (lambda: volume_ml_from_mass(D(147), D(40), None), "density_g_per_ml"),  # type: ignore[arg-type]
        (lambda: net_collected_ml(D(20), D(21)), "anticoagulant_ml"),
    ],
)
def test_an_impossible_volume_is_refused_by_its_name(call: Callable[[], Decimal], field: str) -> None:
    with pytest.raises(QuantityRefused) as refused:
        call()

    assert refused.value.field == field


def test_a_density_is_never_assumed() -> None:
    with pytest.raises(TypeError):
        volume_ml_from_mass(D(147), D(40))  # type: ignore[call-arg]
