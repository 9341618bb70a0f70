"""Gates 1 and 2, of the donors: consent and eligibility, one changed fact at a time."""

from dataclasses import replace

import pytest

from consent.domain.permitted_use import PermittedUse, Standing, Verdict
from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.finding import Gate
from inventory.domain.gate_facts import GateFacts
from inventory.domain.release import ReleaseKind
from inventory.domain.unit import Use
from inventory.domain.verdict import Outcome
from tests.inventory.domain.gate_examples import (
    DONOR,
    GOOD,
    OTHER_DONOR,
    answer,
    of_degree,
    with_consent,
    with_determination,
    with_protocol,
)

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
V = EligibilityVerdict
DENIED = PermittedUse(Verdict.DENY, ("excludes the disease",))
REVIEW = PermittedUse(Verdict.REVIEW, ("form version unknown",))
LABORATORY = with_protocol(human_application=False)


@pytest.mark.parametrize(
    ("facts", "expected", "reason"),
    [
        (with_consent(DENIED), FAIL, "excludes the disease"),
        (with_consent(REVIEW), UNKNOWN, "form version unknown"),
        (with_consent(None), UNKNOWN, "no purpose"),
        (replace(GOOD, donors=(replace(DONOR, permitted_use=None, standing=Standing.WITHDRAWN),)),
         UNKNOWN, "The donor withdrew her consent; no purpose is known yet"),
        (replace(GOOD, donors=()), UNKNOWN, "no donor"),
        (replace(GOOD, donors=(DONOR, OTHER_DONOR)), PASS, "covers"),
        (replace(GOOD, donors=(DONOR, replace(OTHER_DONOR, permitted_use=DENIED))), FAIL, "DNR-2"),
        (replace(GOOD, donors=(replace(DONOR, permitted_use=REVIEW), replace(OTHER_DONOR, permitted_use=DENIED))),
         FAIL, "DNR-1: form version unknown; DNR-2: excludes the disease"),
    ],
)  # fmt: skip
def test_gate_1_asks_the_consent_of_every_donor(facts: GateFacts, expected: Outcome, reason: str) -> None:
    found = answer(Gate.CONSENT, facts)

    assert found.outcome is expected
    assert reason in found.reason


def test_gate_1_names_the_consents_it_rests_on() -> None:
    assert answer(Gate.CONSENT, GOOD).evidence == ("CON-1",)


INELIGIBLE = with_determination(verdict=V.INELIGIBLE, reactive=("hbs_ag",))
AUTOLOGOUS = with_determination(verdict=V.NOT_REQUIRED)
UNDETERMINED = replace(GOOD, donors=(replace(DONOR, determination=None),))


@pytest.mark.parametrize(
    ("facts", "expected", "urgent_may_waive"),
    [
        (GOOD, PASS, False),
        (UNDETERMINED, UNKNOWN, True),
        (with_determination(signed=False), UNKNOWN, True),
        (with_determination(reopened=True), UNKNOWN, True),
        (with_determination(verdict=V.INCOMPLETE), UNKNOWN, True),
        (INELIGIBLE, FAIL, True),
        (of_degree(INELIGIBLE, 1), PASS, False),
        (of_degree(INELIGIBLE, 2), PASS, False),
        (of_degree(INELIGIBLE, 3), FAIL, True),
        (replace(INELIGIBLE, request=None), FAIL, True),
        (AUTOLOGOUS, FAIL, False),
        (of_degree(INELIGIBLE, 0), FAIL, True),
        (of_degree(AUTOLOGOUS, 0), PASS, False),
        (of_degree(AUTOLOGOUS, 1), FAIL, False),
        (replace(GOOD, donors=(DONOR, replace(OTHER_DONOR, determination=None))), UNKNOWN, True),
        (replace(GOOD, donors=()), UNKNOWN, False),
        (replace(UNDETERMINED, protocol=LABORATORY.protocol), PASS, False),
        (replace(INELIGIBLE, protocol=LABORATORY.protocol), PASS, False),
        (replace(UNDETERMINED, protocol=None), UNKNOWN, True),
        (replace(UNDETERMINED, protocol=None, unit=replace(GOOD.unit, accepted_use=Use.LABORATORY)), PASS, False),
    ],
)
def test_gate_2_asks_the_eligibility_of_every_donation(
    facts: GateFacts, expected: Outcome, urgent_may_waive: bool
) -> None:
    found = answer(Gate.ELIGIBILITY, facts)

    assert found.outcome is expected
    assert found.waivable_by == (frozenset({ReleaseKind.URGENT}) if urgent_may_waive else frozenset())


def test_gate_2_shows_the_warnings_that_go_on_the_label() -> None:
    laboratory = answer(Gate.ELIGIBILITY, replace(INELIGIBLE, protocol=LABORATORY.protocol))
    reopened = answer(Gate.ELIGIBILITY, with_determination(reopened=True))

    assert laboratory.warnings[:2] == ("For Nonclinical Use Only", "BIOHAZARD")
    assert "NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in reopened.warnings
    assert laboratory.evidence == reopened.evidence == ("DET-1",)


def test_gate_2_warns_of_a_donor_nobody_determined_and_says_nothing_of_an_eligible_one() -> None:
    undetermined = answer(Gate.ELIGIBILITY, replace(GOOD, donors=(replace(GOOD.donors[0], determination=None),)))

    assert "NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in undetermined.warnings
    assert undetermined.evidence == ()
    assert answer(Gate.ELIGIBILITY, GOOD).warnings == ()
