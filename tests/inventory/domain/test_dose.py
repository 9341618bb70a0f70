"""Cell doses."""

from decimal import Decimal

import pytest

from inventory.domain.dose import WeightRefused, cd34_total, per_kg, tnc_from_concentration


def test_the_worked_examples_hold_exactly() -> None:
    assert tnc_from_concentration(Decimal("45.2"), Decimal("25.0")) == Decimal("1.13e9")
    assert per_kg(Decimal("1.25e9"), Decimal(25)) == Decimal("5e7")
    assert cd34_total(Decimal("1.13e9"), Decimal("0.35")) == Decimal("3.955e6")
    assert per_kg(Decimal("3.955e6"), Decimal(25)) == 158200


@pytest.mark.parametrize("weight", ["0", "-3", "0.29", "400.01"])
def test_a_weight_nobody_has_is_refused(weight: str) -> None:
    with pytest.raises(WeightRefused, match="no person's weight"):
        per_kg(Decimal("1.25e9"), Decimal(weight))
