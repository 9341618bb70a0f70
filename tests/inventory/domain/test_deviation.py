from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from inventory.domain.deviation import (
    ClosingFacts,
    DeviationNotClosed,
    DeviationRefused,
    Disposition,
    OpeningFacts,
    check_closing,
    check_extending,
    check_opening,
)

AT = datetime(2026, 3, 14, 12, tzinfo=UTC)
TOLD = OpeningFacts("The freezer run was stopped early.", "The bag was set aside.", AT, ("U-1",))
ALL = Disposition("no_increased_risk", ("U-1", "LOT-1"), "sterile")
CLOSED = ClosingFacts(
    opened_by="anna",
    closed_by="berta",
    is_open=True,
    investigation="The timer was faulty.",
    goods=frozenset({"U-1", "LOT-1"}),
    people=frozenset({"carl"}),
    dispositions=(ALL,),
)


def test_a_deviation_that_says_all_is_recorded():
    check_opening(TOLD, at=AT)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"what_happened": " "}, "what happened is missing"),
        ({"what_happened": "x" * 2001}, "longer than 2000"),
        ({"immediate_action": ""}, "immediate action is missing"),
        ({"immediate_action": "zero\u200bwidth"}, "cannot be seen"),
        ({"occurred_at": AT + timedelta(seconds=1)}, "in the future"),
        ({"touched": ()}, "at least one thing"),
        ({"touched": ("U-1", "U-1")}, "U-1 is named more than once"),
        ({"unknown": 2}, "2 of the things named do not exist"),
    ],
)
def test_a_deviation_is_refused_for_what_it_leaves_out(changed, match):
    with pytest.raises(DeviationRefused, match=match):
        check_opening(replace(TOLD, **changed), at=AT)


def test_only_an_open_deviation_is_extended_by_things_that_are_and_with_a_reason():
    check_extending(("U-2",), 0, "from the same run", is_open=True)

    for codes, unknown, reason, is_open, match in (
        (("U-2",), 0, "from the same run", False, "is closed"),
        (("U-2",), 0, "", True, "reason is missing"),
        (("U-2",), 1, "why", True, "1 of the things"),
        ((), 0, "why", True, "at least one"),
    ):
        with pytest.raises(DeviationRefused, match=match):
            check_extending(codes, unknown, reason, is_open=is_open)


def test_a_deviation_is_closed_by_another_person_with_every_disposition():
    check_closing(CLOSED)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"is_open": False}, "was closed before"),
        ({"closed_by": "anna"}, "Who opened a deviation does not close it"),
        ({"closed_by": "carl"}, "Whom a deviation names does not close it"),
        ({"investigation": ""}, "investigation is missing"),
        ({"capa_reference": "x" * 33}, "longer than 32"),
        ({"dispositions": ()}, "LOT-1 has no disposition. U-1 has no disposition"),
        ({"dispositions": (ALL, ALL)}, "U-1 has more than one disposition"),
        ({"dispositions": (ALL, replace(ALL, goods=("U-9",)))}, "U-9 was not touched"),
        ({"dispositions": (replace(ALL, disposition="burn"),)}, "no increased risk, test first, discard"),
        ({"dispositions": (ALL, replace(ALL, goods=()))}, "names no unit or lot"),
        ({"dispositions": (replace(ALL, because=""),)}, "because is missing"),
    ],
)
def test_a_deviation_stays_open_for_what_its_closing_leaves_out(changed, match):
    with pytest.raises(DeviationNotClosed, match=match):
        check_closing(replace(CLOSED, **changed))
