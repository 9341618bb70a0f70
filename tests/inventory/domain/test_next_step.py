"""The next steps of a unit."""

import pytest

from inventory.domain.next_step import next_steps
from inventory.domain.unit import FINAL, Event, UnitState


@pytest.mark.parametrize(
    ("state", "first"),
    [
        (UnitState.COLLECTED, Event.RECEIVED_AT_BANK),
        (UnitState.QUARANTINED, Event.ACCEPTED),
        (UnitState.AVAILABLE, Event.REQUESTED),
        (UnitState.RESERVED, Event.RELEASED),
        (UnitState.RELEASED, Event.SHIPPED),
        (UnitState.SHIPPED, Event.RECEIVED),
        (UnitState.RECEIVED, Event.USED),
    ],
)
def test_the_first_step_is_the_one_that_the_state_allows(state: UnitState, first: Event):
    steps = next_steps(state, {})

    assert steps[0].event is first
    assert [step.event for step in steps if step.is_allowed] == [first]


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_final_state_has_no_next_step(state: UnitState):
    assert next_steps(state, {}) == ()


def test_a_later_step_says_which_state_it_needs():
    steps = {step.event: step for step in next_steps(UnitState.AVAILABLE, {})}

    assert steps[Event.SHIPPED].why_not == ("The unit is available; this needs it released.",)


def test_what_stands_against_a_step_is_named_where_the_state_allows_it():
    steps = {step.event: step for step in next_steps(UnitState.AVAILABLE, {Event.REQUESTED: ["Holds: one is open."]})}

    assert steps[Event.REQUESTED].why_not == ("Holds: one is open.",)
    assert not steps[Event.REQUESTED].is_allowed


def test_a_step_already_taken_is_not_listed():
    events = {step.event for step in next_steps(UnitState.RELEASED, {})}

    assert Event.ACCEPTED not in events
    assert Event.REQUESTED not in events
