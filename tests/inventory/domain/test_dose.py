"""Cell doses. ``cell_dose_vectors.csv`` is of the standards of this project: computed from the published formulas."""

import csv
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.dmso import dmso_g_per_kg, dmso_grams
from inventory.domain.dose import (
    HEAVIEST_KG,
    LIGHTEST_KG,
    WeightRefused,
    cd34_total,
    cfu_total,
    compartments,
    fraction_of_bag,
    is_a_weight,
    per_kg,
    recovery_percent,
    tnc_from_concentration,
    total_over_units,
    viable_cd34,
    wbc_corrected_for_nrbc,
)
from inventory.domain.quantity import QuantityRefused, in_three_figures
from inventory.domain.vial import vials_needed
from inventory.domain.volume import volume_reduction_percent

D = Decimal
VECTORS = Path(__file__).with_name("cell_dose_vectors.csv")
FORMULAS: dict[str, Callable[..., Decimal | int]] = {
    "tnc_from_conc": tnc_from_concentration,
    "tnc_per_kg": per_kg,
    "cd34_total": cd34_total,
    "cd34_per_kg": per_kg,
    "recovery_pct": recovery_percent,
    "volume_reduction_pct": volume_reduction_percent,
    "wbc_nrbc_corrected": wbc_corrected_for_nrbc,
    "dmso_g": dmso_grams,
    "dmso_g_per_kg": dmso_g_per_kg,
    "msc_vials": vials_needed,
}
CELLS = st.decimals(0, "2e10", places=3)
WEIGHTS = st.decimals(LIGHTEST_KG, HEAVIEST_KG, places=2)


def vectors() -> list[tuple[str, list[Decimal], Decimal]]:
    rows = csv.DictReader(VECTORS.read_text().splitlines())
    return [
        (row["formula"], [D(each.split("=")[1]) for each in row["inputs"].split(";")], D(row["expected"]))
        for row in rows
    ]


@pytest.mark.parametrize(("formula", "inputs", "expected"), vectors())
def test_every_vector_holds_to_its_last_digit(formula: str, inputs: list[Decimal], expected: Decimal) -> None:
    assert round(D(FORMULAS[formula](*inputs)), -int(expected.as_tuple().exponent)) == expected


def test_the_worked_examples_hold_exactly() -> None:
    assert tnc_from_concentration(D("45.2"), D("25.0")) == D("1.13e9")
    assert per_kg(D("1.25e9"), D(25)) == D("5e7")
    assert cd34_total(D("1.13e9"), D("0.35")) == D("3.955e6")
    assert viable_cd34(D("3.955e6"), D(92)) == D("3638600")
    assert per_kg(D("3.955e6"), D(25)) == 158200
    assert per_kg(D("3.955e6"), D(70)) == 56500
    assert in_three_figures(per_kg(D("1.13e9"), D(70))) == "1.61 × 10^7"
    assert round(recovery_percent(D("118.8"), D("96.0")), 2) == D("80.81")
    assert fraction_of_bag(D("1.13e9"), D(80)) == D("9.04e8")
    assert cfu_total(30, 15000, D("1e9")) == 2_000_000


@pytest.mark.parametrize(
    ("division", "parts"), [("80/20", (D("9.04e8"), D("2.26e8"))), ("50/50", (D("5.65e8"),) * 2), ("40/60", None)]
)
def test_the_compartments_of_a_bag_are_all_of_it(division: str, parts: tuple[Decimal, Decimal] | None) -> None:
    found = compartments(D("1.13e9"), division)

    assert sum(found) == D("1.13e9")
    assert parts is None or found == parts


def test_a_bag_is_divided_only_as_bags_are() -> None:
    with pytest.raises(QuantityRefused, match="80/20, 50/50, 40/60"):
        compartments(D("1.13e9"), "70/20")


@pytest.mark.parametrize("weight", ["0", "-3", "0.29", "400.01", "NaN", "sNaN", "Infinity", "1e99"])
def test_a_weight_nobody_has_is_refused(weight: str) -> None:
    with pytest.raises(WeightRefused, match="no person's weight") as refused:
        per_kg(D("1.25e9"), D(weight))

    assert refused.value.field == "weight_kg"
    assert not is_a_weight(D(weight))


