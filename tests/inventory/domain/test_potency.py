"""Potency assays, their mechanisms, and potency set beside outcome."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.assay import ASSAYS, AssayGroup, Qualifier, Subject, ValueKind
from inventory.domain.outcome import OutcomeKind
from inventory.domain.outcome_course import Change, Point
from inventory.domain.potency import (
    MECHANISMS,
    Correlation,
    Mechanism,
    NothingToCorrelate,
    Pair,
    Pairs,
    PotencyBesideChange,
    pairs_of,
    rank_correlation,
)
from inventory.domain.result import check_value
from inventory.domain.specification import Measurement, SampleSource

DAY = date(2026, 4, 10)
FOLLOWED = Point(
    recipient_id=7,
    recipient="PATIENT-7",
    unit_id=1,
    unit="U-1",
    kind=OutcomeKind.FOLLOW_UP,
    outcome_date=DAY,
    name="meld",
    value=Decimal(14),
)
SECRETED = Measurement("hgf_secretion", SampleSource.UNIT, verified=True, number=Decimal(900), reference="result 1")
FELL = Change(FOLLOWED, replace(FOLLOWED, value=Decimal(20)), Decimal(-6))
ROW = PotencyBesideChange("LIV-1", "U-1", SECRETED, FELL)

numbers = st.decimals(min_value=0, max_value=1000, places=1)
many = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=12).filter(
    lambda pairs: len({one for one, _ in pairs}) > 1 and len({other for _, other in pairs}) > 1
)


def pairs(*values: tuple[Decimal | int, Decimal | int]) -> list[Pair]:
    return [Pair(Decimal(potency), Decimal(change)) for potency, change in values]


def found(*rows: PotencyBesideChange, assay: str = "hgf_secretion", score: str = "meld") -> Pairs:
    return pairs_of(rows, assay=assay, taken_from=SampleSource.UNIT, score=score)


def with_number(number: int | None, **otherwise: object) -> PotencyBesideChange:
    value = None if number is None else Decimal(number)
    return replace(ROW, measurement=replace(SECRETED, number=value, **otherwise))  # type: ignore[arg-type]


def later(days: int, change: int | None) -> PotencyBesideChange:
    point = replace(FOLLOWED, outcome_date=DAY + timedelta(days=days))
    known = None if change is None else Decimal(change)
    return replace(ROW, change=Change(point, FOLLOWED if change is not None else None, known))


def test_every_potency_assay_names_its_mechanism_and_nothing_else_does() -> None:
    assert set(MECHANISMS) == {code for code, assay in ASSAYS.items() if assay.group is AssayGroup.POTENCY}
    assert all(MECHANISMS.values())
    assert set().union(*MECHANISMS.values()) == set(Mechanism)


def test_every_potency_assay_can_be_measured_on_a_unit_and_on_a_lot() -> None:
    assert all(ASSAYS[code].subjects == {Subject.UNIT, Subject.LOT} for code in MECHANISMS)


@pytest.mark.parametrize("code", [code for code in MECHANISMS if ASSAYS[code].kind is ValueKind.NUMBER])
def test_the_widest_value_of_a_potency_assay_can_be_recorded_and_kept(code: str) -> None:
    assay = ASSAYS[code]
    finest = Decimal(1).scaleb(-assay.decimals)

    for number in (assay.low, assay.high, (assay.high or Decimal(0)) - finest):
        kept = check_value(assay, f"{number:f}").number
        assert kept == number
        assert kept is not None
        assert kept == kept.quantize(Decimal("0.001"))
        assert kept < Decimal("1e12")


@pytest.mark.parametrize(
    ("assay", "mechanism", "unit"),
    [
        ("cfu_total", Mechanism.ENGRAFTMENT, "colonies"),
        ("cd105_positive_percent", Mechanism.IDENTITY, "%"),
        ("hgf_secretion", Mechanism.TROPHIC, "pg/10^6 cells/24 h"),
        ("hgf_secretion", Mechanism.ANTIFIBROTIC, "pg/10^6 cells/24 h"),
        ("ido_activity", Mechanism.IMMUNOMODULATORY, "nmol/10^6 cells/24 h"),
        ("albumin_secretion", Mechanism.HEPATOCYTE_FUNCTION, "ug/10^6 cells/24 h"),
        ("urea_synthesis", Mechanism.HEPATOCYTE_FUNCTION, "ug/10^6 cells/h"),
        ("cyp3a4_activity", Mechanism.HEPATOCYTE_FUNCTION, "pmol/min/10^6 cells"),
    ],
)
def test_the_assays_of_the_field_speak_of_their_mechanism(assay: str, mechanism: Mechanism, unit: str) -> None:
    assert mechanism in MECHANISMS[assay]
    assert ASSAYS[assay].unit == unit


@pytest.mark.parametrize(
    ("values", "coefficient"),
    [
        ([(1, 10), (2, 20), (3, 30)], "1.000"),
        ([(1, 30), (2, 20), (3, 10)], "-1.000"),
        ([(1, 1), (2, 8), (3, 27), (4, 1000)], "1.000"),
        # Without ties: 1 - 6 * (sum of squared differences of ranks) / (n * (n^2 - 1)).
        ([(1, 2), (2, 1), (3, 4), (4, 3)], "0.600"),
        ([(1, 5), (2, 3), (3, 1), (4, 2), (5, 4)], "-0.300"),
        # With ties, ranks 1.5 1.5 3 4 against 1 2 3.5 3.5.
        ([(5, 1), (5, 2), (6, 9), (7, 9)], "0.889"),
    ],
)
def test_the_rank_correlation_is_that_of_spearman(values: list[tuple[int, int]], coefficient: str) -> None:
    assert rank_correlation(pairs(*values)) == Correlation(len(values), Decimal(coefficient))


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ([], "0 pairs are fewer than 3"),
        ([(1, 2), (2, 3)], "2 pairs are fewer than 3"),
        ([(1, 2), (1, 3), (1, 4)], "never varies"),
        ([(1, 2), (2, 2), (3, 2)], "never varies"),
    ],
)
def test_of_too_few_pairs_or_of_what_never_varies_no_correlation_is_stated(
    values: list[tuple[int, int]], match: str
) -> None:
    with pytest.raises(NothingToCorrelate, match=match):
        rank_correlation(pairs(*values))


@given(many, st.randoms())
def test_a_correlation_lies_within_bounds_and_does_not_depend_on_order_or_side(
    values: list[tuple[Decimal, Decimal]], random: object
) -> None:
    straight = rank_correlation(pairs(*values))
    shuffled = sorted(values, key=lambda _: random.random())  # type: ignore[attr-defined]

    assert -1 <= straight.coefficient <= 1
    assert rank_correlation(pairs(*shuffled)) == straight
    assert rank_correlation(pairs(*((change, potency) for potency, change in values))) == straight


@given(many)
def test_only_ranks_count_and_turning_one_side_round_turns_the_sign(values: list[tuple[Decimal, Decimal]]) -> None:
    straight = rank_correlation(pairs(*values))

    assert rank_correlation(pairs(*((potency**3 + 7, change) for potency, change in values))) == straight
    turned = rank_correlation(pairs(*((potency, -change) for potency, change in values)))
    assert turned.coefficient == -straight.coefficient


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], Pairs((), 0)),
        ([ROW], Pairs((Pair(Decimal(900), Decimal(-6)),), 0)),
        ([ROW, ROW], Pairs((Pair(Decimal(900), Decimal(-6)),), 0)),
        ([ROW, later(30, -8)], Pairs((Pair(Decimal(900), Decimal(-8)),), 0)),
        ([later(30, -8), ROW], Pairs((Pair(Decimal(900), Decimal(-8)),), 0)),
        ([ROW, later(30, None)], Pairs((), 1)),
        ([ROW, with_number(800, reference="result 2")], Pairs((), 1)),
        ([ROW, with_number(900, reference="result 2")], Pairs((Pair(Decimal(900), Decimal(-6)),), 0)),
        ([with_number(900, qualifier=Qualifier.BELOW_LIMIT)], Pairs((), 1)),
        ([ROW, with_number(20, qualifier=Qualifier.BELOW_LIMIT)], Pairs((), 1)),
        ([with_number(None, text="growth")], Pairs((), 1)),
        ([with_number(900, verified=False)], Pairs((), 1)),
        ([with_number(900, taken_from=SampleSource.QC_VIAL)], Pairs((), 0)),
        (
            [ROW, replace(ROW, unit="U-2", measurement=replace(SECRETED, number=Decimal(100)))],
            Pairs((Pair(Decimal(900), Decimal(-6)), Pair(Decimal(100), Decimal(-6))), 0),
        ),
    ],
)
def test_a_unit_has_one_pair_or_is_counted_as_left_out(rows: list[PotencyBesideChange], expected: Pairs) -> None:
    assert found(*rows) == expected


def test_pairs_are_of_one_assay_and_one_score() -> None:
    assert found(ROW, assay="vegf_secretion") == Pairs((), 0)
    assert found(ROW, score="albi") == Pairs((), 0)
    assert ROW.mechanisms == {Mechanism.TROPHIC, Mechanism.ANTIFIBROTIC}
