from datetime import date
from decimal import Decimal

import pytest

from inventory.domain.outcome import OutcomeKind, OutcomeRefused
from inventory.models.outcome import Outcome, OutcomeScore
from inventory.services.outcome import NewOutcome, report_outcome
from tests.factories.release import inside, received, shipped
from tests.factories.request import coordinator
from tests.factories.time import NOON, days
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (received,)
A_MONTH_LATER = NOON + days(30)
FOR_MELD = {"bilirubin_mg_dl": "2.4", "inr": "1.6", "creatinine_mg_dl": "1.4", "on_dialysis": "no"}


def report(unit, kind=OutcomeKind.FOLLOW_UP, on=date(2026, 4, 10), **values):
    new = NewOutcome(kind=kind, outcome_date=on, values=values)
    return report_outcome(unit, new, by=coordinator(), at=A_MONTH_LATER)


def test_an_outcome_is_of_the_request_s_recipient():
    [unit] = inside(received())
    before = head_number()

    made = report(unit, bilirubin_mg_dl="1.2", inr="1.1")

    assert made.recipient is not None
    assert (made.recipient.code, made.values) == ("PATIENT-7", {"bilirubin_mg_dl": "1.2", "inr": "1.1"})
    assert kinds_since(before) == ["outcome.reported"]


@pytest.mark.parametrize(
    ("stated", "match"),
    [
        ({"on": date(2026, 4, 14)}, "future"),
        ({"on": date(2026, 3, 13)}, "before the unit left"),
        ({"inr": "1,1"}, "not a number"),
        ({"mood": "5"}, "not a value that outcomes have"),
        ({"creatinine_mg_dl": "88"}, "looks like µmol/L"),
        ({"bilirubin_mg_dl": "2", "meld": "17"}, "“meld” is computed from what was measured and never typed"),
        ({"bilirubin_mg_dl": "2", "bilirubin_umol_l": "34.2"}, "one quantity"),
    ],
)
def test_an_outcome_that_cannot_be_is_refused(stated, match):
    [unit] = inside(received())

    with pytest.raises(OutcomeRefused, match=match):
        report(unit, **stated)

    assert not Outcome.objects.exists()
    assert not OutcomeScore.objects.exists()


def test_a_report_keeps_the_scores_that_follow_from_it_with_inputs_class_and_revision():
    [unit] = inside(received())

    made = report(unit, **FOR_MELD)

    meld = made.scores.get(name="meld")
    assert (meld.value, meld.grade, meld.revision, meld.because) == (18, "", "UNOS original", "")
    assert meld.unrounded.startswith("18.2233517792")
    assert meld.inputs == FOR_MELD
    assert Outcome.objects.get().values == FOR_MELD


def test_a_report_keeps_why_each_other_score_was_not_computed():
    [unit] = inside(received())

    made = report(unit, **FOR_MELD)

    why = dict(made.scores.filter(value__isnull=True).values_list("name", "because"))
    assert why == {
        "meld_na": "Not reported: sodium_mmol_l.",
        "meld_3": "Not reported: sodium_mmol_l, albumin_g_dl, sex, age_years.",
        "child_pugh": "Not reported: albumin_g_dl, ascites, encephalopathy_grade, cholestatic.",
        "albi": "Not reported: albumin_g_l.",
        "fib4": "Not reported: age_years, ast_u_l, alt_u_l, platelets_10e9_l.",
        "apri": "Not reported: ast_u_l, ast_upper_limit_u_l, platelets_10e9_l.",
        "nafld_fibrosis_score": (
            "Not reported: age_years, bmi, diabetes_or_ifg, ast_u_l, alt_u_l, platelets_10e9_l, albumin_g_dl."
        ),
    }
    assert not made.scores.exclude(value__isnull=True).exclude(name="meld").exists()


def test_a_converted_input_is_kept_as_it_was_used_and_the_report_as_it_was_made():
    [unit] = inside(received())

    made = report(unit, bilirubin_mg_dl="1.2", albumin_g_dl="3.5")

    albi = made.scores.get(name="albi")
    assert {name: float(text) for name, text in albi.inputs.items()} == {"bilirubin_umol_l": 20.52, "albumin_g_l": 35}
    assert (albi.value, albi.grade) == (Decimal("-2.1090"), "2")
    assert made.values == {"bilirubin_mg_dl": "1.2", "albumin_g_dl": "3.5"}


def test_the_ledger_names_the_scores_and_what_was_not_computed():
    [unit] = inside(received())

    report(unit, **FOR_MELD)

    new = last_of("outcome.reported")["new"]
    assert new["values"] == FOR_MELD
    assert new["scores"] == {"meld": {"value": "18", "grade": "", "revision": "UNOS original"}}
    assert new["not_computed"]["meld_na"] == "Not reported: sodium_mmol_l."
    assert len(new["not_computed"]) == 7


def test_a_thaw_speaks_of_no_score():
    [unit] = inside(received())

    made = report(unit, OutcomeKind.THAW, viability_percent="88", tnc="9.1e8")

    assert not made.scores.exists()
    assert last_of("outcome.reported")["new"]["scores"] == {}


def test_liver_values_of_an_experiment_have_no_score_and_say_why():
    [unit] = inside(received())

    made = report(unit, OutcomeKind.EXPERIMENT, **FOR_MELD)

    assert set(made.scores.values_list("value", "because")) == {
        (None, "Scores are of a person, and this report is of none.")
    }


def test_what_the_site_has_not_received_has_no_outcome():
    [unit] = inside(shipped())

    with pytest.raises(OutcomeRefused, match="has not received"):
        report(unit)

    assert not Outcome.objects.exists()


def test_what_never_left_has_no_outcome():
    unit = available_unit()

    with pytest.raises(OutcomeRefused):
        report(unit, OutcomeKind.THAW)

    assert not Outcome.objects.exists()
