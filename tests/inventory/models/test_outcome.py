"""What the database itself refuses of a score."""

import pytest
from django.db import IntegrityError, transaction

from inventory.domain.liver import FORMULAS
from inventory.models.outcome import Outcome, OutcomeScore
from tests.factories.person import person
from tests.factories.time import NOON
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit,)

COMPUTED = {"value": 18, "unrounded": "18.2", "revision": "UNOS original"}


def score(outcome, name="meld", **otherwise):
    with transaction.atomic():
        return OutcomeScore.objects.create(outcome=outcome, name=name, **otherwise)


def report():
    return Outcome.objects.create(
        unit=available_unit(), kind="thaw", outcome_date=NOON.date(), reported_by=person(), reported_at=NOON
    )


def test_every_score_that_is_computed_can_be_kept_once():
    outcome = report()
    for name in FORMULAS:
        score(outcome, name, **COMPUTED | {"value": 6})

    with pytest.raises(IntegrityError):
        score(outcome, **COMPUTED)

    assert outcome.scores.count() == len(FORMULAS)


@pytest.mark.parametrize(
    ("name", "otherwise"),
    [
        ("mood", COMPUTED),
        ("meld", {}),
        ("meld", {"value": 18}),
        ("meld", COMPUTED | {"revision": ""}),
        ("meld", COMPUTED | {"unrounded": ""}),
        ("meld", COMPUTED | {"because": "both"}),
        ("albi", {"because": "not reported", "grade": "2"}),
        ("meld", {"because": "not reported", "revision": "UNOS original"}),
        ("meld", COMPUTED | {"value": "5.9"}),
        ("meld_na", COMPUTED | {"value": 41}),
        ("meld_3", COMPUTED | {"value": 41}),
        ("child_pugh", COMPUTED | {"value": 4}),
        ("child_pugh", COMPUTED | {"value": 16}),
    ],
)
def test_a_score_that_cannot_be_is_refused(name, otherwise):
    outcome = report()

    with pytest.raises(IntegrityError):
        score(outcome, name, **otherwise)

    assert not outcome.scores.exists()


def test_a_score_that_was_not_computed_says_why():
    assert score(report(), because="Not reported: inr.").value is None
