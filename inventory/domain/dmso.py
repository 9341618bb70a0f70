"""DMSO (dimethyl sulfoxide): how much is in a bag, and what a recipient gets of it in one day (standards 3).

The limit of 1 g per kg and day, and the wording "per day", are from the prescribing information of a licensed cord
blood product. The density of pure DMSO, 1.10 g/mL at 20 to 25 degrees Celsius, is the handbook value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from inventory.domain.dose import per_kg, total_over_units
from inventory.domain.quantity import Number, checked, checked_percent, checked_some, exactly, refused
from inventory.domain.volume import checked_density

DENSITY_G_PER_ML = Decimal("1.10")
MOST_G_PER_KG_DAY = Decimal(1)
DAY = timedelta(hours=24)


@dataclass(frozen=True)
class InfusedBag:
    """The DMSO in one bag, and when it was infused; None while it is not yet."""

    dmso_g: Decimal
    infused_at: datetime | None = None


@exactly
def dmso_percent_by_volume(stock_ml: Number, stock_percent: Number, final_ml: Number) -> Decimal:
    """Return the DMSO in a bag in per cent by volume, from what was added of a stock solution."""
    stock, final = checked(stock_ml, "stock_ml"), checked_some(final_ml, "final_ml")
    if stock > final:
        raise refused("stock_ml", "is more than the final volume")
    return stock * checked_percent(stock_percent, "stock_percent") / final


@exactly
def dmso_grams(final_ml: Number, dmso_percent: Number, density_g_per_ml: Number = DENSITY_G_PER_ML) -> Decimal:
    """Return the grams of DMSO in a bag of so many millilitres with so many per cent by volume."""
    percent = checked_percent(dmso_percent, "dmso_percent")
    return checked(final_ml, "final_ml") * percent / 100 * checked_density(density_g_per_ml)


def dmso_g_per_kg(dmso_g: Number, weight_kg: Number) -> Decimal:
    return per_kg(dmso_g, weight_kg)


def dmso_g_per_kg_day(bags: Mapping[str, InfusedBag], weight_kg: Number, *, at: datetime) -> Decimal:
    """Return the DMSO per kilogram of all bags, by code, that fall within the 24 hours up to an instant.

    A bag not infused yet counts as infused at that instant: when it will be is not known, and all may be on one day.
    """
    counted = {code: bag.dmso_g for code, bag in bags.items() if is_within_the_day(bag.infused_at, at)}
    return per_kg(total_over_units(counted), weight_kg)


def is_within_the_day(infused_at: datetime | None, at: datetime) -> bool:
    """Whether a bag counts for the day up to an instant; what was infused exactly 24 hours before is of another day."""
    return infused_at is None or at - DAY < infused_at <= at


def exceeds_daily_limit(g_per_kg_day: Decimal) -> bool:
    return g_per_kg_day > MOST_G_PER_KG_DAY
