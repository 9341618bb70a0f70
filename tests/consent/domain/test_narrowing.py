from dataclasses import replace

import pytest

from consent.domain.narrowing import NarrowingFacts, NarrowingRefused, check_narrowing, obstacles_to_narrow
from consent.domain.permitted_use import Standing, Term
from consent.domain.standing import Answered
from tests.factories.time import NOON, days, hours

ANSWERS = {
    "storage": Answered(granted=True, term=Term("")),
    "research": Answered(granted=True, term=Term("DUO:0000006")),
    "ancestry": Answered(granted=False, term=Term("DUO:0000011")),
    "treatment": Answered(granted=True, term=Term(""), human_application=True),
    "companies": Answered(granted=True, term=Term("DUO:0000046"), applies_when_refused=True),
    "genetics": Answered(granted=True, term=Term("DUO:0000016")),
}
NARROWING = NarrowingFacts(
    standing=Standing.ACTIVE,
    given_at=NOON - days(1),
    answers=ANSWERS,
    taken_back=["treatment"],
    reason="Letter",
    occurred_at=NOON,
)


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (NARROWING, []),
        (replace(NARROWING, taken_back=["companies", "treatment"]), []),
        (replace(NARROWING, taken_back=[]), ["nothing"]),
        (replace(NARROWING, taken_back=["research"]), ["nothing-left"]),
        (replace(NARROWING, taken_back=["storage"]), ["condition"]),
        (replace(NARROWING, taken_back=["genetics"]), ["restriction"]),
        (replace(NARROWING, taken_back=["ancestry"]), ["not-granted"]),
        (replace(NARROWING, taken_back=["sale", "treatment"]), ["not-asked"]),
        (replace(NARROWING, reason=" "), ["missing"]),
        (replace(NARROWING, occurred_at=NOON + hours(1)), ["future"]),
        (replace(NARROWING, occurred_at=NOON - days(2)), ["before-consent"]),
        *((replace(NARROWING, standing=each), ["no-consent"]) for each in Standing if each is not Standing.ACTIVE),
    ],
)
def test_only_what_was_granted_and_widens_a_use_is_taken_back(facts, codes):
    assert [reason.code for reason in obstacles_to_narrow(facts, at=NOON)] == codes


def test_a_refused_narrowing_says_everything_at_once():
    with pytest.raises(NarrowingRefused) as refusal:
        check_narrowing(replace(NARROWING, taken_back=["storage", "sale"], reason=""), at=NOON)

    assert [reason.code for reason in refusal.value.reasons] == ["missing", "not-asked", "condition"]
