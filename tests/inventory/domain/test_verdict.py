"""Pass, unknown, fail."""

import pytest

from inventory.domain.verdict import Outcome, worst


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], Outcome.PASS),
        ([Outcome.PASS], Outcome.PASS),
        ([Outcome.PASS, Outcome.UNKNOWN], Outcome.UNKNOWN),
        ([Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS], Outcome.FAIL),
    ],
)
def test_the_worst_outcome_counts(outcomes: list[Outcome], expected: Outcome) -> None:
    assert worst(outcomes) is expected
