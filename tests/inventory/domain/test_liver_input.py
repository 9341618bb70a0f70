"""What liver scores take as an input, and what they refuse."""

from decimal import Decimal

import pytest

from inventory.domain.liver import FORMULAS, INPUTS, ScoreRefused, apri, child_pugh, meld, meld_na, nafld_fibrosis_score
from inventory.domain.liver_input import FLAGS, RANGES, WORDS, as_decimal, obstacles_to_input, read_inputs
from tests.inventory.domain.liver_examples import USUAL, usual

BY_RANGE = [(name, plausible) for name, plausible in RANGES.items() if name != "creatinine_umol_l"]
STEP = Decimal("0.0001")


def score_with(name):
    return next(score for score, names in INPUTS.items() if name in names)


@pytest.mark.parametrize(("name", "plausible"), BY_RANGE)
def test_a_plausible_range_holds_both_its_ends_and_nothing_beyond(name, plausible):
    score = score_with(name)

    if name != "age_years" or score != "meld_3":
        usual(score, **{name: plausible.low})
    usual(score, **{name: plausible.high})
    for outside in (plausible.low - STEP, plausible.high + STEP, -plausible.high):
        with pytest.raises(ScoreRefused, match=plausible.of) as refused:
            usual(score, **{name: outside})
        assert [reason.code for reason in refused.value.reasons] == ["implausible"]


@pytest.mark.parametrize(
    ("score", "given", "told"),
    [
        ("meld", {"creatinine_mg_dl": 88}, "Creatinine 88 mg/dL is not from 0.05 to 30 mg/dL; it looks like µmol/L"),
        ("meld_na", {"creatinine_mg_dl": "106.1"}, "looks like µmol/L"),
        ("meld_3", {"creatinine_mg_dl": 88.4}, "looks like µmol/L"),
        ("meld", {"bilirubin_mg_dl": 171}, "looks like µmol/L"),
        ("meld_3", {"albumin_g_dl": 40}, "looks like g/L"),
        ("child_pugh", {"albumin_g_dl": 35}, "looks like g/L"),
        ("albi", {"albumin_g_l": "4.0"}, "looks like g/dL"),
        ("albi", {"bilirubin_umol_l": "0.8"}, "looks like mg/dL"),
        ("fib4", {"platelets_10e9_l": 250000}, "looks like platelets per microlitre"),
        ("meld", {"inr": 70}, "looks like per cent or seconds"),
        ("apri", {"ast_u_l": "0.6"}, "looks like µkat/L"),
        ("meld", {"inr": "20.1"}, "INR 20.1 is not from 0.5 to 20"),
        ("meld", {"inr": "0.49"}, "INR 0.49 is not from 0.5 to 20"),
        ("meld_na", {"sodium_mmol_l": 0}, r"Sodium 0 mmol/L is not from 90 to 190 mmol/L\."),
        ("meld", {"bilirubin_mg_dl": 0}, r"Bilirubin 0 mg/dL is not from 0.05 to 80 mg/dL\."),
        ("meld", {"bilirubin_mg_dl": -1}, r"Bilirubin -1 mg/dL is not from 0.05 to 80 mg/dL\."),
        ("fib4", {"alt_u_l": 0}, "ALT 0 U/L is not from"),
        ("nafld_fibrosis_score", {"alt_u_l": 0}, "ALT 0 U/L is not from"),
        ("fib4", {"platelets_10e9_l": 0}, "Platelets 0"),
    ],
)
def test_a_number_in_another_unit_is_refused_and_told_so_and_never_converted(score, given, told):
    with pytest.raises(ScoreRefused, match=told):
        usual(score, **given)


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        "",
        " ",
        "1,4",
        "1_4",
        " 1.4",
        "1.4 mg/dL",
        "<1.4",
        "１.４",
        "1.",
        ".5",
        "1e",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1e9999",
        "9" * 10_000,
        "1." + "1" * 34,
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("-Infinity"),
        float("nan"),
        float("inf"),
        [],
        b"1.4",
        1 + 0j,
    ],
)
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ScoreRefused, match="bilirubin_mg_dl is not a number") as refused:
        meld(bilirubin_mg_dl=value, inr=1, creatinine_mg_dl=1)

    assert [reason.code for reason in refused.value.reasons] == ["number"]