@pytest.mark.parametrize("weight", [None, True, 70.0, "70"])
def test_a_weight_that_is_no_exact_number_is_refused(weight: object) -> None:
    with pytest.raises(WeightRefused):
        per_kg(D("1.25e9"), weight)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "call",
    [
        lambda: tnc_from_concentration(D(-1), D(25)),
        lambda: tnc_from_concentration(45.2, D(25)),  # type: ignore[arg-type]
        lambda: cd34_total(D("1e9"), D("100.1")),
        lambda: cd34_total(None, D("0.35")),  # type: ignore[arg-type]
        lambda: viable_cd34(D("1e6"), D(101)),
        lambda: wbc_corrected_for_nrbc(D(18), D(-8)),
        lambda: recovery_percent(D(0), D(5)),
        lambda: recovery_percent(D(5), D("NaN")),
        lambda: fraction_of_bag(D("1e9"), D(120)),
        lambda: cfu_total(30, 0, D("1e9")),
        lambda: cfu_total(31, 30, D("1e9")),
        lambda: per_kg(True, D(70)),
        lambda: total_over_units({"U1": D("1e9"), "U2": D("NaN")}),
    ],
)
def test_an_impossible_input_is_refused(call: Callable[[], Decimal]) -> None:
    with pytest.raises(QuantityRefused):
        call()


def test_a_total_names_the_unit_whose_amount_cannot_be() -> None:
    with pytest.raises(QuantityRefused, match="U2"):
        total_over_units({"U1": D("1e9"), "U2": D(-1)})


@pytest.mark.parametrize("amounts", [[1_250_000_000, 1], None, 5])
def test_a_total_over_units_that_are_not_named_is_refused(amounts: object) -> None:
    with pytest.raises(QuantityRefused, match="codes of their units"):
        total_over_units(amounts)  # type: ignore[arg-type]


@given(first=st.dictionaries(st.text("AB"), CELLS), second=st.dictionaries(st.text("CD", min_size=1), CELLS))
def test_totals_over_different_units_add_up(first: dict[str, Decimal], second: dict[str, Decimal]) -> None:
    assert total_over_units(first | second) == total_over_units(first) + total_over_units(second)


@given(total=CELLS, more=CELLS, weight=WEIGHTS)
def test_more_cells_are_never_a_smaller_dose(total: Decimal, more: Decimal, weight: Decimal) -> None:
    low, high = sorted([total, more])

    assert per_kg(low, weight) <= per_kg(high, weight)


@given(total=CELLS, weights=st.tuples(WEIGHTS, WEIGHTS))
def test_a_heavier_person_never_gets_a_greater_dose(total: Decimal, weights: tuple[Decimal, Decimal]) -> None:
    light, heavy = sorted(weights)

    assert per_kg(total, heavy) <= per_kg(total, light)


@given(total=CELLS, weight=WEIGHTS, limit=CELLS)
def test_a_dose_lies_on_the_side_of_a_limit_on_which_it_lies_exactly(
    total: Decimal, weight: Decimal, limit: Decimal
) -> None:
    exact = Fraction(total) / Fraction(weight)

    assert (per_kg(total, weight) < limit, per_kg(total, weight) == limit) == (exact < limit, exact == limit)


@given(weight=WEIGHTS, limit=st.integers(1, 10**8), places=st.integers(1, 60))
def test_a_dose_a_hair_below_the_limit_is_below_it_though_it_is_shown_alike(
    weight: Decimal, limit: int, places: int
) -> None:
    with localcontext(prec=100):
        hair = limit * weight - D(1).scaleb(-places)
    dose = per_kg(hair, weight) if hair > 0 else D(0)

    assert dose < limit
    assert in_three_figures(per_kg(D("624999999.9999"), D(25))) == in_three_figures(D("2.5e7"))


def test_the_callers_context_rounds_nothing() -> None:
    with localcontext(prec=3):
        assert tnc_from_concentration(D("45.234"), D("25.1")) == D("1135373400")
        assert total_over_units({"U1": 1_250_000_000, "U2": 1}) == 1_250_000_001
