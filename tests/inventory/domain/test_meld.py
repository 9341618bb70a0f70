"""The three MELD scores at their clamps, their rounding and their ages.

Formulas: United Network for Organ Sharing (original), Organ Procurement and Transplantation Network, January 2016 and
July 2023.
"""

from decimal import Decimal
from math import log

import pytest

from inventory.domain.liver import ScoreRefused, meld, meld_3, meld_na

NORMAL = {"bilirubin_mg_dl": 1, "inr": 1, "creatinine_mg_dl": 1}
ADULT = {**NORMAL, "sodium_mmol_l": 137, "albumin_g_dl": "3.5", "sex": "male"}
CLOSE = Decimal("0.0000001")


@pytest.mark.parametrize("name", ["bilirubin_mg_dl", "inr", "creatinine_mg_dl"])
def test_what_is_under_one_counts_as_one(name):
    for low in ("0.5", "0.99", 1):
        assert meld(**{**NORMAL, name: low}).unrounded == Decimal("6.43")
        assert meld_na(**{**NORMAL, name: low}, sodium_mmol_l=125).unrounded == 6
        assert meld_3(**{**ADULT, name: low}).unrounded == 6
    assert meld(**{**NORMAL, name: "1.01"}).unrounded > Decimal("6.43")


@pytest.mark.parametrize(("score", "cap"), [(meld, "4.0"), (meld_na, "4.0"), (meld_3, "3.0")])
def test_creatinine_counts_up_to_the_cap_and_dialysis_is_the_cap(score, cap):
    given = {**ADULT, "bilirubin_mg_dl": 3} if score is meld_3 else {**NORMAL, "bilirubin_mg_dl": 3}
    given |= {"sodium_mmol_l": 130} if score is meld_na else {}
    at_cap = score(**{**given, "creatinine_mg_dl": cap})

    assert score(**{**given, "creatinine_mg_dl": Decimal(cap) + Decimal("0.01")}) == at_cap
    assert score(**{**given, "creatinine_mg_dl": 30}) == at_cap
    assert score(**{**given, "creatinine_mg_dl": "0.7"}, on_dialysis=True) == at_cap
    assert score(**{**given, "creatinine_mg_dl": Decimal(cap) - Decimal("0.5")}).unrounded < at_cap.unrounded


@pytest.mark.parametrize(
    ("given", "unrounded"),
    [
        ({"bilirubin_mg_dl": 3}, 3.78 * log(3) + 6.43),
        ({"inr": 2}, 11.2 * log(2) + 6.43),
        ({"creatinine_mg_dl": 2}, 9.57 * log(2) + 6.43),
        (
            {"creatinine_mg_dl": 2, "inr": 3, "bilirubin_mg_dl": 20},
            9.57 * log(2) + 3.78 * log(20) + 11.2 * log(3) + 6.43,
        ),
    ],
)
def test_each_input_has_its_weight_in_meld(given, unrounded):
    assert abs(meld(**{**NORMAL, **given}).unrounded - Decimal(unrounded)) < CLOSE


def test_a_meld_is_from_6_to_40():
    worst = {"bilirubin_mg_dl": 80, "inr": 20, "creatinine_mg_dl": 4}

    assert [meld(**NORMAL).value, meld(**worst).value] == [6, 40]
    assert meld(**worst).unrounded > 60
    assert meld_na(**worst, sodium_mmol_l=125).value == 40
    assert meld_3(**worst, sodium_mmol_l=125, albumin_g_dl="1.5", sex="female").value == 40


def test_the_initial_meld_is_rounded_to_one_decimal_before_it_is_multiplied():
    # 0.957 ln 1.4 + 0.378 ln 3.2 + 1.12 ln 1.8 + 0.643 is 2.063, which is 21 and not 20.63.
    score = meld_na(bilirubin_mg_dl="3.2", inr="1.8", creatinine_mg_dl="1.4", sodium_mmol_l=134)

    assert score.unrounded == Decimal("22.881")
    assert score.unrounded == 21 + Decimal("1.32") * 3 - Decimal("0.033") * 21 * 3


