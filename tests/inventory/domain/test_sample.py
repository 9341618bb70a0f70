"""The states of reference samples."""

import pytest

from inventory.domain.sample import FINAL, IllegalSampleTransition, SampleState, check_sample_transition


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
