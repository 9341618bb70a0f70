"""Judging measurements by limits."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.assay import Qualifier
from inventory.domain.specification import (
    ACCEPTANCE_STAGES,
    Limit,
    Measurement,
    Operator,
    SampleSource,
    Stage,
    compare,
    evaluate,
    hours_to_freezing,
    obstacles_to_limit,
    recorded_recovery_percent,
)
from inventory.domain.verdict import Outcome
from tests.factories.time import NOON

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
LIMIT = Decimal(85)
numbers = st.decimals(min_value=0, max_value=1000, places=3)


def limit(operator: Operator = Operator.AT_LEAST, number: str | None = "85", **others: object) -> Limit:
    value = Decimal(number) if number is not None else None
    return Limit(Stage.PRE_FREEZE, "tnc_viability_percent", operator, value, **others)  # type: ignore[arg-type]


def measured(number: str | None = "90", **others: object) -> Measurement:
    facts: dict[str, object] = {"taken_from": SampleSource.UNIT, "verified": True, "reference": "R1", **others}
    value = Decimal(number) if number is not None else None
    return Measurement("tnc_viability_percent", number=value, **facts)  # type: ignore[arg-type]


def judged(line: Limit, *measurements: Measurement) -> Outcome:
    (finding,) = evaluate([line], measurements, Stage.PRE_FREEZE)
    return finding.outcome


@pytest.mark.parametrize(
    ("operator", "under", "equal", "over"),
    [
        (Operator.AT_LEAST, FAIL, PASS, PASS),
        (Operator.MORE_THAN, FAIL, FAIL, PASS),
        (Operator.AT_MOST, PASS, PASS, FAIL),
        (Operator.LESS_THAN, PASS, FAIL, FAIL),
        (Operator.RECORDED, PASS, PASS, PASS),
    ],
)
def test_operators_at_and_beside_the_limit(operator: Operator, under: Outcome, equal: Outcome, over: Outcome) -> None:
    line = limit(operator)

    found = [judged(line, measured(number)) for number in ("84.999", "85", "85.001")]

    assert found == [under, equal, over]


@pytest.mark.parametrize(
    ("operator", "number", "expected"),
    [
        (Operator.AT_LEAST, "85", FAIL),
        (Operator.AT_LEAST, "86", UNKNOWN),
        (Operator.MORE_THAN, "85", FAIL),
        (Operator.MORE_THAN, "86", UNKNOWN),
        (Operator.AT_MOST, "85", PASS),
        (Operator.AT_MOST, "86", UNKNOWN),
        (Operator.LESS_THAN, "85", PASS),
        (Operator.LESS_THAN, "86", UNKNOWN),
        (Operator.RECORDED, "86", PASS),
    ],
)
def test_below_a_methods_limit_counts_only_where_every_such_value_would(
    operator: Operator, number: str, expected: Outcome
) -> None:
    assert judged(limit(operator), measured(number, qualifier=Qualifier.BELOW_LIMIT)) is expected


@given(st.sampled_from([Operator.AT_LEAST, Operator.MORE_THAN, Operator.AT_MOST, Operator.LESS_THAN]), numbers, numbers)
def test_below_limit_never_says_more_than_the_value_itself_would(
    operator: Operator, bound: Decimal, share: Decimal
) -> None:
    true_value = bound * share / 1001

    answer = compare(operator, bound, LIMIT, below=True)

    if true_value < bound and answer is not UNKNOWN:
        assert compare(operator, true_value, LIMIT) is answer


@pytest.mark.parametrize(
    ("word", "expected"),
    [("no_growth", PASS), ("growth", FAIL), ("pending", UNKNOWN), ("", UNKNOWN)],
)
def test_words_are_one_of_those_allowed(word: str, expected: Outcome) -> None:
    line = limit(Operator.ONE_OF, None, words=("no_growth",))

    assert judged(line, measured(None, text=word)) is expected


@pytest.mark.parametrize(
    ("measurements", "mandatory", "expected"),
    [
        ((), True, UNKNOWN),
        ((), False, PASS),
        ((measured(None, qualifier=Qualifier.NOT_DONE),), True, UNKNOWN),
        ((measured(None, qualifier=Qualifier.NOT_DONE),), False, PASS),
        ((measured(None, qualifier=Qualifier.QUANTITY_INSUFFICIENT),), True, UNKNOWN),
        ((measured(verified=False),), True, UNKNOWN),
        ((measured("10", verified=False),), True, UNKNOWN),
        ((measured("10"),), False, FAIL),
        ((measured(None),), True, UNKNOWN),
        ((measured(), measured("10")), True, FAIL),
        ((measured(), measured(None, qualifier=Qualifier.NOT_DONE)), True, UNKNOWN),
        ((measured(taken_from=SampleSource.ATTACHED_SEGMENT),), True, UNKNOWN),
        ((measured(stage=Stage.POST_THAW),), True, UNKNOWN),
        ((measured(stage=Stage.PRE_FREEZE),), True, PASS),
    ],
)
def test_only_present_verified_values_of_the_right_sample_and_stage_count(
    measurements: tuple[Measurement, ...], mandatory: bool, expected: Outcome
) -> None:
    assert judged(limit(mandatory=mandatory), *measurements) is expected


def test_a_limit_without_its_number_never_passes() -> None:
    assert judged(limit(number=None), measured()) is UNKNOWN


def test_only_the_limits_of_the_stages_asked_are_judged() -> None:
    lines = [limit(), Limit(Stage.POST_THAW, "cfu_growth", Operator.ONE_OF, words=("growth",))]

    findings = evaluate(lines, [measured()], *ACCEPTANCE_STAGES)

    assert [finding.limit.assay for finding in findings] == ["tnc_viability_percent"]
    assert findings[0].evidence == ("R1",)
    assert findings[0].reason == "Viability of nucleated cells 90 against at least 85"


def test_rounding_never_brings_a_computed_value_within_its_limit() -> None:
    just_over = hours_to_freezing(NOON, NOON + timedelta(hours=48, microseconds=1))
    just_under = recorded_recovery_percent(Decimal(1_000_000_000), Decimal(599_999_999))

    assert just_over == Decimal("48.001")
    assert just_under == Decimal("59.999")
    assert hours_to_freezing(NOON, NOON + timedelta(hours=48)) == 48
    assert recorded_recovery_percent(Decimal("1.32e9"), Decimal("1.188e9")) == 90


@pytest.mark.parametrize(
    ("line", "obstacle"),
    [
        (limit(), ""),
        (limit(Operator.RECORDED, None), ""),
        (limit(taken_from=SampleSource.QC_VIAL), ""),
        (limit(taken_from=SampleSource.LOT), ""),
        (Limit(Stage.POST_THAW, "cfu_growth", Operator.ONE_OF, words=("growth",)), ""),
        (Limit(Stage.POST_THAW, "urea_synthesis", Operator.RECORDED, taken_from=SampleSource.QC_VIAL), ""),
        (limit(taken_from=SampleSource.MOTHER), "is not measured on the mother"),
        (limit(number=None), "a number from 2 to 100 %"),
        (limit(number="1.999"), "a number from 2 to 100 %"),
        (limit(number="100.001"), "a number from 2 to 100 %"),
        (limit(number="85.0001"), "with three decimals at most"),
        (limit(number="NaN"), "a number from 2 to 100 %"),
        (limit(words=("alive",)), "a number from 2 to 100 %"),
        (limit(Operator.RECORDED), "what is recorded alone has no limit"),
        (limit(Operator.ONE_OF, None, words=("alive",)), "it is recorded alone"),
        (Limit(Stage.PRE_FREEZE, "karyotype", Operator.ONE_OF, words=("fine",)), "some of normal, abnormal"),
        (Limit(Stage.PRE_FREEZE, "karyotype", Operator.ONE_OF, words=("pending",)), "some of normal, abnormal"),
        (Limit(Stage.PRE_FREEZE, "karyotype", Operator.ONE_OF), "some of normal, abnormal"),
        (Limit(Stage.PRE_FREEZE, "karyotype", Operator.AT_LEAST, Decimal(1)), "some of normal, abnormal"),
        (Limit(Stage.PRE_FREEZE, "hla_a", Operator.ONE_OF, words=("A*01:01",)), "it is recorded alone"),
        (Limit(Stage.PRE_FREEZE, "tcn", Operator.RECORDED), "There is no assay “tcn”"),
    ],
)
def test_a_limit_that_could_never_judge_a_value_says_why(line: Limit, obstacle: str) -> None:
    reasons = obstacles_to_limit(line)

    assert len(reasons) == (1 if obstacle else 0)
    assert all(obstacle in reason for reason in reasons)


@pytest.mark.parametrize("source", [SampleSource.QC_VIAL, SampleSource.LOT])
def test_a_potency_assay_is_demanded_of_the_vial_or_the_lot_and_of_nothing_else(source: SampleSource) -> None:
    line = Limit(Stage.POST_THAW, "albumin_secretion", Operator.AT_LEAST, Decimal(10), taken_from=source)
    secreted = Measurement("albumin_secretion", source, verified=True, number=Decimal("12.5"))
    elsewhere = replace(secreted, taken_from=SampleSource.UNIT)

    found = [evaluate([line], each, Stage.POST_THAW)[0].outcome for each in ([secreted], [elsewhere], [])]

    assert found == [PASS, UNKNOWN, UNKNOWN]
