from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.measure import NumberRefused, check_range, factor, read_number, to_decimals, units_for


@pytest.mark.parametrize(
    ("given_unit", "recorded", "expected"),
    [
        ("µL", "mL", "0.001"),
        ("\u03bcL", "mL", "0.001"),
        ("uL", "mL", "0.001"),
        ("mL", "mL", "1"),
        ("10^6", "cells", "1000000"),
        ("fraction", "%", "100"),
        ("10^9/L", "10^6/mL", "1"),
    ],
)
def test_a_unit_is_turned_into_the_recorded_one_by_its_factor(given_unit, recorded, expected):
    assert factor(given_unit, recorded) == Decimal(expected)
    assert recorded in units_for(recorded)


def test_units_of_different_things_have_no_factor():
    assert factor("mL", "g") is None


@pytest.mark.parametrize(
    ("text", "decimal", "expected"), [("1880", ".", "1880"), ("9674.15", ".", "9674.15"), ("1880,5", ",", "1880.5")]
)
def test_a_number_is_read_with_the_decimal_sign_of_its_file(text, decimal, expected):
    assert read_number(text, decimal=decimal) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("1,880", "."),
        ("1.880", ","),
        ("1.880,5", ","),
        ("1_000", "."),
        ("１２", "."),
        ("1e3", "."),
        ("NaN", "."),
        ("", "."),
        ("1 880", "."),
        ("<0.5", "."),
        ("n/a", "."),
        ("=1+1", "."),
        ("-1", "."),
        ("1234567890.1234567", "."),
    ],
)
def test_what_could_be_another_number_is_refused(text, decimal):
    with pytest.raises(NumberRefused):
        read_number(text, decimal=decimal)


def test_a_number_is_rounded_only_where_that_was_asked_for():
    assert to_decimals(Decimal("1.88"), 3, rounded=False) == Decimal("1.880")
    assert to_decimals(Decimal("1.8805"), 3, rounded=True) == Decimal("1.880")
    with pytest.raises(NumberRefused, match="more than 3 decimals"):
        to_decimals(Decimal("1.8805"), 3, rounded=False)


def test_a_number_that_no_such_thing_has_is_refused_with_the_range():
    assert check_range(Decimal(50), Decimal(0), Decimal(50), "mL") == 50
    with pytest.raises(NumberRefused, match="1880 mL is out of the plausible range 0 to 50 mL"):
        check_range(Decimal(1880), Decimal(0), Decimal(50), "mL")


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_numbers(text):
    with suppress(NumberRefused):
        assert read_number(text) >= 0
