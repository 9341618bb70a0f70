"""What the papers of a unit in quarantine say (21 CFR 1271.60(c)), and that they are true when they are enclosed."""

import pytest

from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.paper import PaperFacts, check_as_drawn, statements_of
from inventory.domain.shipment import ShipmentRefused


@pytest.mark.parametrize(
    ("verdicts", "complete"),
    [
        ((), False),
        ((None,), False),
        ((EligibilityVerdict.INCOMPLETE,), False),
        ((EligibilityVerdict.ELIGIBLE, None), False),
        ((EligibilityVerdict.ELIGIBLE,), True),
        ((EligibilityVerdict.INELIGIBLE, EligibilityVerdict.ELIGIBLE), True),
    ],
)
def test_papers_name_each_donor_by_code_and_say_no_more_than_is_known(
    verdicts: tuple[EligibilityVerdict | None, ...], complete: bool
) -> None:
    said = statements_of(PaperFacts("U1", ("W1", "W2"), verdicts, holds=("receipt (HLD-1)",)))

    text = " ".join(said)
    assert "The donors are identified by the donation numbers W1, W2." in text
    assert ("determination of the donor's eligibility has not been completed" in text) is not complete
    assert ("must not be implanted, transplanted, infused or transferred until it has" in text) is not complete
    assert ("must not be given to anybody" in text) is complete
    assert "On hold: receipt (HLD-1)." in text


@pytest.mark.parametrize(
    "true", [{}, {"U1": ("a", "b")}, {"U1": ("a",), "U2": ("c",)}], ids=["gone", "changed", "another"]
)
def test_papers_that_were_overtaken_while_they_were_drawn_are_not_enclosed(true: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ShipmentRefused, match="enclose them anew"):
        check_as_drawn({"U1": ("a",)}, true)


def test_papers_that_still_say_what_is_true_are_enclosed() -> None:
    check_as_drawn({"U1": ("a",)}, {"U1": ("a",)})
