"""Quantities: what is no number of anything, and what people are shown."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.quantity import QuantityRefused, beside, checked, checked_percent, checked_some, in_three_figures

NUMBERS = st.decimals("1e-9", "1e15", allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (None, "NoneType"),
        (True, "bool"),
        (1.5, "float"),
        ("5", "str"),
        (Decimal("NaN"), "finite"),
        (Decimal("sNaN"), "finite"),
        (Decimal("Infinity"), "finite"),
        (Decimal("-Infinity"), "finite"),
        (Decimal("-0.001"), "negative"),
        (-1, "negative"),
        (Decimal("1e31"), "more than there can be"),
    ],
)
def test_what_is_no_amount_is_refused_by_its_name(value: object, what: str) -> None:
    with pytest.raises(QuantityRefused, match=f"^volume ml .*{what}") as refused:
        checked(value, "volume_ml")

    assert refused.value.field == "volume_ml"


def test_nothing_and_more_than_all_are_refused_where_they_cannot_be() -> None:
    with pytest.raises(QuantityRefused, match="is zero"):
        checked_some(Decimal("0.000"), "final_ml")
    with pytest.raises(QuantityRefused, match="more than 100"):
        checked_percent(Decimal("100.001"), "cd34_percent")

    assert checked(0, "tnc") == 0
    assert checked_percent(100, "cd34_percent") == 100


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("0", "0"),
        ("1.13e9", "1.13 × 10^9"),
        ("158200", "1.58 × 10^5"),
        ("16.666666", "16.7"),
        ("90.00", "90.0"),
        ("5", "5.00"),
        ("1.375", "1.38"),
        ("0.0392857", "0.0393"),
        ("999.4", "999"),
        ("999.5", "1.00 × 10^3"),
        ("9995", "1.00 × 10^4"),
        ("0.00012", "1.20 × 10^-4"),
    ],
)
def test_three_figures_are_shown_half_up(number: str, shown: str) -> None:
    assert in_three_figures(Decimal(number)) == shown


@pytest.mark.parametrize(
    ("number", "limit", "shown"),
    [
        ("1000000000", "500000000", "1000000000"),
        ("24999500.01999", "25000000", "24999500"),
        ("24999999.9999999", "25000000", "24999999"),
        ("1.375", "1", "1.375"),
        ("1.0000000001", "1", "1.0000000001"),
        ("1", "1", "1"),
        ("25000000.0001", "25000000", "25000000.0001"),
    ],
)
def test_a_number_beside_its_limit_shows_on_which_side_it_lies(number: str, limit: str, shown: str) -> None:
    assert beside(Decimal(number), Decimal(limit)) == shown


@given(number=NUMBERS, limit=NUMBERS)
def test_no_number_is_shown_on_the_other_side_of_its_limit(number: Decimal, limit: Decimal) -> None:
    shown = Decimal(beside(number, limit))

    assert (shown < limit, shown > limit) == (number < limit, number > limit)


def test_a_callers_context_does_not_round_what_is_shown_beside_a_limit() -> None:
    with localcontext(prec=3):
        assert beside(Decimal(24999999), Decimal(25000000)) == "24999999"
