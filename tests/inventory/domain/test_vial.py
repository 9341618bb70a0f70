"""Vials needed for a dose."""

from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.quantity import QuantityRefused
from inventory.domain.vial import vials_needed

D = Decimal


@pytest.mark.parametrize(
    ("needed", "expected"),
    [("0", 0), ("1", 1), ("17000000", 1), ("17000000.0000001", 2), ("34000000", 2), ("34000001", 3), ("70000000", 5)],
)
def test_a_vial_is_never_divided(needed: str, expected: int) -> None:
    assert vials_needed(D(needed), D("2.0e7"), D(85)) == expected


@given(
    needed=st.decimals(0, "1e12", places=3),
    per_vial=st.integers(1000, 10**9),
    viability=st.decimals("0.1", 100, places=1),
)
def test_the_number_is_the_exact_ceiling(needed: Decimal, per_vial: int, viability: Decimal) -> None:
    exact = Fraction(needed) / (per_vial * Fraction(viability) / 100)

    assert vials_needed(needed, per_vial, viability) == ceil(exact)


@pytest.mark.parametrize(
    ("per_vial", "viability"), [("0", "85"), ("-1", "85"), ("2e7", "0"), ("2e7", "100.1"), ("NaN", "85")]
)
def test_a_vial_without_living_cells_is_refused(per_vial: str, viability: str) -> None:
    with pytest.raises(QuantityRefused):
        vials_needed(D("7e7"), D(per_vial), D(viability))
