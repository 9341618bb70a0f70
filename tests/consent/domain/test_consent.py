from dataclasses import replace

import pytest

from consent.domain.consent import (
    ConsentRefused,
    ConsentState,
    EarlierConsent,
    GivingFacts,
    Question,
    WithdrawalFacts,
    WithdrawalRefused,
    WithdrawalScope,
    check_consent,
    check_withdrawal,
    nothing_to_withdraw,
    obstacles_to_decline,
    obstacles_to_give,
    obstacles_to_withdraw,
)
from consent.domain.form import Extent
from tests.factories.time import NOON, days, hours

GIVING = GivingFacts(
    form_in_force=True,
    extent=Extent.FULL,
    questions={"storage": Question.CONDITION, "research": Question.MANDATORY, "treatment": Question.OPTIONAL},
    answers={"storage": True, "research": True},
    given_at=NOON,
    taken_by=1,
    witness=2,
    earlier=None,
)
ACTIVE = EarlierConsent(state=ConsentState.ACTIVE, extent=Extent.FULL, given_at=NOON - days(1))
COLLECTION = replace(ACTIVE, extent=Extent.COLLECTION_ONLY)
WITHDRAWN = replace(
    ACTIVE, state=ConsentState.WITHDRAWN, ended_at=NOON - hours(1), withdrawal_scope=WithdrawalScope.FUTURE_USE
)
LEAVING = WithdrawalFacts(latest=ACTIVE, scope=WithdrawalScope.ALL, reason="Letter", occurred_at=NOON)


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (GIVING, []),
        (replace(GIVING, witness=None), []),
        (replace(GIVING, answers={}), ["unanswered", "unanswered"]),
        (replace(GIVING, answers={"storage": True, "research": False, "treatment": False}), []),
        (replace(GIVING, answers={"storage": False, "research": True}), ["condition"]),
        (replace(GIVING, answers={"storage": True, "research": True, "sale": True}), ["not-asked"]),
        (replace(GIVING, given_at=NOON + hours(1)), ["future"]),
        (replace(GIVING, form_in_force=False), ["form-not-in-force"]),
        (replace(GIVING, witness=1), ["same-person"]),
        (replace(GIVING, earlier=ACTIVE), []),
        (replace(GIVING, earlier=COLLECTION), []),
        (replace(GIVING, earlier=replace(COLLECTION, given_at=NOON)), []),
        (replace(GIVING, earlier=COLLECTION, extent=Extent.COLLECTION_ONLY), []),
        (replace(GIVING, earlier=ACTIVE, extent=Extent.COLLECTION_ONLY), ["full-active"]),
        (replace(GIVING, earlier=replace(ACTIVE, given_at=NOON + hours(1))), ["older-than-record"]),
        (replace(GIVING, earlier=WITHDRAWN), []),
        (replace(GIVING, earlier=replace(WITHDRAWN, ended_at=NOON)), ["older-than-record"]),
    ],
)
def test_every_obstacle_to_giving_consent(facts, codes):
    assert [reason.code for reason in obstacles_to_give(facts, at=NOON)] == codes


@pytest.mark.parametrize(
    ("facts", "reason", "codes"),
    [
        (GIVING, "", []),
        (replace(GIVING, answers={}), "Too tired", []),
        (replace(GIVING, given_at=NOON + hours(1), form_in_force=False), "", ["future", "form-not-in-force"]),
        (replace(GIVING, earlier=ACTIVE), "", ["active-consent"]),
        (replace(GIVING, earlier=WITHDRAWN), "", []),
        (GIVING, "x" * 501, ["too-long"]),
    ],
)
def test_every_obstacle_to_declining(facts, reason, codes):
    assert [found.code for found in obstacles_to_decline(facts, reason=reason, at=NOON)] == codes


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (LEAVING, []),
        (replace(LEAVING, latest=COLLECTION), []),
        (replace(LEAVING, reason=" "), ["missing"]),
        (replace(LEAVING, occurred_at=NOON + hours(1)), ["future"]),
        (replace(LEAVING, occurred_at=NOON - days(2)), ["before-consent"]),
        (replace(LEAVING, latest=WITHDRAWN), []),
        (replace(LEAVING, latest=WITHDRAWN, scope=WithdrawalScope.FUTURE_USE), ["withdrawn-already"]),
        (
            replace(LEAVING, latest=replace(WITHDRAWN, withdrawal_scope=WithdrawalScope.ALL)),
            ["withdrawn-already"],
        ),
        (replace(LEAVING, latest=replace(ACTIVE, state=ConsentState.DECLINED)), ["no-consent"]),
    ],
)
def test_every_obstacle_to_withdrawing(facts, codes):
    assert [reason.code for reason in obstacles_to_withdraw(facts, at=NOON)] == codes


def test_checks_raise_where_there_are_reasons_and_only_there():
    check_consent([])
    check_withdrawal(LEAVING, at=NOON)

    with pytest.raises(ConsentRefused, match="must be answered"):
        check_consent(obstacles_to_give(replace(GIVING, answers={}), at=NOON))
    with pytest.raises(WithdrawalRefused, match="reason is missing"):
        check_withdrawal(replace(LEAVING, reason=""), at=NOON)


def test_a_donor_without_consent_has_nothing_to_withdraw():
    assert "record that she declined" in str(nothing_to_withdraw())
