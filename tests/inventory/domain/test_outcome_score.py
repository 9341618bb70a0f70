"""Which scores follow from one report, and why the others do not."""

from decimal import Decimal

import pytest

from inventory.domain.liver import FORMULAS, INPUTS
from inventory.domain.outcome import CHOICES, NUMBERS, OutcomeKind
from inventory.domain.outcome_score import CONVERSIONS, EVERY_INPUT, scores_of

# One day's values of which every score can be computed.
ALL = {
    "bilirubin_mg_dl": "2.4",
    "creatinine_mg_dl": "1.4",
    "albumin_g_dl": "3.1",
    "inr": "1.6",
    "sodium_mmol_l": "131",
    "platelets_10e9_l": "95",
    "alt_u_l": "48",
    "ast_u_l": "77",
    "ast_upper_limit_u_l": "40",
    "age_years": "58",
    "bmi": "29",
    "encephalopathy_grade": "1",
    "sex": "female",
    "ascites": "mild",
    "on_dialysis": "no",
    "cholestatic": "no",
    "diabetes_or_ifg": "yes",
}
IN_SI = {"bilirubin_umol_l": "41.04", "creatinine_umol_l": "123.76", "albumin_g_l": "31"}
PERSON = OutcomeKind.FOLLOW_UP


def by_name(values, kind=PERSON):
    return {line.name: line for line in scores_of(kind, values)}


def test_a_full_report_has_every_score():
    lines = by_name(ALL)

    assert list(lines) == list(FORMULAS)
    assert {name: (str(line.score.value), line.score.grade) for name, line in lines.items()} == {
        "meld": ("18", None),
        "meld_na": ("22", None),
        "meld_3": ("23", None),
        "child_pugh": ("9", "B"),
        "albi": ("-1.5703", "2"),
        "fib4": ("6.79", "high"),
        "apri": ("2.026", "cirrhosis"),
        "nafld_fibrosis_score": ("2.6341", "high"),
    }
    assert {line.because for line in lines.values()} == {""}


def test_a_report_in_si_units_has_the_same_scores_by_named_conversions():
    others = {name: text for name, text in ALL.items() if name not in {"bilirubin_mg_dl", "creatinine_mg_dl"}}
    others.pop("albumin_g_dl")

    lines = by_name({**others, **IN_SI})

    assert {name: line.score for name, line in lines.items()} == {n: line.score for n, line in by_name(ALL).items()}
    assert Decimal(lines["meld"].inputs["bilirubin_mg_dl"]) == Decimal("2.4")
    assert set(lines["meld"].inputs) == set(INPUTS["meld"])


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_score_without_one_of_its_inputs_is_not_computed_and_says_which(name):
    without = {each: text for each, text in ALL.items() if each != name}

    lines = by_name(without)

    needing = {
        score
        for score, inputs in INPUTS.items()
        if name in inputs or (score == "albi" and name in {"bilirubin_mg_dl", "albumin_g_dl"})
    }
    assert {score for score, line in lines.items() if line.score is None} == needing
    for score in needing:
        missing = {"bilirubin_mg_dl": "bilirubin_umol_l", "albumin_g_dl": "albumin_g_l"}.get(name, name)
        told = missing if score == "albi" else name
        assert lines[score].because == f"Not reported: {told}."


def test_dialysis_and_age_are_not_taken_for_granted_in_a_report():
    lines = by_name({name: text for name, text in ALL.items() if name not in {"on_dialysis", "age_years"}})

    assert lines["meld"].because == "Not reported: on_dialysis."
    assert lines["meld_3"].because == "Not reported: age_years, on_dialysis."


def test_yes_and_no_are_understood():
    no, yes = (by_name({**ALL, "on_dialysis": word})["meld"].score.value for word in ("no", "yes"))

    assert (no, yes) == (18, 28)


def test_a_score_that_has_no_meaning_for_this_person_says_so():
    lines = by_name({**ALL, "age_years": "9"})

    assert lines["meld_3"].score is None
    assert lines["meld_3"].because == "Under 12 years PELD counts, which is not computed here."
    assert lines["meld"].score.value == 18


@pytest.mark.parametrize("kind", [OutcomeKind.THAW, OutcomeKind.EXPERIMENT])
def test_what_is_of_no_person_has_no_score(kind):
    lines = scores_of(kind, ALL)

    assert {line.score for line in lines} == {None}
    assert {line.because for line in lines} == {"Scores are of a person, and this report is of none."}


@pytest.mark.parametrize("values", [{}, {"tnc": "9e8", "viability_percent": "88", "fibrosis_stage": "2"}])
def test_a_report_of_nothing_that_scores_are_made_of_speaks_of_none(values):
    assert scores_of(PERSON, values) == []


def test_every_input_of_every_score_can_be_reported():
    assert {*CHOICES, *NUMBERS} >= EVERY_INPUT
    assert {*CONVERSIONS, *ALL, *IN_SI} <= EVERY_INPUT
