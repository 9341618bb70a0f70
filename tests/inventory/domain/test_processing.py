"""Processing: times and amounts."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.processing import (
    ParentFacts,
    ProcessingFacts,
    ProcessingRefused,
    can_be_made_of,
    check_processing,
    obstacles_to_processing,
    remaining,
)
from inventory.domain.unit import ProductClass, UnitState
from tests.factories.time import NOON, hours

P = ProductClass
INSTANT = timedelta(seconds=1)
PARENT = ParentFacts("U1", UnitState.QUARANTINED, Decimal(110), (Decimal(100), Decimal(10)), NOON - hours(9))
GOOD = ProcessingFacts(
    parents=(PARENT,),
    children=("U2", "U3"),
    started_at=NOON - hours(3),
    frozen_at=NOON - hours(1),
    volume_before_ml=Decimal(110),
    volume_after_ml=Decimal(25),
)


def with_parent(**changed: object) -> dict[str, object]:
    return {"parents": (replace(PARENT, **changed),)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"frozen_at": None, "volume_before_ml": None, "volume_after_ml": None}, []),
        ({"frozen_at": NOON + INSTANT}, ["future-freezing"]),
        ({"started_at": NOON + INSTANT, "frozen_at": None}, ["future-start"]),
        ({"frozen_at": GOOD.started_at - INSTANT}, ["frozen-before-start"]),
        ({"frozen_at": GOOD.started_at}, []),
        ({"volume_before_ml": Decimal(0)}, ["volume"]),
        ({"volume_after_ml": Decimal(-1)}, ["volume"]),
        ({"parents": ()}, ["no-lineage"]),
        ({"children": ()}, ["no-lineage"]),
        ({"children": ("U2", "U2")}, ["same-code"]),
        (with_parent(state=UnitState.COLLECTED), []),
        (with_parent(state=UnitState.AVAILABLE), []),
        (with_parent(state=UnitState.RESERVED), ["parent-state"]),
        (with_parent(state=UnitState.CONSUMED), ["parent-state"]),
        (with_parent(collected_at=None), []),
        (with_parent(collected_at=GOOD.started_at + INSTANT), ["before-collection"]),
        (with_parent(taken=(Decimal("110.01"),)), ["amount"]),
        (with_parent(taken=(Decimal(0),)), ["amount"]),
        (with_parent(amount=None), []),
        (with_parent(lives_on=True), []),
        (with_parent(lives_on=True, state=UnitState.COLLECTED), []),
        (with_parent(lives_on=True, state=UnitState.AVAILABLE), ["parent-state"]),
        (with_parent(lives_on=True, state=UnitState.RESERVED), ["parent-state"]),
        (with_parent(lives_on=True, amount=None), ["amount-unknown"]),
        (with_parent(lives_on=True, taken=(Decimal(1), None)), ["amount-unknown"]),
        (with_parent(taken=(Decimal(1), None)), []),
        ({**with_parent(thawed=True), "frozen_at": None}, []),
        ({**with_parent(thawed=True), "frozen_at": NOON}, ["thawed"]),
        ({**with_parent(thawed=True), "frozen_at": None, "stays_frozen": True}, ["thawed"]),
        ({**with_parent(thawed=True, lives_on=True), "frozen_at": None}, ["thawed"]),
        ({"frozen_at": NOON, "stays_frozen": True}, ["stays-frozen"]),
        (with_parent(product_class=P.CORD_BLOOD, makes=(P.CORD_BLOOD,)), []),
        (with_parent(product_class=P.CORD_BLOOD, makes=(P.HEPATOCYTE, P.HEPATOCYTE)), ["product-class"]),
    ],
)
def test_every_obstacle_to_processing_is_named(changed: dict[str, object], codes: list[str]) -> None:
    facts = replace(GOOD, **changed)  # type: ignore[arg-type]

    assert [reason.code for reason in obstacles_to_processing(facts, at=NOON)] == codes
    if codes:
        with pytest.raises(ProcessingRefused):
            check_processing(facts, at=NOON)
    else:
        check_processing(facts, at=NOON)


amounts = st.decimals(min_value="0.01", max_value=500, places=2)


@given(amounts, st.lists(amounts, min_size=1, max_size=5))
def test_children_never_take_more_than_their_parent_has(amount: Decimal, taken: list[Decimal]) -> None:
    facts = replace(GOOD, **with_parent(amount=amount, taken=tuple(taken)))  # type: ignore[arg-type]

    refused = bool(obstacles_to_processing(facts, at=NOON))

    assert refused is (sum(taken) > amount)
    assert remaining(amount, taken) == amount - sum(taken)


def test_each_class_is_made_of_its_own_and_of_the_tissues_that_hold_its_cells() -> None:
    made_of_others = {(parent, child) for parent in P for child in P if can_be_made_of(parent, child)} - {
        (each, each) for each in P
    }

    assert made_of_others == {
        (P.PLACENTA, P.AMNION_EPITHELIAL),
        (P.PLACENTA, P.MSC),
        (P.CORD_TISSUE, P.MSC),
        (P.LIVER_TISSUE, P.HEPATOCYTE),
        (P.LIVER_TISSUE, P.LIVER_PROGENITOR),
    }
    assert all(can_be_made_of(each, each) for each in P)
