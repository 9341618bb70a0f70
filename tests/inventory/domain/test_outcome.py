"""Outcomes reported by studies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inventory.domain.liver import FORMULAS
from inventory.domain.liver_input import RANGES
from inventory.domain.outcome import (
    CHOICES,
    NUMBERS,
    OutcomeFacts,
    OutcomeKind,
    OutcomeRefused,
    check_outcome,
    obstacles_to_outcome,
    obstacles_to_report,
)
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
        ({"values": {"platelets_1e9_l": "200"}}, ["unknown-value"]),
        ({"values": {"inr": "0.5"}}, []),
        ({"values": {"inr": "0.4"}}, ["implausible"]),
        ({"values": {"inr": "20.1"}}, ["implausible"]),
        ({"values": {"inr": "NaN"}}, ["number"]),
        ({"values": {"inr": "sNaN"}}, ["number"]),
        ({"values": {"inr": "1_0"}}, ["number"]),
        ({"values": {"inr": "１"}}, ["number"]),
        ({"values": {"inr": "high"}}, ["number"]),
        ({"values": {"inr": "Infinity"}}, ["number"]),
        ({"values": {"creatinine_mg_dl": "88"}}, ["implausible"]),
        ({"values": {"platelets_10e9_l": "250000"}}, ["implausible"]),
        ({"values": {"tnc": "2.1e10"}}, ["implausible"]),
        ({"values": {"fibrosis_stage": "4"}}, []),
        ({"values": {"sex": "female", "ascites": "moderate", "on_dialysis": "no", "cholestatic": "yes"}}, []),
        ({"values": {"sex": "F"}}, ["word"]),
        ({"values": {"ascites": "severe"}}, ["word"]),
        ({"values": {"on_dialysis": "true"}}, ["word"]),
        ({"values": {"bilirubin_mg_dl": "2", "bilirubin_umol_l": "34.2"}}, ["twice"]),
        ({"values": {"creatinine_mg_dl": "1", "creatinine_umol_l": "88.4"}}, ["twice"]),
        ({"values": {"albumin_g_dl": "4", "albumin_g_l": "40"}}, ["twice"]),
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


@pytest.mark.parametrize(
    "name",
    [
        *FORMULAS,
        *("MELD", "meld_score", "MELD 3.0", "Meld-Na", "meldna", "child-pugh", "Child Pugh class", "CTP"),
        *("ALBI grade", "FIB-4", "fib_4", "APRI", "NAFLD", "NFS", "nfs_score"),
    ],
)
def test_a_score_is_never_typed_by_a_person(name: str) -> None:
    facts = replace(GOOD, values={**GOOD.values, name: "17"})

    reasons = obstacles_to_outcome(facts, today=TODAY)

    assert [(reason.code, reason.field) for reason in reasons] == [("score", name)]
    with pytest.raises(OutcomeRefused, match="is computed from what was measured and never typed"):
        check_outcome(facts, today=TODAY)


def test_no_value_that_can_be_reported_is_taken_for_a_score() -> None:
    said = {**dict.fromkeys(NUMBERS, "1e99"), **dict.fromkeys(CHOICES, "?")}

    codes = {reason.code for reason in obstacles_to_outcome(replace(GOOD, values=said), today=TODAY)}

    assert codes == {"implausible", "word", "twice"}


def test_the_numbers_of_reports_and_of_scores_have_the_same_ranges() -> None:
    assert NUMBERS.items() >= RANGES.items()


def test_what_was_reported_stays_reported_whatever_becomes_of_the_unit_since():
    back = replace(GOOD, state=UnitState.QUARANTINED, values={"inr": "1,6"})

    assert [each.code for each in obstacles_to_report(back, today=TODAY)] == ["number"]
    assert {each.code for each in obstacles_to_outcome(back, today=TODAY)} == {"number", "state"}
