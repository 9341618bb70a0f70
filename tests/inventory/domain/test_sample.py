"""The states of reference samples, and what can be one."""

from decimal import Decimal

import pytest

from inventory.domain.sample import (
    FINAL,
    MATERNAL,
    IllegalSampleTransition,
    SampleRole,
    SampleState,
    check_sample_transition,
    obstacles_to_sample,
)


def test_a_sample_is_stored_first() -> None:
    check_sample_transition(None, SampleState.STORED)

    with pytest.raises(IllegalSampleTransition, match="from nothing to lost"):
        check_sample_transition(None, SampleState.LOST)


@pytest.mark.parametrize("to", sorted(FINAL))
def test_a_stored_sample_ends_once(to: SampleState) -> None:
    check_sample_transition(SampleState.STORED, to)

    for again in SampleState:
        with pytest.raises(IllegalSampleTransition, match=again.value):
            check_sample_transition(to, again)


@pytest.mark.parametrize("volume", [None, Decimal(0), Decimal("0.5"), Decimal(50)])
def test_what_hangs_on_its_bag_and_what_is_kept_of_a_birth_are_samples(volume: Decimal | None) -> None:
    assert obstacles_to_sample(SampleRole.SEGMENT, attached=True, has_bag=True, volume_ml=volume) == []
    assert obstacles_to_sample(SampleRole.MATERNAL_DNA, attached=False, has_bag=False, volume_ml=volume) == []


def test_a_sample_hangs_on_no_bag_that_is_not_named() -> None:
    [reason] = obstacles_to_sample(SampleRole.SEGMENT, attached=True, has_bag=False, volume_ml=None)

    assert reason.code == "no-bag"


@pytest.mark.parametrize("role", sorted(MATERNAL))
def test_what_is_the_mothers_hangs_on_no_bag(role: SampleRole) -> None:
    [reason] = obstacles_to_sample(role, attached=True, has_bag=True, volume_ml=None)

    assert reason.code == "maternal"


@pytest.mark.parametrize("volume", [Decimal("-0.001"), Decimal("50.001")])
def test_a_tube_holds_no_less_than_nothing_and_no_more_than_a_tube(volume: Decimal) -> None:
    [reason] = obstacles_to_sample(SampleRole.PLASMA, attached=False, has_bag=True, volume_ml=volume)

    assert (reason.code, reason.field) == ("amount", "volume_ml")
