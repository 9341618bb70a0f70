"""The change of a recipient's scores from the baseline."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from inventory.domain.outcome import OutcomeKind
from inventory.domain.outcome_course import Point, changes_from_baseline

GIVEN = date(2026, 3, 10)
BEFORE = Point(1, "PATIENT-7", 5, "U-1", OutcomeKind.BASELINE, date(2026, 3, 9), "meld", Decimal(18), revision="UNOS")
AFTER = replace(BEFORE, kind=OutcomeKind.FOLLOW_UP, outcome_date=date(2026, 4, 10), value=Decimal(13))


def test_a_change_is_the_follow_up_less_the_baseline():
    later = replace(AFTER, outcome_date=date(2026, 6, 10), value=Decimal(20))

    changes = changes_from_baseline([BEFORE, AFTER, later], {1: GIVEN})

    assert [(each.point, each.baseline, each.change) for each in changes] == [(AFTER, BEFORE, -5), (later, BEFORE, 2)]


def test_the_baseline_is_the_latest_one_up_to_the_day_of_the_first_administration():
    earliest = replace(BEFORE, outcome_date=date(2026, 1, 1), value=Decimal(30))
    on_the_day = replace(BEFORE, outcome_date=GIVEN, value=Decimal(16))
    too_late = replace(BEFORE, outcome_date=date(2026, 3, 11), value=Decimal(10))

    [change] = changes_from_baseline([on_the_day, AFTER, BEFORE, too_late, earliest], {1: GIVEN})

    assert (change.baseline, change.change) == (on_the_day, -3)


def test_of_two_baselines_of_one_day_the_one_given_last_counts():
    again = replace(BEFORE, value=Decimal(17))

    [change] = changes_from_baseline([BEFORE, again, AFTER], {1: GIVEN})

    assert change.baseline == again


def test_each_recipient_and_each_score_has_a_baseline_of_its_own():
    other = replace(BEFORE, recipient_id=2, recipient="PATIENT-8", value=Decimal(30))
    albi = replace(BEFORE, name="albi", value=Decimal("-2.1"))
    points = [
        BEFORE,
        other,
        albi,
        AFTER,
        replace(AFTER, recipient_id=2),
        replace(AFTER, name="albi", value=Decimal(-1)),
    ]

    changes = changes_from_baseline(points, {1: GIVEN, 2: GIVEN})

    assert [each.change for each in changes] == [-5, -17, Decimal("1.1")]


def test_without_an_administration_there_is_no_baseline():
    [change] = changes_from_baseline([BEFORE, AFTER], {2: GIVEN})

    assert (change.change, change.baseline) == (None, None)
    assert change.because == "No administration is reported for this recipient."


def test_without_a_baseline_in_time_there_is_no_change():
    late = replace(BEFORE, outcome_date=date(2026, 3, 11))

    [change] = changes_from_baseline([late, AFTER], {1: GIVEN})

    assert (change.change, change.baseline) == (None, None)
    assert change.because == "No baseline of meld is reported up to the first administration."


def test_scores_of_different_revisions_are_not_compared():
    [change] = changes_from_baseline([BEFORE, replace(AFTER, revision="UNOS 2")], {1: GIVEN})

    assert (change.change, change.baseline) == (None, BEFORE)
    assert change.because == "The baseline was computed by UNOS, this by UNOS 2."
