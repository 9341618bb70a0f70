"""What a site reported is corrected by two persons, and every score of it is computed anew."""

import json
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.correction import CorrectionRefused
from inventory.domain.outcome import OutcomeKind
from inventory.models.correction import Correction
from inventory.models.deviation import Deviation
from inventory.models.outcome import Outcome, OutcomeScore
from inventory.queries.correction_proof import correction_findings
from inventory.services.outcome import NewOutcome, report_outcome
from tests.factories.correction import confirmed, correction
from tests.factories.person import staff
from tests.factories.release import inside, received
from tests.factories.request import coordinator
from tests.factories.time import NOON, days
from tests.factories.trail import last_of
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (received,)
REPORTED_AT, LATER = NOON + days(30), NOON + days(31)
FOR_MELD = {"bilirubin_mg_dl": "2.4", "inr": "1.6", "creatinine_mg_dl": "1.4", "on_dialysis": "no"}


def reported(on=date(2026, 4, 10), **values):
    [unit] = inside(received())
    new = NewOutcome(kind=OutcomeKind.FOLLOW_UP, outcome_date=on, values=values or FOR_MELD)
    return report_outcome(unit, new, by=coordinator(), at=REPORTED_AT)


def propose(outcome, field, value, **otherwise):
    return correction("outcome", outcome.pk, field, value, **{"at": LATER} | otherwise)


def fresh(row):
    row.refresh_from_db()
    return row


def test_a_report_is_corrected_by_two_persons_and_its_scores_are_computed_anew():
    outcome, other = reported(), reported(on=date(2026, 4, 11))
    right = FOR_MELD | {"inr": "2.6"}

    made = propose(outcome, "values", json.dumps(right))

    assert (made.status, made.rested, fresh(outcome).values) == ("proposed", ["report"], FOR_MELD)
    with pytest.raises(CorrectionRefused, match="does not confirm it"), nothing_changes():
        confirmed(made, by=made.asked_by, at=LATER)

    made = confirmed(made, at=LATER)

    assert (fresh(outcome).values, made.status, made.deviation) == (right, "in_effect", None)
    assert json.loads(Correction.objects.get().old_value) == FOR_MELD
    assert (outcome.scores.get(name="meld").value, other.scores.get(name="meld").value) == (24, 18)
    assert fresh(other).values == FOR_MELD
    assert outcome.scores.get(name="meld").inputs["inr"] == "2.6"
    assert not Deviation.objects.exists()
    assert list(correction_findings()) == []


def test_the_ledger_tells_the_scores_of_the_old_values_beside_the_new():
    outcome = reported()
    propose_and_confirm(outcome, "values", json.dumps(FOR_MELD | {"inr": "2.6"}))

    told = last_of("fact.corrected")
    assert json.loads(told["old"]["values"])["inr"] == "1.6"
    entry = scores_told()
    assert (entry["old"]["scores"]["meld"]["value"], entry["new"]["scores"]["meld"]["value"]) == ("18", "24")


def propose_and_confirm(outcome, field, value):
    return confirmed(propose(outcome, field, value), at=LATER)


def scores_told():
    bodies = [json.loads(each.body) for each in LedgerEntry.objects.filter(kind="fact.corrected").order_by("number")]
    return next(body for body in bodies if body["new"]["fact"] == "outcome.scores")


def test_a_score_that_follows_no_more_says_so_and_one_that_follows_now_is_written():
    outcome, thaw = reported(), reported(viability_percent="88")
    assert not thaw.scores.exists()

    propose_and_confirm(outcome, "values", '{"viability_percent": "88"}')
    propose_and_confirm(thaw, "values", json.dumps(FOR_MELD))

    assert set(outcome.scores.values_list("value", "because")) == {
        (None, "Nothing is reported any more that scores are made of.")
    }
    assert thaw.scores.get(name="meld").value == 18


def test_a_report_of_no_person_has_no_score_once_its_kind_is_corrected():
    outcome = reported()

    propose_and_confirm(outcome, "kind", "experiment")

    assert fresh(outcome).kind == "experiment"
    assert not outcome.scores.filter(value__isnull=False).exists()


def test_the_day_of_a_report_is_corrected_and_its_scores_stay():
    outcome = reported()
    before = list(outcome.scores.order_by("pk").values())

    propose_and_confirm(outcome, "outcome_date", "2026-04-09")

    assert fresh(outcome).outcome_date == date(2026, 4, 9)
    assert list(outcome.scores.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("field", "value", "match"),
    [
        ("values", json.dumps(FOR_MELD | {"inr": "1,1"}), "not a number"),
        ("values", json.dumps(FOR_MELD | {"meld": "17"}), "never typed"),
        ("values", json.dumps(FOR_MELD | {"bilirubin_umol_l": "34.2"}), "one quantity"),
        ("values", '{"mood": "5"}', "not a value that outcomes have"),
        ("values", '{"inr": 2}', "cannot be read"),
        ("values", '["inr"]', "cannot be read"),
        ("values", json.dumps(FOR_MELD), "is that already"),
        ("outcome_date", "2026-03-13", "before the unit left"),
        ("outcome_date", "2026-04-14", "in the future"),
        ("outcome_date", "20260409", "is a day like"),
        ("outcome_date", "2026-02-30", "is a day like"),
        ("kind", "autopsy", "is one of"),
        ("unit", "another", "is not corrected"),
    ],
)
def test_what_no_site_can_have_reported_is_refused_and_nothing_changes(field, value, match):
    outcome = reported()

    with pytest.raises(CorrectionRefused, match=match), nothing_changes():
        propose(outcome, field, value)


def statements(outcome):
    """Return statements that would change a report, or what was computed of it, past every service."""
    mine, scores = Outcome.objects.filter(pk=outcome.pk), OutcomeScore.objects.filter(outcome=outcome, name="meld")
    return (
        lambda: mine.update(values={}),
        lambda: mine.update(outcome_date=date(2026, 4, 9)),
        lambda: mine.update(kind="experiment"),
        lambda: mine.update(reported_by=staff(Role.LAB_TECHNICIAN)),
        lambda: scores.update(value=7),
    )


def test_a_report_and_its_scores_change_only_by_a_correction():
    for statement in statements(reported()):
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()


def test_canary_without_their_guards_every_one_of_them_is_written():
    wanted = statements(reported())

    drop_guards(connection)
    try:
        assert [statement() for statement in wanted] == [1] * len(wanted)
    finally:
        install_guards(connection)


def test_a_corrected_day_is_exactly_the_day_of_its_correction():
    outcome = reported()
    made = propose(outcome, "outcome_date", "2026-04-09")
    Correction.objects.filter(pk=made.pk).update(
        status="applying", confirmed_by=staff(Role.QUALITY_REVIEWER), confirmed_at=LATER
    )
    mine = Outcome.objects.filter(pk=outcome.pk)

    with pytest.raises(DatabaseError), transaction.atomic():
        mine.update(outcome_date=date(2026, 4, 8))
    with pytest.raises(DatabaseError), transaction.atomic():
        mine.update(values={})

    assert mine.update(outcome_date=date(2026, 4, 9)) == 1
