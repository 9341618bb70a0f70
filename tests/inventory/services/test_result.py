from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from inventory.domain.assay import Qualifier, Subject
from inventory.domain.result import ValueRefused
from inventory.domain.sample import SampleRole
from inventory.models.result import Result
from inventory.services.result import NewResult, ResultRefused, record_results, verify_results
from tests.factories.donation import registered_donation
from tests.factories.result import of, of_infant, of_mother, record, second_technician, technician, verify
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import frozen_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


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


def test_a_typing_is_kept_and_told_to_the_ledger_in_one_form():
    unit = frozen_unit()

    result = record(of_infant(unit, "hla_a", "HLA-A*24:02, A*02:01"))[0]

    assert (result.text, result.verified_at) == ("A*02:01+A*24:02", None)
    assert last_of("result.recorded")["new"]["text"] == "A*02:01+A*24:02"


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ("A*02:01", "one allele of two"),
        ("A*02:01 A*02:05 A*24:02", "has 3 alleles"),
        ("B*08:01+B*44:02", "is of HLA-B, not of HLA-A"),
        ("A*O2:01+A*24:02", "Did you mean A\\*02:01"),
        ("A*02:01+A*24:02\n", "U\\+000A"),
        ("A*XXXX+A*XXXX", "is not known"),
    ],
)
def test_what_is_no_typing_of_its_locus_refuses_the_whole_list(typed, match):
    unit = frozen_unit()

    with pytest.raises(ValueRefused, match=match) as refused, nothing_changes():
        record(of_infant(unit, "hla_b", "B*08:01+B*44:02"), of_infant(unit, "hla_a", typed))

    assert refused.value.field == "hla_a"
    assert "Nothing was saved" in refused.value.mend or "not done" in refused.value.mend


def test_a_typing_is_verified_by_another_person():
    typing = record(of_infant(frozen_unit(), "hla_drb1", "DRB1*15:01+DRB1*03:XX"))

    with pytest.raises(ResultRefused, match="was entered by you"), nothing_changes():
        verify(*typing, by=technician())
    assert verify(*typing)[0].text == "DRB1*03:XX+DRB1*15:01"


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


def test_one_result_costs_as_many_queries_as_three(django_assert_num_queries: DjangoAssertNumQueries):
    units = [frozen_unit(registered_donation()) for _ in range(4)]
    by, checker = technician(), second_technician()
    assert by.site
    assert checker.site

    for each in (units[:1], units[1:]):
        news = [of(unit) for unit in each] + [of_mother(unit, value="negative") for unit in each]
        with django_assert_num_queries(11):
            results = record_results(news, by=by, at=NOON)
        with django_assert_num_queries(13):
            verify_results([result.pk for result in results], by=checker, at=NOON)