@pytest.mark.parametrize(
    "value",
    [10**5000, -(10**5000), Decimal("1e9999"), Decimal("1e-9999"), "1e999", 1e300],
    ids=["huge", "hugely negative", "large power", "small power", "text", "float"],
)
def test_a_number_of_any_size_is_refused_in_a_short_sentence(value):
    with pytest.raises(ScoreRefused) as refused:
        meld(bilirubin_mg_dl=value, inr=1, creatinine_mg_dl=1)

    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (2, "2"),
        ("2.50", "2.5"),
        ("+2.5", "2.5"),
        ("25e-1", "2.5"),
        (0.1, "0.1"),
        (20.519999999999996, "20.519999999999996"),
        (Decimal("1." + "1" * 33), "1." + "1" * 33),
        ("1." + "0" * 40, "1"),
    ],
)
def test_a_number_is_taken_exactly_as_it_is_written(value, number):
    assert as_decimal(value) == Decimal(number)


@pytest.mark.parametrize("name", sorted(FLAGS))
def test_yes_or_no_is_said_as_such(name):
    for value in (True, False, 1, 0):
        assert obstacles_to_input(name, value) == []
    for value in ("yes", "0", "", 2, 1.0, [], Decimal(1)):
        assert [reason.code for reason in obstacles_to_input(name, value)] == ["flag"]


@pytest.mark.parametrize(("name", "words"), WORDS.items())
def test_a_word_is_one_of_its_list_exactly(name, words):
    for word in words:
        assert obstacles_to_input(name, word) == []
    for word in (words[0].upper(), f" {words[0]}", "", "severe", 1, True, ["none"]):
        assert [reason.code for reason in obstacles_to_input(name, word)] == ["word"]


@pytest.mark.parametrize("grade", ["0.5", 1.5, Decimal("3.99")])
def test_a_grade_of_encephalopathy_is_whole(grade):
    with pytest.raises(ScoreRefused, match="whole number"):
        usual("child_pugh", encephalopathy_grade=grade)


def test_every_fault_is_told_at_once():
    with pytest.raises(ScoreRefused, match=r"^MELD cannot be computed\. bilirubin") as refused:
        meld(bilirubin_mg_dl="low", inr=None, creatinine_mg_dl=88, on_dialysis="no")

    assert [(reason.field, reason.code) for reason in refused.value.reasons] == [
        ("bilirubin_mg_dl", "number"),
        ("inr", "missing"),
        ("creatinine_mg_dl", "implausible"),
        ("on_dialysis", "flag"),
    ]
    assert refused.value.field == "bilirubin_mg_dl"
    assert refused.value.code == "score-refused"


def test_a_creatinine_in_another_unit_is_refused_on_dialysis_too():
    with pytest.raises(ScoreRefused, match="µmol/L"):
        meld(bilirubin_mg_dl=1, inr=1, creatinine_mg_dl=440, on_dialysis=True)


@pytest.mark.parametrize("call", [meld, meld_na, child_pugh, apri, nafld_fibrosis_score])
def test_an_input_that_no_score_has_is_no_input(call):
    with pytest.raises(TypeError):
        call(**USUAL)


def test_inputs_are_read_once_and_kept_by_kind():
    given = read_inputs("A score", inr="1.10", sex="male", cholestatic=1)

    assert dict(given.numbers) == {"inr": Decimal("1.1")}
    assert dict(given.words) == {"sex": "male"}
    assert given.flags["cholestatic"] is True
    assert set(FORMULAS) == set(INPUTS)
