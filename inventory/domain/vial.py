"""Vials: how many are needed for a dose (standards 3)."""

from decimal import Decimal

from inventory.domain.quantity import Number, checked, checked_percent, checked_some, exactly, refused


@exactly
def vials_needed(cells_needed: Number, cells_per_vial: Number, viability_percent: Number) -> int:
    """Return the least number of vials whose viable cells make up a dose; viability is that after thawing."""
    viability = checked_percent(viability_percent, "viability_percent")
    if viability == 0:
        raise refused("viability_percent", "is zero: no number of vials is enough")
    viable_percent_cells = checked_some(cells_per_vial, "cells_per_vial") * viability
    whole, rest = divmod(checked(cells_needed, "cells_needed") * 100, viable_percent_cells)
    return int(whole) + (1 if rest > Decimal(0) else 0)
