"""Potency and outcome of one unit come together, and what does not count or may not be seen stays out."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from biobank.domain.role import Role
from biobank.domain.site import SiteKind
from biobank.models.person import Person
from inventory.domain.assay import Qualifier, Subject
from inventory.domain.outcome import OutcomeKind
from inventory.domain.potency import Mechanism, Pair, Pairs, pairs_of
from inventory.domain.specification import SampleSource
from inventory.models.protocol import Protocol
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.potency import potency_visible_to
from inventory.services.correction import Correction, correct_result
from inventory.services.outcome import NewOutcome, report_outcome
from inventory.services.result import NewResult, record_results, verify_results
from tests.factories.person import person, site, staff
from tests.factories.protocol import protocol_in_force
from tests.factories.release import received
from tests.factories.request import coordinator
from tests.factories.time import NOON, days
from tests.factories.unit import ACCEPTED_AT, available_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (partial(available_unit, segment=True),)
A_MONTH_LATER = NOON + days(30)
HGF = "hgf_secretion"


def quality() -> Person:
    return staff(Role.QUALITY_REVIEWER)


def measured(
    unit: Unit, value: str = "900.0", assay: str = HGF, *, verified: bool = True, **otherwise: object
) -> Result:
    new = NewResult(assay, Subject.UNIT, unit=unit, value=value, **otherwise)  # type: ignore[arg-type]
    (result,) = record_results([new], by=staff(Role.LAB_TECHNICIAN), at=ACCEPTED_AT)
    if verified:
        verify_results([result.pk], by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=ACCEPTED_AT)
    return result


def report(unit: Unit, kind: OutcomeKind, on: date, **values: str) -> None:
    new = NewOutcome(kind=kind, outcome_date=on, values=values)
    report_outcome(unit, new, by=coordinator(), at=A_MONTH_LATER)


def given(unit: Unit, *, before: str = "6.0", after: str = "2.5", recipient: str = "PATIENT-7") -> Unit:
    """Bring a unit to its recipient, whose bilirubin is reported before and four weeks after."""
    received(unit, recipient=recipient)
    report(unit, OutcomeKind.BASELINE, date(2026, 3, 10), bilirubin_mg_dl=before)
    report(unit, OutcomeKind.ADMINISTRATION, date(2026, 3, 16))
    report(unit, OutcomeKind.FOLLOW_UP, date(2026, 4, 10), bilirubin_mg_dl=after)
    return unit


def rows(by: Person | None = None, protocol: Protocol | None = None, assay: str = HGF) -> list[tuple[str, str, str]]:
    """Return what is seen of one assay: unit, value, and change of bilirubin."""
    found = potency_visible_to(by or quality(), A_MONTH_LATER, protocol=protocol, scores=["bilirubin_mg_dl"])
    return [
        (each.unit, f"{each.measurement.number:f}", f"{each.change.change:f}")
        for each in found
        if each.measurement.assay == assay
    ]


def test_the_potency_of_a_unit_and_the_change_of_its_recipient_come_together():
    unit = available_unit(segment=True)
    result = measured(unit)
    given(unit)

    found = [
        each
        for each in potency_visible_to(quality(), A_MONTH_LATER, protocol=protocol_in_force())
        if (each.measurement.assay, each.change.point.name) == (HGF, "bilirubin_mg_dl")
    ]

    (row,) = found
    assert (row.protocol, row.unit, row.change.point.recipient) == (protocol_in_force().code, unit.code, "PATIENT-7")
    assert row.measurement.reference == f"result {result.pk}"
    assert row.measurement.taken_from is SampleSource.UNIT
    assert (row.measurement.number, row.change.change) == (Decimal(900), Decimal("-3.5"))
    assert row.mechanisms == {Mechanism.TROPHIC, Mechanism.ANTIFIBROTIC}
    pair = pairs_of(found, assay=HGF, taken_from=SampleSource.UNIT, score="bilirubin_mg_dl")
    assert pair == Pairs((Pair(Decimal(900), Decimal("-3.5")),), 0)


def test_what_the_attached_segment_showed_is_told_apart_from_the_unit():
    unit = available_unit(segment=True)
    sample = unit.samples.filter(role="segment").order_by("pk")[0]
    measured(unit, "40", "cfu_gm", sample=sample)
    given(unit)

    found = potency_visible_to(quality(), A_MONTH_LATER, scores=["bilirubin_mg_dl"])

    told = {(each.measurement.assay, each.measurement.taken_from) for each in found}
    assert told == {("cfu_gm", SampleSource.ATTACHED_SEGMENT), ("cfu_growth", SampleSource.ATTACHED_SEGMENT)}


def test_what_is_unverified_not_done_or_no_potency_does_not_leak_in():
    unit = available_unit(segment=True)
    measured(unit, "900.0")
    measured(unit, "800.0", "vegf_secretion", verified=False)
    measured(unit, "", "il6_secretion", qualifier=Qualifier.NOT_DONE)
    measured(unit, "30.0", "volume_ml")
    given(unit)

    found = potency_visible_to(quality(), A_MONTH_LATER, scores=["bilirubin_mg_dl"])

    assert {each.measurement.assay for each in found} == {HGF, "cfu_growth"}


def test_a_replaced_result_does_not_leak_in_and_its_correction_counts_once_verified():
    unit = available_unit(segment=True)
    old = measured(unit, "900.0")
    given(unit)
    value = NewResult(HGF, Subject.UNIT, unit=unit, value="90.0")
    new = correct_result(Correction(old.pk, value, "a slip of the decimal point"), by=quality(), at=A_MONTH_LATER)

    before_verification = rows()
    verify_results([new.pk], by=staff(Role.LAB_TECHNICIAN), at=A_MONTH_LATER)

    assert before_verification == []
    assert rows() == [(unit.code, "90.000", "-3.5")]


def test_a_unit_reported_before_but_never_given_is_not_paired():
    unit = available_unit(segment=True)
    measured(unit)
    received(unit)
    report(unit, OutcomeKind.BASELINE, date(2026, 3, 10), bilirubin_mg_dl="6.0")

    assert potency_visible_to(quality(), A_MONTH_LATER) == []


def test_of_a_protocol_only_its_own_recipients_are_seen():
    unit = available_unit(segment=True)
    measured(unit)
    given(unit)
    other = protocol_in_force(code="LIV-OTHER")

    assert rows(protocol=protocol_in_force()) == [(unit.code, "900.000", "-3.5")]
    assert rows(protocol=other) == []
    assert rows() == [(unit.code, "900.000", "-3.5")]


def test_a_site_sees_what_came_to_itself_and_nothing_of_another():
    unit = available_unit(segment=True)
    measured(unit)
    given(unit)
    stranger = person(Role.COORDINATOR, site=site("CLINIC-9", SiteKind.STUDY), username="elsewhere")

    assert rows(by=coordinator()) == [(unit.code, "900.000", "-3.5")]
    assert potency_visible_to(stranger, A_MONTH_LATER) == []


def test_the_number_of_queries_does_not_grow_with_the_units():
    first = available_unit(segment=True)
    measured(first)
    given(first)
    one = _queries()
    for number, value in enumerate(("700.0", "500.0"), start=8):
        unit = available_unit(segment=True)
        measured(unit, value)
        given(unit, after=f"{number}.5", recipient=f"PATIENT-{number}")

    assert _queries() == one
    assert [value for _, value, _ in rows()] == ["900.000", "700.000", "500.000"]


def _queries() -> int:
    by = quality()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        potency_visible_to(by, A_MONTH_LATER)
    return len(captured)
