"""Amounts of an imported row: in one unit for all rows, or in the unit that the kind of each row has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from biobank.domain.refusal import RuleViolation
from inventory.domain.assay import ASSAYS
from inventory.domain.import_column import RowReader
from inventory.domain.mapping_part import RECORDED, Amount, Quantity
from inventory.domain.measure import check_range, factor, read_number, to_decimals
from inventory.domain.sample import MOST_SAMPLE_ML

SAMPLE_DECIMALS, UNIT_DECIMALS = 3, 2
ASSAY_OF = {"mL": "volume_ml", "g": "mass_g", "cells": "tnc"}


class QuantityRefused(RuleViolation):
    code = "quantity-refused"
    title = "This quantity cannot be imported"
    mend = "Name the unit for the word in the mapping's [quantity] units."


@dataclass(frozen=True)
class Measured:
    """How much there is; ``told`` keeps a quantity that no column of ours holds as it was stated."""

    volume_ml: Decimal | None = None
    mass_g: Decimal | None = None
    tnc: int | None = None
    told: Mapping[str, str] = field(default_factory=dict)


def amount_of(reader: RowReader, amount: Amount | None, decimal: str, *, is_unit: bool) -> Decimal | None:
    """Return an amount in the unit that is recorded, or None with its fault kept."""
    if amount is None:
        return None
    return reader.read(
        amount.said,
        lambda text: _recorded(text, amount.unit, amount.recorded, decimal, is_unit=is_unit, rounded=amount.rounded),
    )


def quantity_of(reader: RowReader, quantity: Quantity, decimal: str, *, is_unit: bool) -> Measured:
    """Return a quantity by the unit of the row's kind: as volume, mass or cells, or else as it was stated."""
    kind = reader.text(quantity.of)
    found = reader.read(quantity.said, lambda text: _by_kind(text, kind, quantity, decimal, is_unit=is_unit))
    return found or Measured()


def _by_kind(text: str, kind: str, quantity: Quantity, decimal: str, *, is_unit: bool) -> Measured:
    if kind not in quantity.units:
        raise QuantityRefused(f"No unit is named for the quantity of “{kind}”.")
    unit = quantity.units[kind]
    recorded = next((each for each in RECORDED if factor(unit, each) is not None), "")
    if not recorded or (not is_unit and recorded != "mL"):
        return Measured(told={"quantity": f"{read_number(text, decimal=decimal).normalize():f} {unit}"})
    number = _recorded(text, unit, recorded, decimal, is_unit=is_unit, rounded=quantity.rounded)
    if recorded == "cells":
        return Measured(tnc=int(number))
    return Measured(volume_ml=number) if recorded == "mL" else Measured(mass_g=number)


def _recorded(text: str, unit: str, recorded: str, decimal: str, *, is_unit: bool, rounded: bool) -> Decimal:
    by, assay = factor(unit, recorded) or Decimal(1), ASSAYS[ASSAY_OF[recorded]]
    low, high = (assay.low or Decimal(0), assay.high or Decimal(0)) if is_unit else (Decimal(0), MOST_SAMPLE_ML)
    number = check_range(read_number(text, decimal=decimal) * by, low, high, recorded)
    decimals = 0 if recorded == "cells" else UNIT_DECIMALS if is_unit else SAMPLE_DECIMALS
    return to_decimals(number, decimals, rounded=rounded)
