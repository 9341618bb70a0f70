"""The table along which a unit's state changes."""

import itertools

import pytest

from inventory.domain.unit import (
    FINAL,
    RESERVED_FROM,
    TRANSITIONS,
    Event,
    IllegalTransition,
    UnitState,
    Use,
    UseOnlyGoesDown,
    check_transition,
    check_use_goes_down,
)

S = UnitState
BACK = (Event.REQUEST_ENDED, Event.RESERVATION_LAPSED, Event.RELEASE_REVOKED)

# The table of the vocabulary, written out a second time: from, event, to. BACK means where it was reserved from.
LAWFUL: dict[tuple[UnitState | None, Event], UnitState] = {
    (None, Event.REGISTERED): S.COLLECTED,
    (None, Event.PROCESSED): S.QUARANTINED,
    (None, Event.TAKEN_IN): S.QUARANTINED,
    (S.COLLECTED, Event.RECEIVED_AT_BANK): S.QUARANTINED,
    (S.COLLECTED, Event.CONSUMED): S.CONSUMED,
    (S.QUARANTINED, Event.CONSUMED): S.CONSUMED,
    (S.AVAILABLE, Event.CONSUMED): S.CONSUMED,
    (S.QUARANTINED, Event.ACCEPTED): S.AVAILABLE,
    (S.AVAILABLE, Event.REQUESTED): S.RESERVED,
    (S.QUARANTINED, Event.REQUESTED_EXCEPTIONALLY): S.RESERVED,
    (S.AVAILABLE, Event.ACCEPTANCE_WITHDRAWN): S.QUARANTINED,
    (S.RESERVED, Event.ACCEPTANCE_WITHDRAWN): S.QUARANTINED,
    (S.RELEASED, Event.ACCEPTANCE_WITHDRAWN): S.QUARANTINED,
    (S.RESERVED, Event.RELEASED): S.RELEASED,
    (S.RELEASED, Event.SHIPPED): S.SHIPPED,
    (S.SHIPPED, Event.RECEIVED): S.RECEIVED,
    (S.SHIPPED, Event.RETURNED): S.RETURNED,
    (S.RECEIVED, Event.RETURNED): S.RETURNED,
    (S.RETURNED, Event.RETURNED_TO_BANK): S.QUARANTINED,
    (S.RECEIVED, Event.USED): S.USED,
    (S.COLLECTED, Event.DISCARDED): S.DISCARDED,
    (S.QUARANTINED, Event.DISCARDED): S.DISCARDED,
    (S.AVAILABLE, Event.DISCARDED): S.DISCARDED,
    (S.RETURNED, Event.DISCARDED): S.DISCARDED,
    (S.SHIPPED, Event.DISCARD_REPORTED): S.DISCARDED,
    (S.RECEIVED, Event.DISCARD_REPORTED): S.DISCARDED,
    (S.COLLECTED, Event.VOIDED): S.VOIDED,
    (S.QUARANTINED, Event.VOIDED): S.VOIDED,
    **{(state, Event.LOST): S.LOST for state in UnitState if state not in FINAL},
}
LEADS_BACK = {
    (S.RESERVED, Event.REQUEST_ENDED),
    (S.RELEASED, Event.REQUEST_ENDED),
    (S.RESERVED, Event.RESERVATION_LAPSED),
    (S.RELEASED, Event.RELEASE_REVOKED),
}


@pytest.mark.parametrize("event", Event)
def test_a_state_changes_only_as_the_table_says(event: Event) -> None:
    for from_, to in itertools.product((None, *UnitState), UnitState):
        lawful = LAWFUL.get((from_, event)) is to and event not in BACK
        if lawful:
            check_transition(from_, to, event)
        else:
            with pytest.raises(IllegalTransition, match=to.value):
                check_transition(from_, to, event)


@pytest.mark.parametrize("event", BACK)
@pytest.mark.parametrize("reserved_from", [None, *UnitState])
def test_a_reservation_ends_where_it_began_and_nowhere_else(event: Event, reserved_from: UnitState | None) -> None:
    for from_, to in itertools.product(UnitState, UnitState):
        lawful = (from_, event) in LEADS_BACK and to is reserved_from and reserved_from in RESERVED_FROM
        if lawful:
            check_transition(from_, to, event, reserved_from=reserved_from)
        else:
            with pytest.raises(IllegalTransition):
                check_transition(from_, to, event, reserved_from=reserved_from)


def test_nothing_leads_out_of_a_final_state() -> None:
    sources = {source for row in TRANSITIONS for each in row.sources.values() for source in each}

    assert not sources & FINAL


def test_every_event_has_exactly_one_row() -> None:
    rows = [event for row in TRANSITIONS for event in row.sources]

    assert sorted(rows) == sorted(Event)


def test_only_what_is_not_yet_in_stock_is_voided() -> None:
    for state in (S.COLLECTED, S.QUARANTINED):
        check_transition(state, S.VOIDED, Event.VOIDED)
    for state in (S.AVAILABLE, S.RESERVED, S.SHIPPED, S.CONSUMED, S.VOIDED):
        with pytest.raises(IllegalTransition, match="voided"):
            check_transition(state, S.VOIDED, Event.VOIDED)


@pytest.mark.parametrize(
    ("accepted", "wanted", "allowed"),
    [
        (None, Use.HUMAN_APPLICATION, True),
        (None, Use.LABORATORY, True),
        (Use.HUMAN_APPLICATION, Use.HUMAN_APPLICATION, True),
        (Use.HUMAN_APPLICATION, Use.LABORATORY, True),
        (Use.LABORATORY, Use.LABORATORY, True),
        (Use.LABORATORY, Use.HUMAN_APPLICATION, False),
    ],
)
def test_the_use_only_goes_down(accepted: Use | None, wanted: Use, allowed: bool) -> None:
    if allowed:
        check_use_goes_down(accepted, wanted)
    else:
        with pytest.raises(UseOnlyGoesDown, match="laboratory use"):
            check_use_goes_down(accepted, wanted)