@pytest.mark.parametrize(
    ("inr", "initial", "sodium_counts"),
    [("1.5", 11, False), ("1.56", 11, False), ("1.57", 11, False), ("1.58", 12, True), ("1.6", 12, True)],
)
def test_sodium_counts_where_the_initial_meld_is_over_eleven(inr, initial, sodium_counts):
    # 1.12 ln(INR) + 0.643 reaches 1.15, and with it 12, between an INR of 1.57 and 1.58.
    score = meld_na(**{**NORMAL, "inr": inr}, sodium_mmol_l=130)

    with_sodium = initial + Decimal("1.32") * 7 - Decimal("0.033") * initial * 7
    assert score.unrounded == (with_sodium if sodium_counts else initial)
    assert meld_na(**{**NORMAL, "inr": inr}, sodium_mmol_l=137).unrounded == initial


@pytest.mark.parametrize("score", [meld_na, meld_3])
def test_sodium_counts_from_125_to_137(score):
    given = {"bilirubin_mg_dl": 3, "inr": "1.8", "creatinine_mg_dl": "1.4"}
    given |= {"albumin_g_dl": 3, "sex": "male"} if score is meld_3 else {}
    by_sodium = {sodium: score(**given, sodium_mmol_l=sodium).unrounded for sodium in (100, 125, 126, 136, 137, 150)}

    assert by_sodium[100] == by_sodium[125] > by_sodium[126] > by_sodium[136] > by_sodium[137] == by_sodium[150]


def test_albumin_counts_from_one_and_a_half_to_three_and_a_half():
    by_albumin = {
        albumin: meld_3(**{**ADULT, "albumin_g_dl": albumin}).unrounded for albumin in ("1", "1.5", "3.5", "5")
    }

    assert by_albumin == {"1": Decimal("9.7"), "1.5": Decimal("9.7"), "3.5": Decimal(6), "5": Decimal(6)}


@pytest.mark.parametrize(
    ("given", "unrounded"),
    [
        ({"bilirubin_mg_dl": 3}, 4.56 * log(3) + 6),
        ({"sodium_mmol_l": 130}, 0.82 * 7 + 6),
        ({"sodium_mmol_l": 130, "bilirubin_mg_dl": 3}, 4.56 * log(3) + 0.82 * 7 - 0.24 * 7 * log(3) + 6),
        ({"inr": 2}, 9.09 * log(2) + 6),
        ({"creatinine_mg_dl": 2}, 11.14 * log(2) + 6),
        ({"albumin_g_dl": 2}, 1.85 * 1.5 + 6),
        ({"albumin_g_dl": 2, "creatinine_mg_dl": 2}, 1.85 * 1.5 - 1.83 * 1.5 * log(2) + 11.14 * log(2) + 6),
        ({"sex": "female"}, 7.33),
    ],
)
def test_each_input_has_its_weight_in_meld_3(given, unrounded):
    assert abs(meld_3(**{**ADULT, **given}).unrounded - Decimal(unrounded)) < CLOSE


@pytest.mark.parametrize(
    ("age", "male", "female"),
    [
        ("12", "7.33", "7.33"),
        ("17", "7.33", "7.33"),
        ("17.99", "7.33", "7.33"),
        ("18", "6", "7.33"),
        ("70", "6", "7.33"),
        (None, "6", "7.33"),
    ],
)
def test_from_12_to_17_years_both_sexes_are_given_the_points_of_the_female(age, male, female):
    scores = [meld_3(**{**ADULT, "sex": sex}, age_years=age).unrounded for sex in ("male", "female")]

    assert scores == [Decimal(male), Decimal(female)]


@pytest.mark.parametrize("age", [0, 5, "11.99"])
def test_under_12_years_there_is_no_meld_3(age):
    with pytest.raises(ScoreRefused, match="PELD") as refused:
        meld_3(**ADULT, age_years=age)

    assert [(reason.code, reason.field) for reason in refused.value.reasons] == [("age", "age_years")]


@pytest.mark.parametrize(
    ("sodium", "albumin", "unrounded", "value"),
    [
        # With bilirubin, INR and creatinine at 1 the formula has no logarithm, so that a half is exactly one.
        ("135.35", "2.88", "8.5", 9),
        ("135.35", "2.8800001", "8.499999815", 8),
        ("134.4", "2.22", "10.5", 11),
        ("134.4", "2.2200001", "10.499999815", 10),
        ("136.75", "2.8", "7.5", 8),
    ],
)
def test_a_result_is_rounded_half_up(sodium, albumin, unrounded, value):
    score = meld_3(**{**ADULT, "sodium_mmol_l": sodium, "albumin_g_dl": albumin})

    assert (score.unrounded, score.value) == (Decimal(unrounded), value)
