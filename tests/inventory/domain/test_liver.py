"""Every liver score against its published and recomputed vectors.

``liver_score_vectors.csv`` was computed from the published formulas; ``published_value_seen`` is what a published
calculator shows for the same inputs, which rounds elsewhere or not at all.
"""

import csv
from dataclasses import FrozenInstanceError
from decimal import Decimal, Inexact, getcontext, localcontext
from inspect import signature
from pathlib import Path

import pytest

from inventory.domain import liver
from inventory.domain.liver import FORMULAS, INPUTS, ScoreRefused
from inventory.domain.liver_input import FLAGS, RANGES, WORDS
from tests.inventory.domain.liver_examples import USUAL, usual

VECTORS = list(
    csv.DictReader(Path(__file__).with_name("liver_score_vectors.csv").read_text(encoding="utf-8").splitlines())
)
NAMES = {
    "MELD": "meld",
    "MELD_NA_OPTN2016": "meld_na",
    "MELD_3_0": "meld_3",
    "CHILD_PUGH": "child_pugh",
    "ALBI": "albi",
    "FIB4": "fib4",
    "APRI": "apri",
    "NFS": "nafld_fibrosis_score",
}
SAID_AS = {
    "bili": "bilirubin_mg_dl",
    "creat": "creatinine_mg_dl",
    "dialysis": "on_dialysis",
    "na": "sodium_mmol_l",
    "albumin_gdl": "albumin_g_dl",
    "he_grade": "encephalopathy_grade",
    "bili_umol": "bilirubin_umol_l",
    "albumin_gl": "albumin_g_l",
    "age": "age_years",
    "ast": "ast_u_l",
    "alt": "alt_u_l",
    "plt": "platelets_10e9_l",
    "ast_uln": "ast_upper_limit_u_l",
    "dm_or_ifg": "diabetes_or_ifg",
}
EVERY_INPUT = [(score, name) for score, names in INPUTS.items() for name in names]


def inputs_of(row):
    said = dict(pair.split("=") for pair in row["inputs"].split(";"))
    if "female" in said:
        said["sex"] = "female" if said.pop("female") == "1" else "male"
    named = {SAID_AS.get(name, name): value for name, value in said.items()}
    return {name: value == "1" if name in FLAGS else value for name, value in named.items()}


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['score']}-{row['inputs']}")
def test_a_vector_is_met(row):
    score = FORMULAS[NAMES[row["score"]]](**inputs_of(row))

    raw, places = row["raw"].rpartition("unrounded=")[2], Decimal("0.0001")
    assert score.unrounded.quantize(places) == Decimal(raw).quantize(places)
    if row["score"] in {"CHILD_PUGH", "ALBI", "NFS"}:
        assert score.grade == row["result"]
    else:
        assert score.value == Decimal(row["result"])


def test_the_vectors_speak_of_every_score():
    assert {NAMES[row["score"]] for row in VECTORS} == set(FORMULAS)
    assert len(VECTORS) == 32


@pytest.mark.parametrize(
    ("score", "revision"),
    [
        ("meld", "UNOS original"),
        ("meld_na", "OPTN January 2016"),
        ("meld_3", "OPTN July 2023"),
        ("child_pugh", "Pugh 1973, INR"),
        ("albi", "Johnson 2015"),
        ("fib4", "Sterling 2006, fatty liver cut-offs by age"),
        ("apri", "Wai 2003"),
        ("nafld_fibrosis_score", "Angulo 2007, low cut-off by age"),
    ],
)
def test_a_score_names_itself_and_the_revision_of_its_formula_and_never_changes(score, revision):
    made = usual(score)

    assert (made.name, made.revision) == (score, revision)
    with pytest.raises(FrozenInstanceError):
        made.value = Decimal(7)


def test_only_what_has_classes_has_a_grade():
    graded = {score for score in FORMULAS if usual(score).grade is not None}

    assert graded == {"child_pugh", "albi", "fib4", "apri", "nafld_fibrosis_score"}


def test_the_scores_are_found_where_they_are_promised_and_take_keywords_alone():
    for name, formula in FORMULAS.items():
        assert getattr(liver, name) is formula
        assert {each.kind.name for each in signature(formula).parameters.values()} == {"KEYWORD_ONLY"}


def test_every_input_of_every_score_has_its_range_its_words_or_is_yes_or_no():
    assert {name for _, name in EVERY_INPUT} == {*RANGES, *WORDS, *FLAGS} - {"creatinine_umol_l"}


@pytest.mark.parametrize(("score", "name"), EVERY_INPUT)
def test_no_input_is_ever_taken_to_be_normal(score, name):
    given = {each: USUAL[each] for each in INPUTS[score] if each != name}
    if (score, name) == ("meld_3", "age_years") or name == "on_dialysis":
        assert FORMULAS[score](**given) == usual(score)
        return

    for missing in (given, {**given, name: None}):
        with pytest.raises(ScoreRefused, match=f"{name} is missing") as refused:
            FORMULAS[score](**missing)

        assert [(reason.code, reason.field) for reason in refused.value.reasons] == [("missing", name)]
        assert refused.value.field == name


@pytest.mark.parametrize("score", FORMULAS)
def test_everything_that_is_missing_is_named_at_once(score):
    with pytest.raises(ScoreRefused) as refused:
        FORMULAS[score]()

    not_missing = {"on_dialysis"} | ({"age_years"} if score == "meld_3" else set())
    assert [reason.field for reason in refused.value.reasons] == [n for n in INPUTS[score] if n not in not_missing]


@pytest.mark.parametrize("score", FORMULAS)
def test_a_score_is_the_same_whatever_the_caller_reckons_with(score):
    expected = usual(score)

    with localcontext() as context:
        context.prec = 3
        context.traps[Inexact] = True
        made = usual(score)
        assert getcontext().prec == 3

    assert made == expected


@pytest.mark.parametrize("score", FORMULAS)
def test_text_and_decimal_and_float_give_the_same_score(score):
    numbers = {name: USUAL[name] for name in INPUTS[score] if name in RANGES}

    assert usual(score, **{name: Decimal(text) for name, text in numbers.items()}) == usual(score)
    assert usual(score, **{name: float(text) for name, text in numbers.items()}) == usual(score)
