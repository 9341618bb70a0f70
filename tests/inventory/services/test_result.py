from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Role
from biobank.services import guard
from inventory.domain.assay import Qualifier, Subject
from inventory.domain.result import ValueRefused
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitState, Use
from inventory.models.acceptance import Acceptance
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.reservation import Reservation
from inventory.models.result import Result
from inventory.services.acceptance import accept_units
from inventory.services.eligibility import determine_eligibility
from inventory.services.result import (
    Correction,
    NewResult,
    ResultRefused,
    correct_result,
    record_results,
    verify_results,
)
from tests.factories.person import credentials
from tests.factories.release import issued_release
from tests.factories.request import submitted_request
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import (
    ACCEPTED_AT,
    COLLECTED_AT,
    MEASURED_AT,
    available_unit,
    determined_unit,
    frozen_unit,
    measured_unit,
    registered_donation,
    staff,
)
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db


def technician():
    return staff(Role.LAB_TECHNICIAN)


def second_technician():
    return staff(Role.LAB_TECHNICIAN, "the-second-technician")


def of(unit, assay="tnc", value="1100000000", **otherwise):
    return NewResult(assay, Subject.UNIT, unit=unit, value=value, **otherwise)


def of_mother(unit, assay="anti_hbc", value="positive", **otherwise):
    usual = NewResult(
        assay,
        Subject.MOTHER,
        donation=unit.donation,
        value=value,
        approved_test=True,
        diluted=False,
        specimen_at=COLLECTED_AT,
    )
    return replace(usual, **otherwise)


def record(*news, by=None, at=NOON):
    return record_results(list(news), by=by or technician(), at=at)


def verify(*results, by=None):
    return verify_results([each.pk for each in results], by=by or second_technician(), at=NOON)


def correct(old, value, reason="typed into the wrong row", by=None, at=NOON):
    return correct_result(Correction(old.pk, value, reason), by=by or technician(), at=at)


def determine(unit, quality):
    return determine_eligibility([unit.donation_id], credentials=credentials(quality), by=quality, at=NOON)[0]


def current(unit, assay):
    return Result.objects.get(unit=unit, assay=assay, replaced_by__isnull=True)


def test_a_result_is_entered_unverified_with_where_it_came_from():
    unit = frozen_unit()
    before = head_number()

    result = record(of(unit, "viable_cd34", "3900000", method="ISHAGE", instrument="FACS-1", laboratory="LAB"))[0]

    assert (result.number, result.verified_at, result.entered_by) == (Decimal(3900000), None, technician())
    assert (result.method, result.instrument, result.laboratory) == ("ISHAGE", "FACS-1", "LAB")
    assert kinds_since(before) == ["result.recorded"]
    assert last_of("result.recorded")["new"]["number"] == "3900000"


@pytest.mark.parametrize(
    ("assay", "value", "match"),
    [
        ("tnc", "1_000_000", "is not a number"),
        ("tnc", "\N{FULLWIDTH DIGIT ONE}000000", "is not a number"),
        ("tnc", "NaN", "is not a number"),
        ("tnc", "<5", "choose “below limit”"),
        ("tnc", "n/a", "choose “not done”"),
        ("tnc", "-1", "is negative"),
        ("tnc", "1200", "millions"),
        ("tnc", "99999999999999", "out of the plausible range"),
        ("tnc_viability_percent", "0.95", "a fraction"),
        ("tnc_viability_percent", "101", "out of the plausible range"),
        ("bacterial_culture", "sterile", "is not one of"),
        ("viable_cd34", "", "needs a value"),
    ],
)
def test_a_value_that_its_assay_does_not_allow_refuses_the_whole_list(assay, value, match):
    unit = frozen_unit()

    with pytest.raises(ValueRefused, match=match), nothing_changes():
        record(of(unit, "fungal_culture", "no_growth"), of(unit, assay, value))


def test_what_was_not_done_has_no_value_and_no_recovery():
    unit = frozen_unit()

    result = record(of(unit, value="", qualifier=Qualifier.NOT_DONE))[0]

    assert (result.number, result.text, result.qualifier) == (None, "", "not_done")
    assert not Result.objects.filter(assay="tnc_recovery_percent").exists()


def test_a_count_of_a_sample_is_no_recovery_of_its_unit():
    unit = frozen_unit()
    segment = unit.samples.filter(role=SampleRole.SEGMENT).first()

    record(of(unit, sample=segment))

    assert not Result.objects.filter(assay="tnc_recovery_percent").exists()


