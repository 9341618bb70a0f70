"""Each criterion of gate 8: passed, failed, and unknown while anything it asks is missing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.assay import Qualifier
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.criterion_rules import CriterionFacts, CriterionFinding, judge_criteria, known_amounts
from inventory.domain.quantity import in_three_figures
from inventory.domain.recipient import RecipientFacts, UnitOfRecipient
from inventory.domain.specification import Measurement, Operator, SampleSource
from inventory.domain.verdict import Outcome
from tests.factories.time import NOON, hours

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
D = Decimal
COUNTED = Measurement("tnc", SampleSource.UNIT, verified=True, number=D("1.25e9"))
TYPED = {"hla_a": "A*01:01+A*02:01", "hla_b": "B*08:01+B*44:02", "hla_drb1": "DRB1*03:01+DRB1*15:01"}
OTHER_ANTIGENS = TYPED | {"hla_a": "A*03:01+A*11:01", "hla_b": "B*08:01+B*07:02"}


def at_least(attribute: str, limit: str, scope: Scope = Scope.RECIPIENT) -> Criterion:
    return Criterion(scope, attribute, Operator.AT_LEAST, D(limit))


DOSE = at_least("tnc_per_kg", "5e7")
DOSE_OF_UNIT = at_least("tnc_per_kg", "5e7", Scope.UNIT)
DMSO = Criterion(Scope.RECIPIENT, "dmso_g_per_kg_day", Operator.AT_MOST, D(1))


def having(code: str, infused_at: object = None, **amounts: str) -> UnitOfRecipient:
    known = {assay: D(amount) for assay, amount in amounts.items()}
    return UnitOfRecipient(code, known, infused_at)  # type: ignore[arg-type]


RECIPIENT = RecipientFacts("P-7", weight_kg=D(25), units=(having("U1", tnc="1.25e9"),), typing=TYPED)
FACTS = CriterionFacts("U1", (COUNTED,), RECIPIENT, ("U1",), {"U1": TYPED})


def judged(criterion: Criterion, facts: CriterionFacts = FACTS) -> CriterionFinding:
    return next(judge_criteria([criterion], facts, at=NOON))


def measured(**changed: object) -> CriterionFacts:
    return replace(FACTS, measurements=(replace(COUNTED, **changed),))  # type: ignore[arg-type]


def recipient(**changed: object) -> CriterionFacts:
    return replace(FACTS, recipient=replace(RECIPIENT, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "expected", "reason"),
    [
        (FACTS, PASS, "per kg 50000000 against at least 50000000"),
        (measured(number=D("1249999999.999")), FAIL, "per kg 49999999 against at least 50000000"),
        (recipient(weight_kg=D("25.01")), FAIL, "per kg 49980007 against"),
        (measured(verified=False), UNKNOWN, "Total nucleated cells of U1 is not known and verified"),
        (measured(qualifier=Qualifier.BELOW_LIMIT), UNKNOWN, "of U1 is not known"),
        (measured(taken_from=SampleSource.ATTACHED_SEGMENT), UNKNOWN, "of U1 is not known"),
        (measured(taken_from=SampleSource.SOURCE), UNKNOWN, "of U1 is not known"),
        (replace(FACTS, measurements=(COUNTED, replace(COUNTED, number=D(9)))), UNKNOWN, "of U1 is not known"),
        (recipient(weight_kg=None), UNKNOWN, "the weight of P-7 is not stated"),
        (recipient(weight_kg=D("0.29")), UNKNOWN, "the weight stated of P-7 is no person's"),
        (recipient(weight_kg=D("NaN")), UNKNOWN, "the weight stated of P-7 is no person's"),
        (replace(FACTS, recipient=None), UNKNOWN, "no recipient is named"),
        (replace(measured(verified=False), recipient=None), UNKNOWN,
         "of U1 is not known and verified; no recipient is named"),
    ],
)  # fmt: skip
def test_the_dose_of_one_unit_is_judged_exactly(facts: CriterionFacts, expected: Outcome, reason: str) -> None:
    found = judged(DOSE_OF_UNIT, facts)

    assert found.outcome is expected
    assert reason in found.reason


def with_units(*units: UnitOfRecipient, **changed: object) -> CriterionFacts:
    return recipient(units=units, **changed)


HALF, OTHER_HALF = having("U1", tnc="625000000"), having("U2", tnc="625000000")


@pytest.mark.parametrize(
    ("facts", "expected", "reason"),
    [
        (with_units(HALF, OTHER_HALF), PASS, "50000000 against at least 50000000"),
        (with_units(HALF), FAIL, "25000000 against"),
        (with_units(HALF, having("U2", tnc="624999999")), FAIL, "49999999 against"),
        (with_units(HALF, having("U2"), having("U3")), UNKNOWN, "cells of U2, U3 is not known and verified"),
        (with_units(having("U1", tnc="9e9"), having("U2")), UNKNOWN, "cells of U2 is not known"),
        (with_units(having("U2"), weight_kg=None), UNKNOWN, "of U2 is not known and verified; the weight of P-7"),
        (with_units(), UNKNOWN, "nothing is there to compare"),
        (replace(FACTS, recipient=None), UNKNOWN, "no recipient is named"),
    ],
)
def test_the_dose_of_a_recipient_is_over_all_their_units(facts: CriterionFacts, expected: Outcome, reason: str) -> None:
    found = judged(DOSE, facts)

    assert found.outcome is expected
    assert reason in found.reason


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (with_units(HALF, OTHER_HALF), PASS),
        (with_units(HALF, OTHER_HALF, weight_kg=None), PASS),
        (with_units(HALF), FAIL),
        (with_units(HALF, having("U2")), UNKNOWN),
        (replace(FACTS, recipient=None), UNKNOWN),
    ],
)
def test_a_total_asks_no_weight(facts: CriterionFacts, expected: Outcome) -> None:
    assert judged(at_least("tnc", "1.25e9"), facts).outcome is expected


BAG = {"volume_ml": "25", "dmso_percent": "10"}
FOUR_KG = {"weight_kg": D(4)}


@pytest.mark.parametrize(
    ("facts", "expected", "reason"),
    [
        (with_units(having("U1", **BAG), **FOUR_KG), PASS, "DMSO in g per kg and day 0.687 against at most 1"),
        (with_units(having("U1", **BAG), weight_kg=D("2.75")), PASS, "day 1 against at most 1"),
        (with_units(having("U1", **BAG), weight_kg=D("2.74")), FAIL, "day 1.003 against at most 1"),
        (with_units(having("U1", **BAG), having("U2", **BAG), **FOUR_KG), FAIL, "day 1.375 against at most 1"),
        (with_units(having("U1", **BAG), having("U2", NOON - hours(23), **BAG), **FOUR_KG), FAIL, "1.375"),
        (with_units(having("U1", **BAG), having("U2", NOON - hours(24), **BAG), **FOUR_KG), PASS, "0.687"),
        (with_units(having("U1", **BAG), having("U2", NOON - hours(24)), **FOUR_KG), PASS, "0.687"),
        (with_units(having("U1", volume_ml="25"), **FOUR_KG), UNKNOWN, "DMSO by volume of U1 is not known"),
        (with_units(having("U1", dmso_percent="10"), **FOUR_KG), UNKNOWN, "Volume of U1 is not known"),
        (with_units(having("U1"), weight_kg=None), UNKNOWN, "Volume of U1 is not known and verified; DMSO by volume"),
        (with_units(having("U1", **BAG), having("U2", volume_ml="25"), **FOUR_KG), UNKNOWN, "DMSO by volume of U2"),
        (with_units(having("U1", **BAG), weight_kg=None), UNKNOWN, "the weight of P-7 is not stated"),
        (with_units(**FOUR_KG), UNKNOWN, "nothing is there"),
        (replace(FACTS, recipient=None), UNKNOWN, "no recipient is named"),
        (with_units(having("U1", volume_ml="25", dmso_percent="0"), **FOUR_KG), PASS, "day 0 against"),
    ],
)
def test_the_dmso_of_one_day_is_over_all_bags_of_it(facts: CriterionFacts, expected: Outcome, reason: str) -> None:
    found = judged(DMSO, facts)

    assert found.outcome is expected, found
    assert reason in found.reason


def test_a_bag_that_was_infused_leaves_the_day_at_its_end() -> None:
    facts = with_units(having("U1", **BAG), having("U2", NOON - hours(23), **BAG), **FOUR_KG)

    assert next(judge_criteria([DMSO], facts, at=NOON)).outcome is FAIL
    assert next(judge_criteria([DMSO], facts, at=NOON + hours(1) - timedelta(microseconds=1))).outcome is FAIL
    assert next(judge_criteria([DMSO], facts, at=NOON + hours(1))).outcome is PASS


MATCH = at_least("hla_match_of_6", "4", Scope.UNIT)
AMBIGUOUS = TYPED | {"hla_a": "A*03:01+A*11:01", "hla_drb1": "DRB1*03:01+DRB1*15:XX"}


@pytest.mark.parametrize(
    ("typing", "limit", "expected", "reason"),
    [
        (TYPED, "6", PASS, "HLA match of 6 of U1 with P-7 6 against at least 6"),
        (OTHER_ANTIGENS, "3", PASS, "3 against at least 3"),
        (OTHER_ANTIGENS, "4", FAIL, "3 against at least 4"),
        (AMBIGUOUS, "3", PASS, "3 to 4 against at least 3"),
        (AMBIGUOUS, "4", UNKNOWN, "is ambiguous: 3 to 4 against at least 4"),
        (AMBIGUOUS, "5", FAIL, "3 to 4 against at least 5"),
        ({}, "4", UNKNOWN, "HLA-A, HLA-B, HLA-DRB1 is not typed and verified of both"),
        ({"hla_a": TYPED["hla_a"]}, "0", UNKNOWN, "HLA-B, HLA-DRB1 is not typed"),
        (TYPED | {"hla_a": "A2 perhaps"}, "4", UNKNOWN, "the typing of U1 cannot be read"),
    ],
)
def test_a_unit_is_matched_with_its_recipient(
    typing: dict[str, str], limit: str, expected: Outcome, reason: str
) -> None:
    found = judged(replace(MATCH, limit=D(limit)), replace(FACTS, typings={"U1": typing}))

    assert found.outcome is expected, found
    assert reason in found.reason


def test_a_match_is_unknown_without_a_recipient_or_their_typing() -> None:
    assert judged(MATCH, replace(FACTS, recipient=None)).outcome is UNKNOWN
    assert judged(MATCH, recipient(typing={})).outcome is UNKNOWN
    assert judged(replace(MATCH, limit=None)).outcome is UNKNOWN


def test_a_match_of_eight_asks_hla_c_too() -> None:
    of_8 = at_least("hla_match_of_8", "8", Scope.UNIT)
    with_c = TYPED | {"hla_c": "C*05:01+C*07:01"}
    facts = replace(recipient(typing=with_c), typings={"U1": with_c})

    assert "HLA-C is not typed" in judged(of_8).reason
    assert judged(of_8).outcome is UNKNOWN
    assert judged(of_8, facts).outcome is PASS


BETWEEN = at_least("hla_match_of_6", "4", Scope.BETWEEN)


@pytest.mark.parametrize(
    ("typings", "expected", "reason"),
    [
        ({"U1": TYPED}, PASS, "one unit alone"),
        ({"U1": TYPED, "U2": TYPED}, PASS, "U1 with U2 6"),
        ({"U1": TYPED, "U2": OTHER_ANTIGENS}, FAIL, "U1 with U2 3"),
        ({"U1": TYPED, "U2": TYPED, "U3": OTHER_ANTIGENS}, FAIL, "U1 with U3 3"),
        ({"U1": TYPED, "U2": TYPED, "U3": TYPED}, PASS, ""),
        ({"U0": TYPED, "U1": TYPED}, PASS, "U0 with U1 6"),
        ({"U1": TYPED, "U2": {}}, UNKNOWN, "U1 with U2 is not known"),
        ({}, UNKNOWN, "nothing is there to compare"),
    ],
)
def test_units_are_matched_with_each_other_each_with_each(
    typings: dict[str, dict[str, str]], expected: Outcome, reason: str
) -> None:
    found = judged(BETWEEN, replace(FACTS, units=tuple(typings), typings=typings, recipient=None))

    assert found.outcome is expected, found
    assert reason in found.reason


def test_what_two_other_units_are_to_each_other_is_not_asked_again_of_a_third() -> None:
    limit = replace(BETWEEN, limit=Decimal(3))
    typings = {"U1": TYPED, "U2": OTHER_ANTIGENS, "U3": TYPED | {"hla_drb1": "DRB1*04:01+DRB1*07:01"}}

    of_first, of_second = (
        judged(limit, replace(FACTS, unit=each, units=tuple(typings), typings=typings)) for each in ("U1", "U2")
    )

    assert of_first.outcome is PASS
    assert of_second.outcome is FAIL


def test_what_nobody_can_judge_is_unknown() -> None:
    assert judged(at_least("tnc", "1", Scope.BETWEEN)).outcome is UNKNOWN
    assert judged(at_least("colour", "1", Scope.UNIT)).outcome is UNKNOWN
    assert judged(at_least("colour_per_kg", "1")).outcome is UNKNOWN
    assert judged(replace(MATCH, scope=Scope.RECIPIENT)).outcome is UNKNOWN
    assert judged(replace(DOSE, limit=None)).outcome is UNKNOWN


@pytest.mark.parametrize("source", [SampleSource.MOTHER, SampleSource.INFANT])
@pytest.mark.parametrize(
    "other", [{"qualifier": Qualifier.NOT_DONE, "text": ""}, {"verified": False, "text": "reactive"}]
)
def test_what_is_known_of_one_donor_of_a_pool_says_nothing_of_the_other(
    source: SampleSource, other: dict[str, object]
) -> None:
    negative = Criterion(Scope.UNIT, "cmv", Operator.ONE_OF, words=("nonreactive",))
    one = Measurement("cmv", source, verified=True, text="nonreactive")
    of_both = replace(FACTS, measurements=(one, one))
    of_one = replace(FACTS, measurements=(one, replace(one, **other)))  # type: ignore[arg-type]

    assert judged(negative, of_both).outcome is PASS
    assert judged(negative, of_one).outcome is UNKNOWN


def test_amounts_are_known_where_one_verified_value_was_measured_on_the_unit() -> None:
    other = replace(COUNTED, assay="viable_cd34", number=D(9))

    assert known_amounts(["tnc", "viable_cd34"], [COUNTED, COUNTED, other]) == {"tnc": D("1.25e9"), "viable_cd34": 9}
    assert known_amounts(["tnc"], [COUNTED, replace(COUNTED, number=D(9))]) == {}


@given(weight=st.decimals("0.3", 400, places=2), limit=st.integers(10**4, 10**8), places=st.integers(1, 9))
def test_a_dose_a_hair_below_its_limit_fails_though_it_is_shown_alike(weight: Decimal, limit: int, places: int) -> None:
    exact = limit * weight
    hair = exact - D(1).scaleb(-places)
    at_limit = with_units(having("U1", tnc=f"{exact}"), weight_kg=weight)
    below = with_units(having("U1", tnc=f"{hair}"), weight_kg=weight)
    dose = at_least("tnc_per_kg", f"{limit}")

    assert in_three_figures(D("24999999.9")) == in_three_figures(D("25000000"))
    assert judged(dose, at_limit).outcome is PASS
    assert judged(dose, below).outcome is FAIL
