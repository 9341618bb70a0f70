"""Laws of the liver scores: their bounds, which way they go, and that they refuse and never fall over.

Two of MELD 3.0's terms are products, so that far out it goes the other way: in sodium where bilirubin is over 30 mg/dL,
in albumin where creatinine is over 2.7 mg/dL. The laws of these two are said of the rest.
"""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.liver import FORMULAS, INPUTS, ScoreRefused
from inventory.domain.liver_input import FLAGS, RANGES, WORDS

UP, DOWN = 1, -1
# Which way a score goes when one input grows and the others stay.
DIRECTIONS = [
    *(("meld", name, UP) for name in ("bilirubin_mg_dl", "inr", "creatinine_mg_dl")),
    *(("meld_na", name, UP) for name in ("bilirubin_mg_dl", "inr", "creatinine_mg_dl")),
    *(("meld_3", name, UP) for name in ("bilirubin_mg_dl", "inr", "creatinine_mg_dl")),
    ("meld_na", "sodium_mmol_l", DOWN),
    ("meld_3", "sodium_mmol_l", DOWN),
    ("meld_3", "albumin_g_dl", DOWN),
    *(("child_pugh", name, UP) for name in ("bilirubin_mg_dl", "inr", "encephalopathy_grade")),
    ("child_pugh", "albumin_g_dl", DOWN),
    ("albi", "bilirubin_umol_l", UP),
    ("albi", "albumin_g_l", DOWN),
    *(("fib4", name, UP) for name in ("age_years", "ast_u_l")),
    *(("fib4", name, DOWN) for name in ("alt_u_l", "platelets_10e9_l")),
    ("apri", "ast_u_l", UP),
    *(("apri", name, DOWN) for name in ("ast_upper_limit_u_l", "platelets_10e9_l")),
    *(("nafld_fibrosis_score", name, UP) for name in ("age_years", "bmi", "ast_u_l")),
    *(("nafld_fibrosis_score", name, DOWN) for name in ("alt_u_l", "platelets_10e9_l", "albumin_g_dl")),
]
BOUNDS = {
    "meld": (6, 40),
    "meld_na": (6, 40),
    "meld_3": (6, 40),
    "child_pugh": (5, 15),
    "albi": ("-5.995", "1.65"),
    "fib4": (0, 6_000_000),
    "apri": (0, 500_000),
    "nafld_fibrosis_score": (-32, 49_520),
}
WITHOUT_TURNING = {"sodium_mmol_l": ("bilirubin_mg_dl", 30), "albumin_g_dl": ("creatinine_mg_dl", Decimal("2.7"))}


def numbers_of(name):
    low = Decimal(12) if name == "age_years" else RANGES[name].low
    places = 0 if RANGES[name].whole else 3
    return st.decimals(low, RANGES[name].high, places=places, allow_nan=False, allow_infinity=False)


def plausible(name):
    if name in WORDS:
        return st.sampled_from(WORDS[name])
    return st.booleans() if name in FLAGS else numbers_of(name)


def inputs_of(score):
    return st.fixed_dictionaries({name: plausible(name) for name in INPUTS[score]})


def anything():
    numbers = st.decimals(allow_nan=True, allow_infinity=True) | st.integers() | st.floats()
    words = st.sampled_from([word for words in WORDS.values() for word in words])
    return numbers | words | st.booleans() | st.none() | st.text(max_size=12)


@pytest.mark.parametrize("score", FORMULAS)
@given(data=st.data())
def test_every_plausible_input_has_a_score_within_its_bounds(score, data):
    made = FORMULAS[score](**data.draw(inputs_of(score)))

    low, high = (Decimal(bound) for bound in BOUNDS[score])
    assert low <= made.value <= high
    assert made.grade is None or made.grade


@pytest.mark.parametrize(("score", "name", "direction"), DIRECTIONS)
@given(data=st.data())
def test_a_score_goes_one_way_with_each_input(score, name, direction, data):
    inputs = data.draw(inputs_of(score))
    less, more = sorted(data.draw(st.tuples(numbers_of(name), numbers_of(name))))
    if score == "meld_3" and name in WITHOUT_TURNING:
        other, most = WITHOUT_TURNING[name]
        inputs |= {other: min(inputs[other], most), "on_dialysis": False}

    of_less, of_more = (FORMULAS[score](**inputs | {name: each}).value for each in (less, more))

    assert (of_more - of_less) * direction >= 0


@pytest.mark.parametrize("score", FORMULAS)
@given(data=st.data())
def test_nothing_but_the_refusal_is_ever_raised(score, data):
    inputs = {name: data.draw(anything() | plausible(name)) for name in INPUTS[score]}

    with suppress(ScoreRefused):
        made = FORMULAS[score](**inputs)
        assert made.value.is_finite()


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_dialysis_is_never_better_than_any_creatinine(number):
    creatinine = min(max(number, Decimal("0.05")), Decimal(30))
    creatinine = creatinine.quantize(Decimal("0.001"))

    for score in ("meld", "meld_na", "meld_3"):
        inputs = {"bilirubin_mg_dl": 2, "inr": 2, "creatinine_mg_dl": creatinine}
        inputs |= {"sodium_mmol_l": 130} if score != "meld" else {}
        inputs |= {"albumin_g_dl": 3, "sex": "male"} if score == "meld_3" else {}
        on_dialysis = FORMULAS[score](**inputs, on_dialysis=True)
        assert on_dialysis.value >= FORMULAS[score](**inputs, on_dialysis=False).value
