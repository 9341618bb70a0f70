"""Cell doses: counts, corrections and totals as cord-blood banking reckons them (standards 3), never rounded.

Sources, as ``docs/sources.md`` lists them: common formulas of the field, each checked against worked examples.
A concentration of 10^6 per mL is the same number as 10^9 per L and 10^3 per microlitre. Counts are whole cells, never
millions. What a function takes and returns is in its names; nothing here rounds: ``quantity.in_three_figures`` does,
for display. Each function raises ``QuantityRefused`` for a number that cannot be.
"""

from collections.abc import Mapping
from decimal import Decimal

from biobank.domain.refusal import RuleViolation
from inventory.domain.quantity import Number, QuantityRefused, checked, checked_percent, checked_some, exactly, refused

MILLION = 1_000_000
LIGHTEST_KG = Decimal("0.3")
HEAVIEST_KG = Decimal(400)
# How a bag of two compartments is divided, in per cent of its content.
BAG_DIVISIONS: Mapping[str, tuple[Decimal, Decimal]] = {
    "80/20": (Decimal(80), Decimal(20)),
    "50/50": (Decimal(50), Decimal(50)),
    "40/60": (Decimal(40), Decimal(60)),
}


class WeightRefused(RuleViolation):
    code = "weight-refused"
    title = "This weight cannot be"
    mend = "Give the recipient's weight in kilograms. Nothing was saved."


@exactly
def tnc_from_concentration(concentration_1e6_per_ml: Number, volume_ml: Number) -> Decimal:
    """Return total nucleated cells."""
    concentration = checked(concentration_1e6_per_ml, "concentration_1e6_per_ml")
    return concentration * checked(volume_ml, "volume_ml") * MILLION


@exactly
def wbc_corrected_for_nrbc(nucleated_1e9_per_l: Number, nrbc_per_100_wbc: Number) -> Decimal:
    """Return white cells in 10^9 per L, without the nucleated red cells that the counter counted among them.

    The total of nucleated cells that a bank reports includes nucleated red cells: this is for reading beside it.
    """
    nucleated = checked(nucleated_1e9_per_l, "nucleated_1e9_per_l")
    return nucleated * 100 / (100 + checked(nrbc_per_100_wbc, "nrbc_per_100_wbc"))


@exactly
def cd34_total(tnc: Number, cd34_percent: Number) -> Decimal:
    """Return CD34+ cells."""
    return checked(tnc, "tnc") * checked_percent(cd34_percent, "cd34_percent") / 100


@exactly
def viable_cd34(cd34_cells: Number, cd34_viability_percent: Number) -> Decimal:
    """Return viable CD34+ cells."""
    return checked(cd34_cells, "cd34_cells") * checked_percent(cd34_viability_percent, "cd34_viability_percent") / 100


@exactly
def cfu_total(colonies_counted: Number, cells_plated: Number, tnc: Number) -> Decimal:
    """Return the colony-forming units of a whole unit from those counted on a plate of so many of its cells."""
    colonies, plated = checked(colonies_counted, "colonies_counted"), checked_some(cells_plated, "cells_plated")
    if colonies > plated:
        raise refused("colonies_counted", "are more than the cells that were plated")
    return colonies * checked(tnc, "tnc") / plated


@exactly
def recovery_percent(before_cells: Number, after_cells: Number) -> Decimal:
    """Return the cells after a step in per cent of those before it, both by the same assay.

    Counts scatter, so that more than 100 can come out; what is plausible is judged where it is recorded.
    """
    return checked(after_cells, "after_cells") * 100 / checked_some(before_cells, "before_cells")


@exactly
def fraction_of_bag(total: Number, part_percent: Number) -> Decimal:
    """Return what of a bag's cells is in a part of it."""
    return checked(total, "total") * checked_percent(part_percent, "part_percent") / 100


def compartments(total: Number, division: str) -> tuple[Decimal, Decimal]:
    """Return what is in each compartment of a divided bag, by its division as it is written: 80/20."""
    if division not in BAG_DIVISIONS:
        raise refused("division", f"of a bag is one of {', '.join(BAG_DIVISIONS)}")
    larger, smaller = BAG_DIVISIONS[division]
    return fraction_of_bag(total, larger), fraction_of_bag(total, smaller)


@exactly
def total_over_units(amounts: Mapping[str, Number]) -> Decimal:
    """Return the sum over units by their codes: a mapping, so that no unit is counted twice."""
    if not isinstance(amounts, Mapping):
        raise refused("amounts", "are said by the codes of their units")
    return sum((checked(amount, f"amount of {code}") for code, amount in amounts.items()), Decimal(0))


@exactly
def per_kg(total: Number, weight_kg: Number) -> Decimal:
    """Return cells, or grams, per kilogram; raises ``WeightRefused`` for a weight nobody has."""
    return checked(total, "total") / checked_weight(weight_kg)


def checked_weight(weight_kg: object) -> Decimal:
    """Return a person's weight; raises ``WeightRefused`` for what is none."""
    try:
        weight = checked(weight_kg, "weight_kg")
    except QuantityRefused as found:
        raise WeightRefused(f"This is no person's weight: {found.message}", field="weight_kg") from found
    if not LIGHTEST_KG <= weight <= HEAVIEST_KG:
        raise WeightRefused(f"{weight_kg} kg is no person's weight.", field="weight_kg")
    return weight


def is_a_weight(weight_kg: object) -> bool:
    try:
        checked_weight(weight_kg)
    except WeightRefused:
        return False
    return True