def test_a_result_names_exactly_the_subject_it_is_of():
    unit = frozen_unit()
    wrong = [
        NewResult("tnc", Subject.UNIT, value="1100000000"),
        NewResult("tnc", Subject.UNIT, unit=unit, donation=unit.donation, value="1100000000"),
        NewResult("cmv", Subject.MOTHER, unit=unit, value="negative"),
        NewResult("cmv", Subject.MOTHER, value="negative"),
    ]

    for new in wrong:
        with pytest.raises(ResultRefused, match="names no such subject"), nothing_changes():
            record(of(unit), new)


def test_a_result_of_the_wrong_subject_is_refused():
    unit = frozen_unit()

    with pytest.raises(ValueRefused, match="is a result of the mother, not of the infant"), nothing_changes():
        record(of(unit), NewResult("cmv", Subject.INFANT, donation=unit.donation, value="negative"))


def test_an_assay_that_is_none_and_a_specimen_of_the_future_are_refused():
    unit = frozen_unit()

    with pytest.raises(ResultRefused, match="There is no assay “tcn”"), nothing_changes():
        record(of(unit), of(unit, "tcn"))
    with pytest.raises(ResultRefused, match="taken in the future"), nothing_changes():
        record(of(unit), of_mother(unit, specimen_at=NOON + hours(1)))


def test_a_segment_of_another_unit_proves_nothing_of_this_one():
    unit, other = frozen_unit(), frozen_unit()
    foreign = other.samples.filter(role=SampleRole.SEGMENT).first()

    with pytest.raises(ResultRefused, match="is not a sample of what"), nothing_changes():
        record(of(unit, "hla_identity", "confirmed", sample=foreign))


def test_a_tube_of_another_mother_proves_nothing_of_this_one():
    unit, other = frozen_unit(), frozen_unit()
    own, foreign = (each.donation.samples.get(role=SampleRole.MATERNAL_SERUM) for each in (unit, other))

    with pytest.raises(ResultRefused, match=f"{foreign.code} is not a sample"), nothing_changes():
        record(of_mother(unit, sample=foreign))
    assert record(of_mother(unit, sample=own))[0].sample == own


def test_another_person_verifies():
    unit = frozen_unit()
    result = record(of(unit, "fungal_culture", "no_growth"))[0]
    before = head_number()

    verify(result, by=second_technician())

    result.refresh_from_db()
    assert (result.verified_by, result.verified_at) == (second_technician(), NOON)
    assert kinds_since(before)[-1] == "result.verified"


def test_nobody_verifies_their_own_and_one_own_among_three_verifies_none():
    unit = frozen_unit()
    mine = record(of(unit, "fungal_culture", "no_growth"))[0]
    others = record(of(unit, "bacterial_culture", "no_growth"), of(unit, "mass_g", "20"), by=second_technician())

    with pytest.raises(ResultRefused, match=rf"result {mine.pk}\) was entered by you") as refused, nothing_changes():
        verify(mine, *others, by=technician())

    assert len(refused.value.reasons) == 1


def test_a_result_is_verified_once_and_only_when_it_exists():
    unit = frozen_unit()
    verified, fresh = record(of(unit, "fungal_culture", "no_growth"), of(unit, "bacterial_culture", "no_growth"))
    verify(verified)

    with pytest.raises(ResultRefused, match="is verified already"), nothing_changes():
        verify(verified, fresh)
    with pytest.raises(ResultRefused, match="does not exist"), nothing_changes():
        verify_results([fresh.pk, 0], by=second_technician(), at=NOON)


def test_the_database_itself_refuses_a_result_verified_by_who_entered_it():
    result = record(of(frozen_unit(), "fungal_culture", "no_growth"))[0]
    own = Result.objects.filter(pk=result.pk)

    with pytest.raises(DatabaseError, match="a_result_is_verified_by_another_person"), transaction.atomic():
        own.update(verified_by=result.entered_by, verified_at=NOON)

    own.update(verified_by=second_technician(), verified_at=NOON)
    assert own.get().verified_by == second_technician()


def test_the_database_itself_refuses_an_edited_result_and_without_its_guard_would_not():
    result = record(of(frozen_unit(), "fungal_culture", "no_growth"))[0]
    edited = Result.objects.filter(pk=result.pk)

    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        edited.update(text="growth")
    assert edited.get().text == "no_growth"

    guard.drop_guards(connection)
    try:
        edited.update(text="growth")
    finally:
        guard.install_guards(connection)
    assert edited.get().text == "growth"


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
    mothers = NewResult("hla_a", Subject.MOTHER, donation=unit.donation, value="A*01:01")

    for old, value in (
        (current(unit, "viable_cd34"), of(other, "viable_cd34", "2000000")),
        (current(unit, "viable_cd34"), of(unit, "cd34_total", "2000000")),
        (typing, mothers),
    ):
        with pytest.raises(ResultRefused, match="same assay and the same subject"), nothing_changes():
            correct(old, value)


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


