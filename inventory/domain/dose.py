"""Cell doses: exact arithmetic, never rounded before it is compared."""

from decimal import Decimal

from biobank.domain.refusal import RuleViolation

MILLION = 1_000_000


class WeightRefused(RuleViolation):
    code = "weight-refused"
    title = "This weight cannot be"
    mend = "Give the recipient's weight in kilograms."


LIGHTEST_KG = Decimal("0.3")
HEAVIEST_KG = Decimal(400)


def is_a_weight(weight_kg: Decimal) -> bool:
    return LIGHTEST_KG <= weight_kg <= HEAVIEST_KG


def per_kg(total: Decimal, weight_kg: Decimal) -> Decimal:
    """Return cells per kilogram; raises ``WeightRefused`` for a weight nobody has."""
    if not is_a_weight(weight_kg):
        raise WeightRefused(f"{weight_kg} kg is no person's weight.", field="weight_kg")
    return total / weight_kg


def tnc_from_concentration(concentration_1e6_per_ml: Decimal, volume_ml: Decimal) -> Decimal:
    return concentration_1e6_per_ml * volume_ml * MILLION


def cd34_total(tnc: Decimal, cd34_percent: Decimal) -> Decimal:
    return tnc * cd34_percent / 100
