from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.services.guard import drop_guards, install_guards
from inventory.domain.assay import Qualifier, Subject
from inventory.domain.result import ValueRefused
from inventory.domain.typing import typing_of
from inventory.domain.unit import UnitState
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.reservation import Reservation
from inventory.models.result import Result
from inventory.queries.result import current_results
from inventory.services.correction import Correction, correct_result
from inventory.services.result import NewResult, ResultRefused
from tests.factories.origin import reported, taken_in
from tests.factories.release import issued_release
from tests.factories.request import submitted_request
from tests.factories.result import correct, current, of, of_infant, of_mother, record, technician, verify
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import available_unit, measured_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (measured_unit,)


def test_a_correction_keeps_the_old_result_and_waits_to_be_verified():
    unit = measured_unit()
    old = current(unit, "viable_cd34")
    before = head_number()

    new = correct(old, of(unit, "viable_cd34", "2000000"))

    old.refresh_from_db()
    assert (old.number, old.verified_at is None) == (Decimal(3900000), False)
    assert (new.replaces, new.number, new.verified_at) == (old, Decimal(2000000), None)
    assert kinds_since(before) == ["result.corrected"]
    entry = last_of("result.corrected")
    assert (entry["old"]["number"], entry["new"]["number"]) == ("3900000.000", "2000000")
    assert entry["reason"] == "typed into the wrong row"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_correction_gives_its_reason(reason):
    unit = measured_unit()

    with pytest.raises(ResultRefused, match="gives its reason"), nothing_changes():
        correct(current(unit, "viable_cd34"), of(unit, "viable_cd34", "2000000"), reason)


def test_a_correction_is_of_the_same_assay_and_subject():
    unit, other = measured_unit(), measured_unit()
    typing = Result.objects.get(donation=unit.donation, assay="hla_a")
    mothers = NewResult("hla_a", Subject.MOTHER, donation=unit.donation, value="A*01:01+A*01:01")

    for old, value in (
        (current(unit, "viable_cd34"), of(other, "viable_cd34", "2000000")),
        (current(unit, "viable_cd34"), of(unit, "cd34_total", "2000000")),
        (typing, mothers),
    ):
        with pytest.raises(ResultRefused, match="same assay and the same subject"), nothing_changes():
            correct(old, value)


def test_what_another_bank_reported_is_corrected_as_reported_and_never_becomes_our_own_measurement():
    unit = taken_in()[0]
    tnc = next(each for each in reported(unit) if each.assay == "tnc")

    with pytest.raises(ResultRefused, match="corrected as reported"), nothing_changes():
        correct(tnc, of(unit, "tnc", "1200000000"))
    new = correct(tnc, of(unit, "tnc", "1200000000", reported_by=tnc.reported_by))

    assert (new.replaces, new.reported_by) == (tnc, tnc.reported_by)
    with pytest.raises(ResultRefused, match="quality attests it"):
        verify(new)


def as_our_own():
    """Return a write past the services that makes a measurement of the bank's own of what was reported."""
    old = reported(taken_in()[0])[0]
    names = ("assay", "subject", "unit_id", "number", "text", "qualifier", "entered_by_id", "entered_at")
    row = {name: getattr(old, name) for name in names}
    return lambda: Result.objects.create(replaces=old, reason="typed wrongly", **row)


def test_the_database_itself_refuses_to_make_it_our_own():
    write = as_our_own()

    with pytest.raises(DatabaseError, match="never becomes a measurement"), transaction.atomic():
        write()


def test_canary_without_its_guard_it_becomes_our_own():
    write = as_our_own()

    drop_guards(connection)
    try:
        assert write().reported_by == ""
    finally:
        install_guards(connection)


def test_what_was_corrected_is_corrected_no_more_and_what_does_not_exist_not_at_all():
    unit = measured_unit()
    old = current(unit, "viable_cd34")
    correct(old, of(unit, "viable_cd34", "2000000"))

    with pytest.raises(ResultRefused, match="corrected already"), nothing_changes():
        correct(old, of(unit, "viable_cd34", "2100000"))
    with pytest.raises(ResultRefused, match="does not exist"), nothing_changes():
        correct_result(Correction(0, of(unit), "why"), by=technician(), at=NOON)


def test_a_corrected_count_corrects_the_recovery_that_was_computed_from_it():
    unit = measured_unit()
    assert current(unit, "tnc_recovery_percent").number == Decimal("84.615")

    correct(current(unit, "tnc"), of(unit, value="650000000"))

    recovery = current(unit, "tnc_recovery_percent")
    assert (recovery.number, recovery.verified_at) == (Decimal("50.000"), None)
    assert recovery.reason == "computed from a corrected count"


