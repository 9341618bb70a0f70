"""Receipt at the bank, by criteria."""

from dataclasses import replace
from decimal import Decimal

import pytest

from inventory.domain.receipt import ReceiptCriteria, ReceiptDecision, ReceiptFacts, judge_receipt
from inventory.domain.unit import ProductClass

ACCEPT, LABORATORY, REJECT = ReceiptDecision.ACCEPT, ReceiptDecision.ACCEPT_LABORATORY, ReceiptDecision.REJECT
GOOD = ReceiptFacts(
    product_class=ProductClass.CORD_BLOOD,
    label_matches=True,
    seal_intact=True,
    bag_intact=True,
    hours_since_collection=Decimal(20),
    coldest_celsius=Decimal(4),
    warmest_celsius=Decimal(25),
    volume_ml=Decimal(40),
)


@pytest.mark.parametrize(
    ("changed", "decision", "differences"),
    [
        ({}, ACCEPT, ()),
        ({"hours_since_collection": Decimal(42)}, ACCEPT, ()),
        ({"hours_since_collection": Decimal("42.01")}, LABORATORY, ()),
        ({"hours_since_collection": Decimal(72)}, LABORATORY, ()),
        ({"hours_since_collection": Decimal("72.01")}, REJECT, ()),
        ({"hours_since_collection": Decimal(-1)}, REJECT, ()),
        ({"warmest_celsius": Decimal("25.1")}, LABORATORY, ("temperature",)),
        ({"coldest_celsius": Decimal("3.9")}, LABORATORY, ("temperature",)),
        ({"coldest_celsius": None}, LABORATORY, ()),
        ({"warmest_celsius": None}, LABORATORY, ()),
        ({"volume_ml": Decimal("39.9")}, LABORATORY, ()),
        ({"volume_ml": None}, LABORATORY, ()),
        ({"seal_intact": False}, LABORATORY, ("seal",)),
        ({"maternal_tubes_present": False}, LABORATORY, ("maternal tubes",)),
        ({"papers_present": False}, LABORATORY, ("papers",)),
        ({"bag_intact": False}, REJECT, ("bag",)),
        ({"label_matches": False, "seal_intact": False}, REJECT, ("label", "seal")),
    ],
)
def test_each_criterion_decides(
    changed: dict[str, object], decision: ReceiptDecision, differences: tuple[str, ...]
) -> None:
    verdict = judge_receipt(replace(GOOD, **changed))  # type: ignore[arg-type]

    assert (verdict.decision, verdict.differences) == (decision, differences)
    assert bool(verdict.reasons) is (decision is not ACCEPT)


def test_a_bank_may_have_criteria_of_its_own_without_a_least_volume() -> None:
    criteria = ReceiptCriteria(Decimal(10), Decimal(2), Decimal(8))
    facts = replace(GOOD, volume_ml=None, warmest_celsius=Decimal(8), hours_since_collection=Decimal(9))

    assert judge_receipt(facts, criteria).decision is ACCEPT
