from datetime import date

import pytest

from inventory.domain.outcome import OutcomeKind, OutcomeRefused
from inventory.models.outcome import Outcome
from inventory.services.outcome import NewOutcome, report_outcome
from tests.factories.release import received, shipped
from tests.factories.request import coordinator
from tests.factories.time import NOON, days
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db
A_MONTH_LATER = NOON + days(30)


def report(unit, kind=OutcomeKind.FOLLOW_UP, on=date(2026, 4, 10), **values):
    new = NewOutcome(kind=kind, outcome_date=on, values=values)
    return report_outcome(unit, new, by=coordinator(), at=A_MONTH_LATER)


def test_an_outcome_is_of_the_request_s_recipient():
    unit = available_unit(segment=True)
    received(unit)
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
    ],
)
def test_an_outcome_that_cannot_be_is_refused(stated, match):
    unit = available_unit(segment=True)
    received(unit)

    with pytest.raises(OutcomeRefused, match=match):
        report(unit, **stated)

    assert not Outcome.objects.exists()


def test_what_the_site_has_not_received_has_no_outcome():
    unit = available_unit(segment=True)
    shipped(unit)

    with pytest.raises(OutcomeRefused, match="has not received"):
        report(unit)

    assert not Outcome.objects.exists()


def test_what_never_left_has_no_outcome():
    unit = available_unit()

    with pytest.raises(OutcomeRefused):
        report(unit, OutcomeKind.THAW)

    assert not Outcome.objects.exists()
