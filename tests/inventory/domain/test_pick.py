"""Picking."""

import pytest

from inventory.domain.pick import PickFacts, PickMismatch, check_pick


def test_matching_scans_go_on() -> None:
    check_pick(PickFacts("U1", "U1", "T01-A01", "T01-A01"))


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        (PickFacts("U1", "U2", "T01-A01", "T01-A01"), [("unit", "U2", "U1")]),
        (PickFacts("U1", "U1", "T01-A01", "T01-A02"), [("position", "T01-A02", "T01-A01")]),
        (PickFacts("U1", "U2", "A", "B"), [("unit", "U2", "U1"), ("position", "B", "A")]),
        (PickFacts("U1", "", "A", "A"), [("unit", "nothing", "U1")]),
        (PickFacts("U1", "U1", "", ""), [("position", "nothing", "none")]),
    ],
)
def test_a_mismatch_stops_and_shows_both_values(facts: PickFacts, shown: list[tuple[str, str, str]]) -> None:
    with pytest.raises(PickMismatch) as refused:
        check_pick(facts)

    assert [reason.text for reason in refused.value.reasons] == [
        f"The {what} scanned is {scanned}, the release names {expected}." for what, scanned, expected in shown
    ]
