"""Accepting a unit for a use."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from inventory.domain.acceptance import (
    AcceptanceFacts,
    DonorConsent,
    NotAcceptable,
    check_accepting,
    obstacles_to_accepting,
)
from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.retest import Inquiry, Left
from inventory.domain.sample import SampleRole
from inventory.domain.specification import Limit, Operator, Stage
from inventory.domain.unit import ProductClass, UnitState, Use
from tests.inventory.domain.gate_examples import ELIGIBLE, TNC

HUMAN, LABORATORY = Use.HUMAN_APPLICATION, Use.LABORATORY
CONSENT = DonorConsent("DNR-1", full=True, human_application=True, research=True)
WARM = Left(Inquiry.EXCURSION, "EXC-1", discard=False, since=datetime(2026, 3, 14, tzinfo=UTC))
GOOD = AcceptanceFacts(
    unit="U1",
    product_class=ProductClass.CORD_BLOOD,
    state=UnitState.QUARANTINED,
    specification="cord-blood-human v1",
    limits=(
        Limit(Stage.PRE_FREEZE, "tnc", Operator.AT_LEAST, Decimal("5e8")),
        Limit(Stage.POST_THAW, "cfu_growth", Operator.ONE_OF, words=("growth",)),
    ),
    measurements=(TNC,),
    determinations=(ELIGIBLE,),
    consents=(CONSENT,),
    samples={SampleRole.SEGMENT: 2, SampleRole.DNA: 1, SampleRole.MATERNAL_SERUM: 1},
    placed=True,
)


def determined(**changed: object) -> dict[str, object]:
    return {"determinations": (replace(ELIGIBLE, **changed),)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "human", "laboratory"),
    [
        ({}, [], []),
        ({"state": UnitState.COLLECTED}, ["state"], ["state"]),
        ({"placed": False}, ["not-placed"], ["not-placed"]),
        ({"specification": ""}, ["no-specification"], ["no-specification"]),
        ({"consents": ()}, ["no-donor"], ["no-donor"]),
        ({"rejected_at_receipt": True}, ["rejected"], ["rejected"]),
        ({"thawed": True}, ["thawed"], ["thawed"]),
        ({"unsettled": (WARM,)}, ["excursion"], ["excursion"]),
        ({"measurements": ()}, ["unknown-tnc"], ["unknown-tnc"]),
        ({"measurements": (replace(TNC, verified=False),)}, ["unknown-tnc"], ["unknown-tnc"]),
        ({"measurements": (replace(TNC, number=Decimal(1)),)}, ["fail-tnc"], ["fail-tnc"]),
        ({"accepted_before": HUMAN}, [], []),
        ({"accepted_before": LABORATORY}, ["use-goes-down"], []),
        ({"for_human_application": False}, ["collection-type"], []),
        ({"for_human_application": None}, ["collection-type-unknown"], []),
        ({"determinations": ()}, ["eligibility"], []),
        ({"determinations": (None,)}, ["eligibility"], []),
        ({"determinations": (ELIGIBLE, None)}, ["eligibility"], []),
        (determined(signed=False), ["eligibility"], []),
        (determined(reopened=True), ["eligibility"], []),
        (determined(verdict=EligibilityVerdict.INCOMPLETE), ["eligibility"], []),
        (determined(verdict=EligibilityVerdict.INELIGIBLE), [], []),
        (determined(verdict=EligibilityVerdict.NOT_REQUIRED), [], []),
        ({"consents": (replace(CONSENT, human_application=False),)}, ["consent"], []),
        ({"consents": (replace(CONSENT, research=False),)}, [], ["consent"]),
        ({"consents": (CONSENT, replace(CONSENT, full=False))}, ["consent"], ["consent"]),
        ({"samples": {}}, ["samples", "samples", "samples"], []),
        ({"samples": {**GOOD.samples, SampleRole.SEGMENT: 1}}, ["samples"], []),
        ({"samples": {}, "product_class": ProductClass.PLACENTA}, [], []),
    ],
)
@pytest.mark.parametrize("use", Use)
def test_every_obstacle_to_accepting_is_named(
    changed: dict[str, object], human: list[str], laboratory: list[str], use: Use
) -> None:
    facts = replace(GOOD, **changed)  # type: ignore[arg-type]
    expected = human if use is HUMAN else laboratory

    assert [reason.code for reason in obstacles_to_accepting(use, facts)] == expected
    if expected:
        with pytest.raises(NotAcceptable, match="U1"):
            check_accepting(use, facts)
    else:
        check_accepting(use, facts)
