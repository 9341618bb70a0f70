"""Criteria as a protocol is drafted with them."""

from decimal import Decimal

import pytest

from inventory.domain.criterion import Criterion, Scope, assays_totalled, obstacles_to_criteria
from inventory.domain.specification import Operator

UNIT, RECIPIENT, BETWEEN = Scope.UNIT, Scope.RECIPIENT, Scope.BETWEEN


def at_least(scope: Scope, attribute: str, limit: str | None = "1") -> Criterion:
    return Criterion(scope, attribute, Operator.AT_LEAST, None if limit is None else Decimal(limit))


def one_of(attribute: str, *words: str, scope: Scope = UNIT) -> Criterion:
    return Criterion(scope, attribute, Operator.ONE_OF, words=words)


@pytest.mark.parametrize(
    "criterion",
    [
        at_least(UNIT, "tnc"),
        at_least(UNIT, "tnc_per_kg"),
        at_least(UNIT, "cd34_viability_percent"),
        at_least(UNIT, "hla_match_of_6", "4"),
        at_least(RECIPIENT, "viable_cd34"),
        at_least(RECIPIENT, "viable_cd34_per_kg"),
        at_least(BETWEEN, "hla_match_of_8", "0"),
        at_least(UNIT, "tnc", "999999999999.999"),
        Criterion(RECIPIENT, "dmso_g_per_kg_day", Operator.AT_MOST, Decimal(1)),
        Criterion(UNIT, "tnc", Operator.RECORDED),
        Criterion(UNIT, "hla_a", Operator.RECORDED),
        one_of("bacterial_culture", "no_growth"),
    ],
)
def test_what_can_be_judged_can_be_drafted(criterion: Criterion) -> None:
    assert obstacles_to_criteria([criterion], human_application=True) == []


@pytest.mark.parametrize(
    ("criterion", "what"),
    [
        (at_least(UNIT, "tnk"), "no assay"),
        (at_least(UNIT, "_per_kg"), "no assay"),
        (at_least(RECIPIENT, "cd34_viability_percent"), "cannot be added up"),
        (at_least(UNIT, "cd34_percent_per_kg"), "cannot be added up"),
        (one_of("bacterial_culture", "no_growth", scope=RECIPIENT), "cannot be added up"),
        (at_least(RECIPIENT, "hla_match_of_6"), "between units"),
        (at_least(UNIT, "dmso_g_per_kg_day"), "all that the recipient gets"),
        (at_least(BETWEEN, "tnc"), "none between units"),
        (at_least(BETWEEN, "dmso_g_per_kg_day"), "all that the recipient gets"),
        (at_least(UNIT, "tnc", None), "needs a number"),
        (one_of("tnc", "many"), "needs a number"),
        (Criterion(RECIPIENT, "tnc", Operator.RECORDED), "needs a number"),
        (Criterion(UNIT, "hla_match_of_6", Operator.RECORDED), "needs a number"),
        (at_least(UNIT, "tnc", "-1"), "no number from 0"),
        (at_least(UNIT, "tnc", "NaN"), "no number from 0"),
        (at_least(UNIT, "tnc", "0.0005"), "at most 3 decimals"),
        (at_least(UNIT, "tnc", "1e12"), "no number from 0"),
        (at_least(UNIT, "bacterial_culture"), "there is no number"),
        (one_of("bacterial_culture"), "no word"),
        (one_of("bacterial_culture", "no_growth", "fine"), "no word"),
    ],
)
def test_what_no_unit_could_ever_meet_is_refused(criterion: Criterion, what: str) -> None:
    reasons = obstacles_to_criteria([at_least(UNIT, "tnc"), criterion], human_application=True)

    assert len(reasons) == 1
    assert what in reasons[0].text
    assert criterion.code in reasons[0].text
    assert reasons[0].field == "criteria"


@pytest.mark.parametrize(
    "criterion",
    [
        at_least(RECIPIENT, "tnc"),
        at_least(UNIT, "tnc_per_kg"),
        at_least(UNIT, "hla_match_of_6"),
        Criterion(RECIPIENT, "dmso_g_per_kg_day", Operator.AT_MOST, Decimal(1)),
    ],
)
def test_a_study_in_the_laboratory_asks_nothing_of_a_recipient(criterion: Criterion) -> None:
    assert obstacles_to_criteria([criterion], human_application=False)
    assert not obstacles_to_criteria([at_least(BETWEEN, "hla_match_of_6")], human_application=False)


def test_totals_are_asked_only_of_what_criteria_of_the_recipient_name() -> None:
    dmso = Criterion(RECIPIENT, "dmso_g_per_kg_day", Operator.AT_MOST, Decimal(1))

    assert assays_totalled([at_least(UNIT, "viable_cd34_per_kg"), at_least(RECIPIENT, "tnc_per_kg")]) == {"tnc"}
    assert assays_totalled([dmso]) == {"volume_ml", "dmso_percent"}


def test_a_criterion_is_spoken_in_words() -> None:
    assert at_least(RECIPIENT, "tnc_per_kg").spoken == "Total nucleated cells per kg"
    assert at_least(UNIT, "hla_match_of_6").spoken == "HLA match of 6"
    assert at_least(RECIPIENT, "dmso_g_per_kg_day").spoken == "DMSO in g per kg and day"
