from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Role
from inventory.domain.assay import Subject
from inventory.domain.specification import SampleSource
from inventory.models.result import Result
from inventory.queries.result import (
    counts_before_processing,
    donors_of_results,
    measurements_of,
    recoveries_resting_on,
    units_judged_by,
)
from inventory.services.correction import Correction, correct_result
from inventory.services.result import NewResult, record_results
from tests.factories.person import staff
from tests.factories.time import NOON
from tests.factories.unit import confirm_segment, frozen_unit, measured_unit, received_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def numbers(unit, assay, source):
    return [
        each.number for each in measurements_of([unit.pk])[unit.pk] if (each.assay, each.taken_from) == (assay, source)
    ]


def test_what_counts_for_a_unit_says_what_it_was_measured_on():
    unit, other = measured_unit(), measured_unit(tnc="900000000")
    confirm_segment(unit)

    assert numbers(unit, "tnc", SampleSource.UNIT) == [Decimal(1100000000)]
    assert numbers(unit, "tnc", SampleSource.SOURCE) == [Decimal(1300000000)]
    assert numbers(unit, "cd34_viability_percent", SampleSource.ATTACHED_SEGMENT) == [Decimal("88.0")]
    sources = {each.assay: each.taken_from for each in measurements_of([unit.pk])[unit.pk]}
    assert (sources["hla_a"], sources["cmv"]) == (SampleSource.INFANT, SampleSource.MOTHER)
    assert numbers(other, "cd34_viability_percent", SampleSource.ATTACHED_SEGMENT) == []


def test_a_result_that_was_corrected_no_longer_counts():
    unit = measured_unit()
    old = Result.objects.get(unit=unit, assay="viable_cd34")
    value = NewResult("viable_cd34", Subject.UNIT, unit=unit, value="2000000")

    correct_result(Correction(old.pk, value, "read again"), by=staff(Role.LAB_TECHNICIAN), at=NOON)

    assert numbers(unit, "viable_cd34", SampleSource.UNIT) == [Decimal(2000000)]
    assert not [each for each in measurements_of([unit.pk])[unit.pk] if each.assay == "viable_cd34" and each.verified]


def test_counts_before_processing_are_of_the_one_parent_that_was_counted():
    unit, bag = frozen_unit(), received_unit()

    assert counts_before_processing([unit.pk, bag.pk]) == {unit.pk: Decimal(1300000000)}


def test_recoveries_rest_on_the_counts_of_the_child_and_of_its_parent():
    unit, _ = measured_unit(), measured_unit()
    parent = unit.made_from.get().parent
    counts = (Decimal(1300000000), Decimal(1100000000))

    for counted in (unit, parent):
        rows = recoveries_resting_on(counted.pk)
        assert [(row.unit, before, after) for row, before, after in rows] == [(unit, *counts)]


def test_results_name_their_donors_and_the_units_they_count_for():
    unit, other = measured_unit(), measured_unit()
    parent = unit.made_from.get().parent
    of_unit = Result.objects.filter(unit=parent)
    of_mother = Result.objects.filter(donation=unit.donation)

    for results in (of_unit, of_mother):
        assert list(donors_of_results([result.pk for result in results])) == [unit.donation.donor_id]
        assert units_judged_by(results) == [parent.pk, unit.pk]
    assert units_judged_by(Result.objects.filter(unit=unit)) == [unit.pk]
    assert other.pk not in units_judged_by(Result.objects.filter(donation=unit.donation))


def test_measurements_of_one_unit_cost_as_many_queries_as_of_three(django_assert_num_queries: DjangoAssertNumQueries):
    units = [frozen_unit() for _ in range(4)]
    news = [NewResult("fungal_culture", Subject.UNIT, unit=unit, value="no_growth") for unit in units]
    record_results(news, by=staff(Role.LAB_TECHNICIAN), at=NOON)

    for each in (units[:1], units[1:]):
        with django_assert_num_queries(3):
            measurements_of([unit.pk for unit in each])