def test_a_late_marker_reopens_eligibility_takes_acceptance_back_and_voids_a_reservation():
    unit = available_unit(segment=True)
    request = submitted_request(unit)
    before = head_number()

    record(of_mother(unit, "chagas", "positive"))

    unit.refresh_from_db()
    request.refresh_from_db()
    assert (unit.state, unit.use, unit.reserved_from) == (UnitState.QUARANTINED, "", "")
    assert EligibilityDetermination.objects.get().reopened_at == NOON
    assert Acceptance.objects.get().withdrawn_at == NOON
    assert Reservation.objects.get().ended_at == NOON
    assert request.status == "void"
    assert kinds_since(before) == ["result.recorded", "eligibility.reopened", "acceptance.withdrawn"]


def test_a_corrected_marker_voids_a_release_that_was_issued():
    unit = available_unit(segment=True)
    release = issued_release(unit)
    old = Result.objects.get(donation=unit.donation, assay="anti_hbc")

    correct(old, of_mother(unit))

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED
    assert Release.objects.get(pk=release.pk).status == "void"
    assert UnitRequest.objects.get().status == "void"


def test_a_marker_of_one_mother_leaves_the_others_units_alone():
    unit, other = available_unit(), available_unit()

    record(of_mother(unit, "chagas", "positive"))

    other.refresh_from_db()
    assert other.state == UnitState.AVAILABLE
    assert EligibilityDetermination.objects.filter(reopened_at__isnull=True).get().donation == other.donation


def test_a_verified_marker_reopens_what_was_determined_while_it_was_not():
    unit = frozen_unit()
    marker = record(of_mother(unit, "cmv", "negative"))[0]
    quality = staff(Role.QUALITY_REVIEWER)
    from_before = determine(unit, quality)

    verify(marker)

    from_before.refresh_from_db()
    assert from_before.reopened_because == "a verified result"
    assert determine(unit, quality).reopened_at is None


def test_the_infants_typing_is_no_evidence_of_the_mothers_eligibility():
    unit = available_unit()

    record(NewResult("hla_c", Subject.INFANT, donation=unit.donation, value="C*01:02"))

    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE


def test_a_late_result_that_fails_takes_the_acceptance_back_when_it_is_verified():
    unit, other = available_unit(), available_unit()
    late = record(of(unit, "bacterial_culture", "growth"), of(other, "bacterial_culture", "no_growth"))
    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE

    verify(*late)

    unit.refresh_from_db()
    other.refresh_from_db()
    assert (unit.state, other.state) == (UnitState.QUARANTINED, UnitState.AVAILABLE)
    assert "growth is not one of no_growth" in Acceptance.objects.get(unit=unit).withdrawn_because


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


def test_a_laboratory_unit_keeps_its_acceptance_through_a_result_that_is_only_recorded():
    unit = determined_unit()
    quality = staff(Role.QUALITY_REVIEWER)
    specifications = available_unit(Use.LABORATORY, product=ProductClass.PLACENTA)
    accept_units([unit.pk], Use.LABORATORY, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)

    verify(*record(of(unit, "bacterial_culture", "growth")))

    unit.refresh_from_db()
    assert specifications.state == UnitState.AVAILABLE
    assert unit.state == UnitState.AVAILABLE


def test_one_result_costs_as_many_queries_as_three(django_assert_num_queries: DjangoAssertNumQueries):
    units = [frozen_unit(registered_donation()) for _ in range(4)]
    by, checker = technician(), second_technician()
    assert by.site
    assert checker.site

    for each in (units[:1], units[1:]):
        news = [of(unit) for unit in each] + [of_mother(unit) for unit in each]
        with django_assert_num_queries(12):
            results = record_results(news, by=by, at=NOON)
        with django_assert_num_queries(14):
            verify_results([result.pk for result in results], by=checker, at=NOON)


def test_the_database_refuses_a_result_that_says_nothing():
    unit = frozen_unit()
    lab = staff(Role.LAB_TECHNICIAN)

    with pytest.raises(DatabaseError, match="a_result_says_something"):
        Result.objects.create(assay="tnc", subject="unit", unit=unit, entered_by=lab, entered_at=MEASURED_AT)
