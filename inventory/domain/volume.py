"""Volumes: what was collected, and what processing took away (standards 3). Exact; percentages are not rounded.

Formulas common in the field. The volume a registry is told is what was collected without additives. Whole cord blood
weighs about 1.05 to 1.06 g/mL (general, unverified): the density is always given, never assumed.
"""

from decimal import Decimal

from inventory.domain.quantity import Number, checked, checked_percent, checked_some, exactly, refused

# Outside of these a density is in another unit than grams per millilitre.
LEAST_DENSITY, MOST_DENSITY = Decimal("0.5"), Decimal(2)


@exactly
def volume_ml_from_mass(mass_g: Number, tare_g: Number, density_g_per_ml: Number) -> Decimal:
    """Return the volume of what weighs so much together with its container of a known tare."""
    mass, tare = checked(mass_g, "mass_g"), checked(tare_g, "tare_g")
    if tare > mass:
        raise refused("tare_g", "is more than the mass with it")
    return (mass - tare) / checked_density(density_g_per_ml)


def checked_density(density_g_per_ml: object) -> Decimal:
    """Return a density in grams per millilitre; raises ``QuantityRefused`` for one in another unit."""
    density = checked_some(density_g_per_ml, "density_g_per_ml")
    if not LEAST_DENSITY <= density <= MOST_DENSITY:
        raise refused("density_g_per_ml", f"is not from {LEAST_DENSITY} to {MOST_DENSITY} g/mL: {density}")
    return density


@exactly
def net_collected_ml(gross_ml: Number, anticoagulant_ml: Number) -> Decimal:
    """Return the volume collected without the anticoagulant that was in the bag."""
    gross, anticoagulant = checked(gross_ml, "gross_ml"), checked(anticoagulant_ml, "anticoagulant_ml")
    if anticoagulant > gross:
        raise refused("anticoagulant_ml", "is more than the volume with it")
    return gross - anticoagulant


@exactly
def volume_reduction_percent(before_ml: Number, after_ml: Number) -> Decimal:
    """Return by how many per cent a step reduced a volume."""
    before, after = checked_some(before_ml, "before_ml"), checked(after_ml, "after_ml")
    if after > before:
        raise refused("after_ml", "is more than before: that is no reduction")
    return (before - after) * 100 / before


@exactly
def red_cell_depletion_percent(
    *,
    before_haematocrit_percent: Number,
    before_ml: Number,
    after_haematocrit_percent: Number,
    after_ml: Number,
) -> Decimal:
    """Return how many per cent of the red cells a step removed, from haematocrit and volume before and after it."""
    before = _red_cells("before", before_haematocrit_percent, before_ml)
    after = _red_cells("after", after_haematocrit_percent, after_ml)
    if before == 0:
        raise refused("before_haematocrit_percent", "leaves no red cells to remove")
    if after > before:
        raise refused("after_haematocrit_percent", "leaves more red cells than there were")
    return (before - after) * 100 / before


def _red_cells(when: str, haematocrit_percent: Number, volume_ml: Number) -> Decimal:
    haematocrit = checked_percent(haematocrit_percent, f"{when}_haematocrit_percent")
    return haematocrit * checked(volume_ml, f"{when}_ml")
