"""The reference samples beside a unit: on the page the same as at acceptance."""

import pytest

from inventory.models.sample import ReferenceSample
from inventory.queries.custody_line import line_of
from inventory.queries.sample import roles_in_store
from inventory.queries.sample_line import samples_beside
from tests.factories.time import NOON
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db


def test_the_samples_beside_a_unit_are_those_that_acceptance_counts(django_assert_num_queries):
    unit = available_unit()
    line = line_of(unit)
    kept = ReferenceSample(
        code="KEPT-1", donation=unit.donation, unit=line.steps[0].parent, role="dna", holder="BANK-A"
    )
    kept.registered_at = NOON
    kept.save()

    with django_assert_num_queries(1):
        beside = samples_beside(line)

    assert sorted(each.role for each in beside) == sorted(roles_in_store([unit.pk])[unit.pk])
    assert {each.unit_id for each in beside} == {unit.pk, kept.unit_id, None}
