"""Amounts: how much one unit can hold, in millilitres, grams and cells."""

from decimal import Decimal

from biobank.domain.refusal import Reason
from inventory.domain.assay import ASSAYS

# Written with two decimals at most, so that both databases keep exactly what was typed.
FINEST = Decimal("0.01")
MOST_CELLS = int(ASSAYS["tnc"].high or 0)


def obstacles_to_amounts(
    code: str, *, volume_ml: Decimal | None = None, mass_g: Decimal | None = None, tnc: int | None = None
) -> list[Reason]:
    """Return why a unit cannot hold these amounts; None is an amount not measured."""
    stated = (("volume_ml", volume_ml), ("mass_g", mass_g))
    reasons = [
        Reason(
            f"{code}: {amount} is no {ASSAYS[field].name.lower()} from 0.01 to {ASSAYS[field].high}.", "amount", field
        )
        for field, amount in stated
        if amount is not None and not _is_possible(amount, ASSAYS[field].high or Decimal(0))
    ]
    if tnc is not None and not 0 <= tnc <= MOST_CELLS:
        reasons.append(Reason(f"{code}: {tnc} is no count of cells from 0 to {MOST_CELLS}.", "amount", "tnc"))
    return reasons


def _is_possible(amount: Decimal, most: Decimal) -> bool:
    return amount.is_finite() and 0 < amount <= most and amount % FINEST == 0