def test_a_corrected_count_before_processing_corrects_the_childs_recovery():
    unit = measured_unit()
    parent = unit.made_from.get().parent

    correct(current(parent, "tnc"), of(parent, value="2200000000"))

    assert current(unit, "tnc_recovery_percent").number == Decimal("50.000")


def test_a_count_corrected_to_not_done_leaves_no_recovery():
    unit = measured_unit()

    correct(current(unit, "tnc"), of(unit, value="", qualifier=Qualifier.NOT_DONE))

    assert current(unit, "tnc_recovery_percent").qualifier == Qualifier.NOT_DONE


def test_a_corrected_marker_voids_a_release_that_was_issued():
    unit = available_unit(segment=True)
    release = issued_release(unit)
    old = Result.objects.get(donation=unit.donation, assay="anti_hbc")

    correct(old, of_mother(unit))

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED
    assert Release.objects.get(pk=release.pk).status == "void"
    assert UnitRequest.objects.get().status == "void"


def test_a_correction_opens_the_acceptance_that_rested_on_the_old_value():
    unit = available_unit(segment=True)
    submitted_request(unit)

    correct(current(unit, "viable_cd34"), of(unit, "viable_cd34", "3800000"))

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED
    assert not Reservation.objects.filter(ended_at__isnull=True).exists()


def test_a_corrected_count_of_the_bag_opens_the_acceptance_of_what_was_made_from_it():
    unit = available_unit()
    parent = unit.made_from.get().parent

    correct(current(parent, "tnc"), of(parent, value="1400000000"))

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED


def test_a_corrected_screen_of_the_infant_opens_the_acceptance():
    unit = available_unit()
    old = Result.objects.get(donation=unit.donation, assay="hb_screen")

    correct(old, NewResult("hb_screen", Subject.INFANT, donation=unit.donation, value="disease"))

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED


def test_a_correction_that_no_limit_of_acceptance_speaks_of_leaves_the_unit_available():
    unit = available_unit(segment=True)
    old = current(unit, "cd34_viability_percent")

    correct(old, of(unit, "cd34_viability_percent", "87.0", sample=old.sample))

    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE


def typing_of_infant(unit, assay="hla_a"):
    return Result.objects.get(donation=unit.donation, assay=assay, subject="infant", replaced_by__isnull=True)


def test_a_corrected_typing_keeps_the_old_one_and_waits_to_be_verified():
    unit = measured_unit()
    old = typing_of_infant(unit)

    new = correct(old, of_infant(unit, "hla_a", "A*24:02 A*01:01"), "the laboratory's report was of another sample")

    old.refresh_from_db()
    assert (old.text, new.text, new.verified_at) == ("A*01:01+A*02:01", "A*01:01+A*24:02", None)
    entry = last_of("result.corrected")
    assert (entry["old"]["text"], entry["new"]["text"]) == ("A*01:01+A*02:01", "A*01:01+A*24:02")
    assert entry["reason"] == "the laboratory's report was of another sample"
    with pytest.raises(ResultRefused, match="was entered by you"), nothing_changes():
        verify(new, by=technician())
    assert verify(new)[0].verified_at == NOON


def test_a_corrected_typing_opens_the_acceptance_that_asked_for_it():
    unit, other = available_unit(), available_unit()

    correct(typing_of_infant(unit), of_infant(unit, "hla_a", "A*01:01+A*24:02"))

    unit.refresh_from_db()
    other.refresh_from_db()
    assert (unit.state, other.state) == (UnitState.QUARANTINED, UnitState.AVAILABLE)


@pytest.mark.parametrize(
    ("typed", "match"),
    [("A*01:01", "one allele of two"), ("B*08:01+B*44:02", "not of HLA-A"), ("A*O1:01", "A\\*01:01")],
)
def test_a_typing_is_not_corrected_to_what_is_none(typed, match):
    unit = measured_unit()

    with pytest.raises(ValueRefused, match=match), nothing_changes():
        correct(typing_of_infant(unit), of_infant(unit, "hla_a", typed))


def test_the_typing_of_an_infant_is_what_its_current_results_say():
    unit, mother = measured_unit(), record(of_mother(measured_unit(), "hla_a", "A*03:01+A*11:01"))
    correct(typing_of_infant(unit), of_infant(unit, "hla_a", "A*24:02+A*24:02"))

    texts = dict(current_results().filter(donation=unit.donation, subject="infant").values_list("assay", "text"))

    assert str(typing_of(texts)) == "A*24:02+A*24:02^B*07:02+B*08:01^DRB1*03:01+DRB1*15:01"
    assert mother[0].text not in texts.values()
