from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.container import NotPlaceable
from inventory.domain.sample import IllegalSampleTransition, SampleRefused, SampleRole, SampleState
from inventory.models.placement import Placement
from inventory.models.sample import ReferenceSample
from inventory.queries.placement import free_positions
from inventory.services.placement import PutAway, put_away
from inventory.services.sample import NewSample, end_samples, register_samples
from tests.factories.person import staff
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import box, frozen_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def end(samples, to, reason="used up"):
    end_samples([sample.pk for sample in samples], to, reason=reason, by=staff(Role.LAB_TECHNICIAN), at=NOON)


def sample_in_box(unit):
    sample = unit.samples.get(role=SampleRole.DNA)
    position = free_positions([box()], 1)[0]
    put_away([PutAway(position.pk, sample_id=sample.pk)], reason="stored", by=staff(Role.STORAGE_TECHNICIAN), at=NOON)
    return sample


def test_a_sample_is_registered_under_a_code_of_the_banks_own_or_the_one_it_came_with():
    unit = frozen_unit()
    news = [
        NewSample(unit.donation, SampleRole.PLASMA, unit.holder, unit=unit),
        NewSample(unit.donation, SampleRole.MATERNAL_DNA, unit.holder, code="TUBE-77", origin="migrated"),
    ]

    own, brought = register_samples(news, by=staff(Role.LAB_TECHNICIAN), at=NOON)

    assert own.code.startswith("SMP-")
    assert (brought.code, brought.origin, brought.unit) == ("TUBE-77", "migrated", None)
    assert {own.state, brought.state} == {SampleState.STORED}


def test_what_cannot_be_a_sample_is_refused_with_all_that_was_to_be_registered():
    unit = frozen_unit()
    news = [
        NewSample(unit.donation, SampleRole.PLASMA, unit.holder, unit=unit),
        NewSample(unit.donation, SampleRole.SEGMENT, unit.holder, attached=True),
        NewSample(unit.donation, SampleRole.SERUM, unit.holder, unit=unit, volume_ml=Decimal(-1)),
    ]

    with pytest.raises(SampleRefused) as refused, nothing_changes():
        register_samples(news, by=staff(Role.LAB_TECHNICIAN), at=NOON)

    assert [reason.code for reason in refused.value.reasons] == ["no-bag", "amount"]


@pytest.mark.parametrize("to", [state for state in SampleState if state is not SampleState.STORED])
def test_a_sample_ends_once_and_its_entry_names_unit_and_donation(to):
    unit = frozen_unit()
    segment, other = unit.samples.filter(role=SampleRole.SEGMENT)
    before = head_number()

    end([segment], to)

    assert ReferenceSample.objects.get(pk=segment.pk).state == to
    assert ReferenceSample.objects.get(pk=other.pk).state == SampleState.STORED
    assert kinds_since(before) == [f"sample.{to.value}"]
    assert last_of(f"sample.{to.value}")["reason"] == "used up"
    with pytest.raises(IllegalSampleTransition, match=f"from {to.value}"), nothing_changes():
        end([other, segment], SampleState.LOST)


def test_a_sample_never_goes_back_to_stored():
    segment = frozen_unit().samples.first()

    with pytest.raises(IllegalSampleTransition, match="from stored to stored"), nothing_changes():
        end([segment], SampleState.STORED)


def test_a_mothers_sample_ends_without_a_unit():
    tube = frozen_unit().donation.samples.get(role=SampleRole.MATERNAL_SERUM)

    end([tube], SampleState.CONSUMED)

    assert ReferenceSample.objects.get(pk=tube.pk).state == SampleState.CONSUMED


def test_a_sample_that_ends_leaves_its_position():
    sample = sample_in_box(frozen_unit())
    before = head_number()

    end([sample], SampleState.CONSUMED)

    assert not Placement.objects.filter(sample=sample, removed_at__isnull=True).exists()
    assert kinds_since(before) == ["sample.consumed", "sample.removed"]


def test_a_sample_that_is_no_more_and_one_still_attached_are_not_put_away():
    unit = frozen_unit()
    gone, attached = unit.samples.get(role=SampleRole.DNA), unit.samples.filter(attached=True).first()
    end([gone], SampleState.DISCARDED)
    first, second = free_positions([box()], 2)
    wanted = [PutAway(first.pk, sample_id=gone.pk), PutAway(second.pk, sample_id=attached.pk)]

    with pytest.raises(NotPlaceable) as refused, nothing_changes():
        put_away(wanted, reason="stored", by=staff(Role.STORAGE_TECHNICIAN), at=NOON)

    assert [reason.code for reason in refused.value.reasons] == ["final", "attached"]
