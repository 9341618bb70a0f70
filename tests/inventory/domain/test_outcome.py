"""Outcomes reported by studies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inventory.domain.outcome import OutcomeFacts, OutcomeKind, OutcomeRefused, check_outcome, obstacles_to_outcome
from inventory.domain.unit import UnitState
from tests.factories.time import NOON

TODAY = NOON.date()
DAY = timedelta(days=1)
GOOD = OutcomeFacts(
    OutcomeKind.ADMINISTRATION,
    TODAY,
    {"tnc": "9.1e8", "viability_percent": "88"},
    UnitState.USED,
    shipped_on=TODAY - DAY,
    has_recipient=True,
)


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"outcome_date": TODAY + DAY}, ["future"]),
        ({"outcome_date": TODAY - DAY}, []),
        ({"outcome_date": TODAY - 2 * DAY}, ["before-shipping"]),
        ({"outcome_date": TODAY - 2 * DAY, "kind": OutcomeKind.BASELINE}, []),
        ({"shipped_on": None}, ["before-shipping"]),
        ({"state": UnitState.SHIPPED}, ["state"]),
        ({"state": UnitState.RECEIVED, "kind": OutcomeKind.THAW, "has_recipient": False}, []),
        ({"has_recipient": False}, ["no-recipient"]),
        ({"values": {"mood": "good"}}, ["unknown-value"]),
        ({"values": {"inr": "0.5"}}, []),
        ({"values": {"inr": "0.4"}}, ["value"]),
        ({"values": {"inr": "20.1"}}, ["value"]),
        ({"values": {"inr": "NaN"}}, ["value"]),
        ({"values": {"inr": "sNaN"}}, ["value"]),
        ({"values": {"inr": "1_0"}}, ["value"]),
        ({"values": {"inr": "１"}}, ["value"]),
        ({"values": {"inr": "high"}}, ["value"]),
        ({"values": {"inr": "Infinity"}}, ["value"]),
    ],
)
def test_every_obstacle_to_an_outcome_is_named(changed: dict[str, object], codes: list[str]) -> None:
    facts = replace(GOOD, **changed)  # type: ignore[arg-type]

    assert [reason.code for reason in obstacles_to_outcome(facts, today=TODAY)] == codes
    if codes:
        with pytest.raises(OutcomeRefused):
            check_outcome(facts, today=TODAY)
    else:
        check_outcome(facts, today=TODAY)
