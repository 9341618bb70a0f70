"""Amounts: how much one unit can hold, in millilitres, grams and cells, and what is left when some is taken."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

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


@dataclass(frozen=True)
class Amounts:
    """What a unit holds, as far as it was measured: millilitres, grams, cells."""

    volume_ml: Decimal | None = None
    mass_g: Decimal | None = None
    tnc: int | None = None


def measured_by(have: Amounts) -> Decimal | None:
    """Return the amount by which parts of a unit are taken: its volume where it has one, else its mass."""
    return have.volume_ml if have.volume_ml is not None else have.mass_g


def left_after(have: Amounts, taken: Decimal) -> Amounts:
    """Return what is left of a unit when so much of it is taken, of its volume where it has one, else of its mass.

    What is taken is like the rest: everything else goes in proportion, and what is left of it is rounded down.
    """
    amount = measured_by(have)
    if amount is None or not 0 <= taken <= amount:
        raise ValueError(f"{taken} cannot be taken of {amount}.")
    return holding(have, amount - taken)


def holding(have: Amounts, amount: Decimal) -> Amounts:
    """Return what a unit holds once it is this much, of its volume where it has one, else of its mass.

    It is of one kind throughout: everything else goes in proportion, rounded down.
    """
    share = Fraction(amount) / Fraction(measured_by(have) or 1)
    cells = None if have.tnc is None else int(have.tnc * share)
    if have.volume_ml is None:
        return Amounts(None, amount, cells)
    return Amounts(amount, None if have.mass_g is None else part_of(have.mass_g, share), cells)


def part_of(amount: Decimal, share: Fraction) -> Decimal:
    """Return a share of an amount, rounded down to what is written."""
    hundredths = Fraction(amount) * 100 * share
    return Decimal(int(hundredths)) * FINEST


def divided(have: Amounts, shares: tuple[Fraction, Fraction]) -> tuple[Amounts, Amounts]:
    """Return what the two parts of a unit hold: the first its share rounded down, the second all the rest."""
    first = shares[0] / (shares[0] + shares[1])
    volume = None if have.volume_ml is None else part_of(have.volume_ml, first)
    mass = None if have.mass_g is None else part_of(have.mass_g, first)
    cells = None if have.tnc is None else int(have.tnc * first)
    rest = Amounts(
        None if volume is None or have.volume_ml is None else have.volume_ml - volume,
        None if mass is None or have.mass_g is None else have.mass_g - mass,
        None if cells is None or have.tnc is None else have.tnc - cells,
    )
    return Amounts(volume, mass, cells), rest
