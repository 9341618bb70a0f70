"""FIB-4, APRI and the NAFLD fibrosis score at their cut-offs. Sources: Sterling 2006, Wai 2003, Angulo 2007."""

from decimal import Decimal

import pytest

from inventory.domain.liver import apri, fib4, nafld_fibrosis_score


@pytest.mark.parametrize(
    ("age", "ast", "unrounded", "grade"),
    [
        (50, "25.99", "1.2995", "low"),
        (50, "26", "1.3", "indeterminate"),
        (50, "53.4", "2.67", "indeterminate"),
        (50, "53.41", "2.6705", "high"),
        (80, "24.99", "1.9992", "low"),
        (80, "25", "2", "indeterminate"),
        (80, "33.375", "2.67", "indeterminate"),
        (80, "33.376", "2.67008", "high"),
        (64, "24", "1.536", "indeterminate"),
        ("64.99", "24", "1.55976", "indeterminate"),
        (65, "24", "1.56", "low"),
        (0, "24", "0", "low"),
    ],
)
def test_fib4_is_judged_by_age_and_unrounded(age, ast, unrounded, grade):
    score = fib4(age_years=age, ast_u_l=ast, alt_u_l=25, platelets_10e9_l=200)

    assert (score.unrounded, score.grade) == (Decimal(unrounded), grade)


def test_fib4_is_rounded_half_up_to_two_decimals_and_its_class_is_not():
    exactly_half = fib4(age_years=50, ast_u_l="20.1", alt_u_l=25, platelets_10e9_l=200)
    reads_like_the_cut_off = fib4(age_years=50, ast_u_l="25.99", alt_u_l=25, platelets_10e9_l=200)

    assert (exactly_half.unrounded, exactly_half.value) == (Decimal("1.005"), Decimal("1.01"))
    assert (reads_like_the_cut_off.value, reads_like_the_cut_off.grade) == (Decimal("1.30"), "low")


@pytest.mark.parametrize(
    ("ast", "unrounded", "grade"),
    [
        ("40", "0.5", "low"),
        ("40.01", "0.500125", "indeterminate"),
        ("120", "1.5", "indeterminate"),
        ("120.01", "1.500125", "significant fibrosis"),
        ("160", "2", "significant fibrosis"),
        ("160.01", "2.000125", "cirrhosis"),
    ],
)
def test_apri_is_judged_unrounded(ast, unrounded, grade):
    score = apri(ast_u_l=ast, ast_upper_limit_u_l=40, platelets_10e9_l=200)

    assert (score.unrounded, score.grade) == (Decimal(unrounded), grade)


def test_apri_is_rounded_half_up_to_three_decimals():
    assert apri(ast_u_l="80.04", ast_upper_limit_u_l=40, platelets_10e9_l=200).value == Decimal("1.001")
    assert apri(ast_u_l=50, ast_upper_limit_u_l=30, platelets_10e9_l=300).value == Decimal("0.556")


@pytest.mark.parametrize(
    ("age", "bmi", "ast", "alt", "platelets", "albumin", "unrounded", "grade"),
    [
        (50, 20, 40, 40, "204", "2.8", "-1.455", "indeterminate"),
        (50, 20, 40, 40, "204.1", "2.8", "-1.4563", "low"),
        # The quotient of the transaminases has no end, and the score is at the cut-off all the same.
        (50, 20, 30, 90, "138", "3.1", "-1.455", "indeterminate"),
        (50, 31, 30, 90, "79", "2.6", "0.676", "indeterminate"),
        (50, 31, 30, 90, "78.9", "2.6", "0.6773", "high"),
        (65, 20, 30, 90, "90", "2.5", "0.12", "indeterminate"),
        (65, 20, 30, 90, "90.1", "2.5", "0.1187", "low"),
        (64, 20, 30, 90, "90", "2.5", "0.083", "indeterminate"),
        (70, 20, 30, 90, "60", "2.5", "0.695", "high"),
    ],
)
def test_the_nafld_fibrosis_score_is_judged_by_age_and_unrounded(
    age, bmi, ast, alt, platelets, albumin, unrounded, grade
):
    score = nafld_fibrosis_score(
        age_years=age,
        bmi=bmi,
        diabetes_or_ifg=False,
        ast_u_l=ast,
        alt_u_l=alt,
        platelets_10e9_l=platelets,
        albumin_g_dl=albumin,
    )

    assert (score.unrounded, score.grade) == (Decimal(unrounded), grade)


def test_diabetes_or_impaired_fasting_glucose_has_its_weight():
    given = {"age_years": 50, "bmi": 30, "ast_u_l": 40, "alt_u_l": 40, "platelets_10e9_l": 200, "albumin_g_dl": 4}

    without, with_it = (nafld_fibrosis_score(**given, diabetes_or_ifg=each) for each in (False, True))

    assert with_it.unrounded - without.unrounded == Decimal("1.13")
