"""Series of scores, their change from baseline, and the quality of the unit that was given."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from biobank.domain.role import Role
from inventory.domain.assay import Subject
from inventory.domain.outcome import OutcomeKind
from inventory.domain.specification import SampleSource
from inventory.models.recipient import Recipient
from inventory.models.result import Result
from inventory.queries.outcome import change_by_unit_quality, change_from_baseline, score_series, unit_quality
from inventory.services.disposition import use_unit
from inventory.services.outcome import NewOutcome, report_outcome
from inventory.services.result import NewResult, record_results
from tests.factories.person import staff
from tests.factories.protocol import protocol_in_force
from tests.factories.release import inside, received
from tests.factories.request import coordinator
from tests.factories.time import NOON, days
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (partial(received, recipient="PATIENT-7"), partial(received, recipient="PATIENT-8"))
LATER = NOON + days(60)
BASELINE_DAY, GIVEN_DAY, FOLLOW_UP_DAY = date(2026, 3, 10), date(2026, 3, 16), date(2026, 4, 10)
BEFORE = {"bilirubin_mg_dl": "2.4", "inr": "1.6", "creatinine_mg_dl": "1.4", "on_dialysis": "no"}
AFTER = {**BEFORE, "bilirubin_mg_dl": "1.0", "inr": "1.2"}


def report(unit, kind, on, **values):
    return report_outcome(unit, NewOutcome(kind=kind, outcome_date=on, values=values), by=coordinator(), at=LATER)


def followed(recipient="PATIENT-7", **otherwise):
    """Return a unit given to a recipient whose MELD went from 18 to 12."""
    [unit] = inside(received(recipient=recipient, **otherwise))
    report(unit, OutcomeKind.BASELINE, BASELINE_DAY, **BEFORE)
    report(unit, OutcomeKind.ADMINISTRATION, GIVEN_DAY, infused_volume_ml="24")
    report(unit, OutcomeKind.FOLLOW_UP, FOLLOW_UP_DAY, **AFTER)
    return unit


def told(points):
    return [(each.recipient, each.kind.value, each.outcome_date, each.value, each.revision) for each in points]


def test_a_series_is_of_the_recipient_by_day_with_revision():
    followed()
    followed("PATIENT-8")

    series = score_series(recipient=Recipient.objects.get(code="PATIENT-7"), names=["meld"])

    assert told(series) == [
        ("PATIENT-7", "baseline", BASELINE_DAY, 18, "UNOS original"),
        ("PATIENT-7", "follow_up", FOLLOW_UP_DAY, 12, "UNOS original"),
    ]


def test_a_series_is_of_every_recipient_of_the_protocol_and_of_no_other():
    unit = followed()
    elsewhere = protocol_in_force(code="LIVER-2")
    followed("PATIENT-1", protocol=elsewhere)

    ours, theirs = (score_series(protocol=each, names=["meld"]) for each in (protocol_in_force(), elsewhere))

    assert {(each.recipient, each.unit) for each in ours} == {("PATIENT-7", unit.code)}
    assert {each.recipient for each in theirs} == {"PATIENT-1"}
    assert len(score_series(names=["meld"])) == 4


def test_without_names_a_series_holds_scores_and_the_numbers_reported_and_no_words():
    followed()

    names = [each.name for each in score_series()]

    assert names == [
        *("meld", "bilirubin_mg_dl", "creatinine_mg_dl", "inr"),
        "infused_volume_ml",
        *("meld", "bilirubin_mg_dl", "creatinine_mg_dl", "inr"),
    ]


def test_what_was_not_computed_and_what_is_of_no_person_is_in_no_series():
    unit = followed()
    report(unit, OutcomeKind.THAW, GIVEN_DAY, viability_percent="88")

    names = {each.name for each in score_series()}

    assert not names & {"meld_na", "albi", "viability_percent"}


def test_the_change_is_from_the_latest_baseline_before_the_first_administration():
    unit = followed()
    report(unit, OutcomeKind.BASELINE, date(2026, 3, 1), **{**BEFORE, "inr": "3"})
    report(unit, OutcomeKind.BASELINE, date(2026, 3, 17), **{**BEFORE, "inr": "2"})

    [change] = change_from_baseline(recipient=Recipient.objects.get(code="PATIENT-7"), names=["meld"])

    assert (change.change, change.baseline.outcome_date, change.because) == (-6, BASELINE_DAY, "")


def test_a_number_reported_changes_as_a_score_does():
    followed()

    changes = {each.point.name: each.change for each in change_from_baseline(protocol=protocol_in_force())}

    assert changes == {
        "meld": -6,
        "bilirubin_mg_dl": Decimal("-1.4"),
        "creatinine_mg_dl": 0,
        "inr": Decimal("-0.4"),
    }


def test_the_use_of_the_unit_is_an_administration_where_none_was_reported():
    [unit] = inside(received(recipient="PATIENT-7"))
    report(unit, OutcomeKind.BASELINE, BASELINE_DAY, **BEFORE)
    report(unit, OutcomeKind.FOLLOW_UP, FOLLOW_UP_DAY, **AFTER)
    before = change_from_baseline(names=["meld"])

    use_unit(unit, left_over="nothing", occurred_at=NOON + days(2), by=coordinator(), at=LATER)
    after = change_from_baseline(names=["meld"])

    assert [(each.change, each.because) for each in before] == [
        (None, "No administration is reported for this recipient.")
    ]
    assert [(each.change, each.because) for each in after] == [(-6, "")]


def test_a_baseline_after_the_first_administration_is_none():
    [unit] = inside(received(recipient="PATIENT-7"))
    report(unit, OutcomeKind.ADMINISTRATION, GIVEN_DAY)
    report(unit, OutcomeKind.BASELINE, date(2026, 3, 17), **BEFORE)
    report(unit, OutcomeKind.FOLLOW_UP, FOLLOW_UP_DAY, **AFTER)

    [change] = change_from_baseline(names=["meld"])

    assert (change.change, change.baseline) == (None, None)
    assert "up to the first administration" in change.because


def test_a_change_stands_beside_what_was_known_of_the_unit_at_release():
    unit = followed()

    [row] = change_by_unit_quality(protocol=protocol_in_force(), names=["meld"])

    measured = {(each.assay, each.taken_from): each for each in row.quality.measurements}
    assert row.change.change == -6
    assert row.change.point.unit_id == unit.pk
    assert row.quality.released_at == NOON
    assert measured["tnc", SampleSource.UNIT].number == Result.objects.get(unit=unit, assay="tnc").number
    assert measured["tnc", SampleSource.SOURCE].number == 1_300_000_000
    assert measured["cd34_viability_percent", SampleSource.ATTACHED_SEGMENT].number == 88
    assert measured["cfu_growth", SampleSource.ATTACHED_SEGMENT].text == "growth"
    assert {each.assay for each in row.quality.measurements}.isdisjoint({"volume_ml", "hbs_ag", "hla_a"})


def test_what_came_after_the_release_does_not_change_what_was_known_at_it():
    unit = followed()
    old = Result.objects.get(unit=unit, assay="tnc")
    by, second = staff(Role.LAB_TECHNICIAN), staff(Role.LAB_TECHNICIAN, "the-second-technician")
    record_results([NewResult("viable_cd34", Subject.UNIT, unit=unit, value="1400000")], by=by, at=LATER)
    corrected = Result.objects.create(
        assay="tnc",
        subject="unit",
        unit=unit,
        number=7,
        entered_by=by,
        entered_at=LATER,
        verified_by=second,
        verified_at=LATER,
        replaces=old,
        reason="counted again",
    )

    quality = unit_quality([unit.pk])[unit.pk]

    references = {each.reference for each in quality.measurements}
    assert f"result {old.pk}" in references
    assert f"result {corrected.pk}" not in references
    assert LATER.date() > quality.released_at.date()


def test_what_was_corrected_before_the_release_counts_as_corrected():
    unit = available_unit(segment=True)
    old = Result.objects.get(unit=unit, assay="tnc")
    corrected = Result.objects.create(
        assay="tnc",
        subject="unit",
        unit=unit,
        number=old.number + 1,
        entered_by=old.entered_by,
        entered_at=NOON - days(1),
        verified_by=old.verified_by,
        verified_at=NOON - days(1),
        replaces=old,
        reason="counted again",
    )
    received(unit)

    counts = [
        each.number
        for each in unit_quality([unit.pk])[unit.pk].measurements
        if (each.assay, each.taken_from) == ("tnc", SampleSource.UNIT)
    ]

    assert counts == [corrected.number]


def test_of_a_unit_that_was_never_released_nothing_was_known_at_release():
    unit = available_unit()

    quality = unit_quality([unit.pk])[unit.pk]

    assert (quality.released_at, quality.measurements) == (None, ())


@pytest.mark.parametrize(
    ("query", "queries"), [(score_series, 4), (change_from_baseline, 4), (change_by_unit_quality, 8)]
)
def test_one_recipient_costs_as_many_queries_as_two(query, queries, django_assert_num_queries):
    unit, protocol = followed(), protocol_in_force()
    use_unit(unit, left_over="nothing", occurred_at=NOON + days(2), by=coordinator(), at=LATER)

    with django_assert_num_queries(queries):
        of_one = query(protocol=protocol)
    followed("PATIENT-8")
    report(unit, OutcomeKind.FOLLOW_UP, date(2026, 5, 10), **AFTER)
    with django_assert_num_queries(queries):
        of_two = query(protocol=protocol)

    assert len(of_two) > len(of_one) > 0
