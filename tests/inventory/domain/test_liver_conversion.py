"""Conversions between the units of laboratories."""

from decimal import Decimal

import pytest

from inventory.domain.liver import (
    ScoreRefused,
    albi,
    albumin_g_dl_from_g_l,
    albumin_g_l_from_g_dl,
    bilirubin_mg_dl_from_umol_l,
    bilirubin_umol_l_from_mg_dl,
    creatinine_mg_dl_from_umol_l,
    meld,
)


@pytest.mark.parametrize(
    ("convert", "given", "converted"),
    [
        (bilirubin_mg_dl_from_umol_l, "34.2", "2"),
        (bilirubin_mg_dl_from_umol_l, 171, "10"),
        (bilirubin_umol_l_from_mg_dl, "1.2", "20.52"),
        (bilirubin_umol_l_from_mg_dl, Decimal(2), "34.2"),
        (creatinine_mg_dl_from_umol_l, "88.4", "1"),
        (creatinine_mg_dl_from_umol_l, "132.6", "1.5"),
        (albumin_g_dl_from_g_l, 35, "3.5"),
        (albumin_g_l_from_g_dl, "3.5", "35"),
    ],
)
def test_a_conversion_is_exact_where_the_factor_divides(convert, given, converted):
    assert convert(given) == Decimal(converted)


@pytest.mark.parametrize(
    ("convert", "least", "greatest"),
    [
        (bilirubin_mg_dl_from_umol_l, "0.855", "1368"),
        (bilirubin_umol_l_from_mg_dl, "0.05", "80"),
        (creatinine_mg_dl_from_umol_l, "4.42", "2652"),
        (albumin_g_dl_from_g_l, "5", "70"),
        (albumin_g_l_from_g_dl, "0.5", "7"),
    ],
)
def test_both_sides_of_a_conversion_have_the_same_range(convert, least, greatest):
    convert(least)
    convert(greatest)
    for outside in (Decimal(least) / 2, Decimal(greatest) + 1, 0, -1, None, "NaN", True):
        with pytest.raises(ScoreRefused, match="conversion cannot be computed"):
            convert(outside)


def test_a_creatinine_that_is_in_milligrams_already_is_not_divided_again():
    with pytest.raises(ScoreRefused, match="looks like mg/dL"):
        creatinine_mg_dl_from_umol_l("1.4")


def test_what_was_converted_is_taken_by_the_scores_whatever_its_digits():
    in_umol = albi(bilirubin_umol_l=bilirubin_umol_l_from_mg_dl("1.2"), albumin_g_l=albumin_g_l_from_g_dl("3.5"))
    bilirubin, creatinine = bilirubin_mg_dl_from_umol_l(50), creatinine_mg_dl_from_umol_l(123)

    assert (in_umol.unrounded.quantize(Decimal("0.0001")), in_umol.grade) == (Decimal("-2.1090"), "2")
    assert len(bilirubin.as_tuple().digits) == 28
    assert meld(bilirubin_mg_dl=bilirubin, inr=1, creatinine_mg_dl=creatinine).value == 14
