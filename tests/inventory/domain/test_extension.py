from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from inventory.domain.expiry import UNDECIDED, Expiry, ExpiryBasis
from inventory.domain.extension import (
    Document,
    ExtensionFacts,
    ExtensionRefused,
    ResultEvidence,
    check_extending,
    latest_by_policy,
)
from inventory.domain.unit import ProductClass

NOON = datetime(2031, 1, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RESULT = ResultEvidence("cell_viability_percent", of_this=True, stands=True, entered_at=NOON - DAY)
DOCUMENT = Document("Stability programme, year 5", date(2031, 1, 10), "a" * 64)
GOOD = ExtensionFacts(
    product_class=ProductClass.MSC,
    expiry=Expiry(ExpiryBasis.RETEST_DUE, NOON + 30 * DAY),
    assigned_at=NOON - 1800 * DAY,
    is_here=True,
    until=NOON + 1800 * DAY,
    reason="retested",
    result=RESULT,
)
ON_PAPER = {"result": None, "document": DOCUMENT}
OVER = NOON - DAY


def result(**changed):
    return {"result": replace(RESULT, **changed)}


def document(**changed):
    return {"result": None, "document": replace(DOCUMENT, **changed)}


@pytest.mark.parametrize(
    "changed",
    [{}, ON_PAPER, {"expiry": Expiry(ExpiryBasis.RETEST_DUE, OVER)}, {"until": datetime(2036, 1, 13, 12, tzinfo=UTC)}],
)
def test_new_evidence_extends(changed):
    facts = replace(GOOD, **changed)

    assert check_extending(facts, at=NOON) == facts.expiry.at


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"expiry": UNDECIDED}, {"not-assigned"}),
        ({"expiry": Expiry(ExpiryBasis.NOT_ASSIGNED)}, {"not-assigned"}),
        ({"expiry": Expiry(ExpiryBasis.POLICY_YEARS, NOON + DAY)}, {"fresh"}),
        ({"expiry": Expiry(ExpiryBasis.STABILITY_DATA, OVER)}, {"expired"}),
        ({"expiry": Expiry(ExpiryBasis.STABILITY_DATA, NOON)}, {"expired"}),
        ({"is_here": False}, {"not-here"}),
        ({"until": NOON + 30 * DAY}, {"not-later"}),
        ({"until": NOON, "expiry": Expiry(ExpiryBasis.RETEST_DUE, OVER)}, {"past"}),
        ({"until": datetime(2036, 1, 13, 12, 0, 1, tzinfo=UTC)}, {"policy"}),
        ({"reason": " "}, {"missing"}),
        ({"result": None}, {"no-evidence"}),
        ({"document": DOCUMENT}, {"no-evidence"}),
        ({"assigned_at": RESULT.entered_at}, {"old-evidence"}),
        (result(specimen_at=GOOD.assigned_at - DAY), {"old-evidence", "policy"}),
        (result(assay="bacterial_culture"), {"not-stability"}),
        (result(assay="unheard-of"), {"not-stability"}),
        (result(of_this=False), {"other-subject"}),
        (result(stands=False), {"not-verified"}),
        (document(name=""), {"missing"}),
        (document(dated=date(2031, 1, 15)), {"future"}),
        (document(sha256="A" * 64), {"hash"}),
        (document(dated=date(2020, 1, 1)), {"old-evidence", "policy"}),
    ],
)
def test_every_obstacle_is_named(changed, codes):
    with pytest.raises(ExtensionRefused) as refused:
        check_extending(replace(GOOD, **changed), at=NOON)

    assert {each.code for each in refused.value.reasons} == codes


def test_evidence_carries_as_long_as_the_policy_says_and_five_years_where_it_assigns_none():
    assert latest_by_policy(ProductClass.MSC, NOON) == NOON.replace(year=2036)
    assert latest_by_policy(ProductClass.HEPATOCYTE, NOON) == NOON.replace(year=2036)
