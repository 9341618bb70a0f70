"""What the papers of a unit in quarantine say (21 CFR 1271.60(c)), and that they are true when they are enclosed."""

from dataclasses import replace

import pytest

from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.gate_facts import DeterminationFacts
from inventory.domain.paper import PaperFacts, check_as_drawn, legends_of, statements_of
from inventory.domain.shipment import ShipmentRefused

INELIGIBLE = EligibilityVerdict.INELIGIBLE
REACTIVE = "WARNING: Reactive test results for HBsAg"
FIXED = ("BIOHAZARD", "WARNING: Advise patient of communicable disease risks")


def found(verdict: EligibilityVerdict, *reactive: str, reopened: bool = False) -> DeterminationFacts:
    return DeterminationFacts(verdict, signed=True, reopened=reopened, reactive=reactive)


ELIGIBLE = found(EligibilityVerdict.ELIGIBLE)


def facts(*determinations: DeterminationFacts | None) -> PaperFacts:
    return PaperFacts("U1", ("W1", "W2"), determinations, holds=("receipt (HLD-1)",))


@pytest.mark.parametrize(
    ("determinations", "complete"),
    [
        ((), False),
        ((None,), False),
        ((found(EligibilityVerdict.INCOMPLETE),), False),
        ((ELIGIBLE, None), False),
        ((ELIGIBLE, replace(ELIGIBLE, reopened=True)), False),
        ((ELIGIBLE,), True),
        ((found(INELIGIBLE), ELIGIBLE), True),
    ],
)
def test_papers_name_each_donor_by_code_and_say_no_more_than_is_known(
    determinations: tuple[DeterminationFacts | None, ...], complete: bool
) -> None:
    said = statements_of(facts(*determinations))

    text = " ".join(said)
    assert "The donors are identified by the donation numbers W1, W2." in text
    assert ("determination of the donor's eligibility has not been completed" in text) is not complete
    assert ("must not be implanted, transplanted, infused or transferred until it has" in text) is not complete
    assert ("must not be given to anybody" in text) is complete
    assert "On hold: receipt (HLD-1)." in text


@pytest.mark.parametrize(
    ("determinations", "legends"),
    [
        ((), ()),
        ((None, ELIGIBLE, found(EligibilityVerdict.INCOMPLETE)), ()),
        ((found(INELIGIBLE),), FIXED),
        ((found(INELIGIBLE, "hbs_ag"),), (*FIXED, REACTIVE)),
        ((found(INELIGIBLE, "cmv"),), FIXED),
        (
            (ELIGIBLE, None, found(INELIGIBLE, "hbs_ag", reopened=True)),
            (*FIXED, REACTIVE),
        ),
        ((found(INELIGIBLE), found(INELIGIBLE)), FIXED),
        (
            (found(EligibilityVerdict.NOT_REQUIRED),),
            ("FOR AUTOLOGOUS USE ONLY", "NOT EVALUATED FOR INFECTIOUS SUBSTANCES"),
        ),
    ],
)
def test_papers_bear_the_fixed_warnings_of_a_donor_found_ineligible_and_of_a_gift_to_oneself(
    determinations: tuple[DeterminationFacts | None, ...], legends: tuple[str, ...]
) -> None:
    assert legends_of(facts(*determinations)) == legends


@pytest.mark.parametrize(
    "true", [{}, {"U1": ("a", "b")}, {"U1": ("a",), "U2": ("c",)}], ids=["gone", "changed", "another"]
)
def test_papers_that_were_overtaken_while_they_were_drawn_are_not_enclosed(true: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ShipmentRefused, match="enclose them anew"):
        check_as_drawn({"U1": ("a",)}, true)


def test_papers_that_still_say_what_is_true_are_enclosed() -> None:
    check_as_drawn({"U1": ("a",)}, {"U1": ("a",)})
