"""ALBI at the edges of its grades. Source: Johnson 2015."""

from decimal import Decimal

import pytest

from inventory.domain import albi as module
from inventory.domain.liver import albi


@pytest.mark.parametrize(
    ("bilirubin", "albumin", "unrounded", "grade"),
    [
        (10, "38.353", "-2.600005", "1"),
        (10, "38.352", "-2.59992", "2"),
        (10, "24.118", "-1.39003", "2"),
        (10, "24.117", "-1.389945", "3"),
        (1, 40, "-3.4", "1"),
        (100, 70, "-4.63", "1"),
        (1000, 5, "1.555", "3"),
    ],
)
def test_a_grade_is_of_the_unrounded_value(bilirubin, albumin, unrounded, grade):
    score = albi(bilirubin_umol_l=bilirubin, albumin_g_l=albumin)

    assert (score.unrounded, score.grade) == (Decimal(unrounded), grade)


@pytest.mark.parametrize(
    ("raw", "grade"), [("-2.6000001", "1"), ("-2.60", "1"), ("-2.5999999", "2"), ("-1.39", "2"), ("-1.3899999", "3")]
)
def test_a_cut_off_is_in_the_better_grade(raw, grade):
    assert module._grade(Decimal(raw)) == grade


def test_the_value_has_four_decimals_and_half_goes_away_from_zero():
    assert albi(bilirubin_umol_l=10, albumin_g_l="24.117").value == Decimal("-1.3899")
    assert albi(bilirubin_umol_l=10, albumin_g_l="24.11").unrounded == Decimal("-1.38935")
    assert albi(bilirubin_umol_l=10, albumin_g_l="24.11").value == Decimal("-1.3894")
