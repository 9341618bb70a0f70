"""Expiry: on what basis it is assigned, by which policy, and when it is past."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from inventory.domain.unit import ProductClass, UnitKind


class ExpiryBasis(StrEnum):
    POLICY_YEARS = "policy_years"
    STABILITY_DATA = "stability_data"
    RETEST_DUE = "retest_due"
    NOT_ASSIGNED = "not_assigned"


@dataclass(frozen=True)
class Expiry:
    """A decision about expiry; ``at`` is None only on the explicit basis *not assigned*, or before any decision."""

    basis: ExpiryBasis | None
    at: datetime | None = None


@dataclass(frozen=True)
class ExpiryPolicy:
    """How long a product keeps: from collection for what is fresh, in whole years from freezing for what is frozen."""

    basis: ExpiryBasis
    years: int = 0
    hours: int = 0


UNDECIDED = Expiry(None)
NOT_ASSIGNED = ExpiryPolicy(ExpiryBasis.NOT_ASSIGNED)

# Fresh blood and tissue must be frozen within two days, cord blood given for a relative or the infant itself within
# three (docs/sources.md, expiry), and a liver within a day of recovery; policies, editable by the bank.
FRESH = ExpiryPolicy(ExpiryBasis.POLICY_YEARS, hours=48)
FRESH_FOR_ONE_RECIPIENT = ExpiryPolicy(ExpiryBasis.POLICY_YEARS, hours=72)
FRESH_LIVER = ExpiryPolicy(ExpiryBasis.POLICY_YEARS, hours=24)

# No authority sets a shelf life for frozen cord blood: not assigning one is the policy, and it is stated.
FROZEN: Mapping[ProductClass, ExpiryPolicy] = {
    ProductClass.CORD_BLOOD: NOT_ASSIGNED,
    ProductClass.PLACENTA: NOT_ASSIGNED,
    ProductClass.CORD_TISSUE: NOT_ASSIGNED,
    ProductClass.MSC: ExpiryPolicy(ExpiryBasis.RETEST_DUE, years=5),
    ProductClass.AMNION_EPITHELIAL: ExpiryPolicy(ExpiryBasis.RETEST_DUE, years=5),
    ProductClass.HEPATOCYTE: NOT_ASSIGNED,
    ProductClass.LIVER_PROGENITOR: NOT_ASSIGNED,
    ProductClass.LIVER_TISSUE: NOT_ASSIGNED,
}


def is_expired(expiry: Expiry, at: datetime) -> bool:
    """Whether it is past; the instant of expiry is past."""
    return expiry.at is not None and at >= expiry.at


def expiry_of_fresh(
    collected_at: datetime, product_class: ProductClass | None = None, *, for_one_recipient: bool = False
) -> Expiry:
    """Return when what is not frozen expires; ``for_one_recipient`` says that it is a related or autologous gift."""
    policy = FRESH
    if product_class is ProductClass.LIVER_TISSUE:
        policy = FRESH_LIVER
    elif product_class is ProductClass.CORD_BLOOD and for_one_recipient:
        policy = FRESH_FOR_ONE_RECIPIENT
    return Expiry(policy.basis, collected_at + timedelta(hours=policy.hours))


def expiry_of_frozen(product_class: ProductClass, frozen_at: datetime) -> Expiry:
    """Return what the policy of the class says of a product frozen then."""
    policy = FROZEN[product_class]
    if policy.basis is ExpiryBasis.NOT_ASSIGNED:
        return Expiry(policy.basis)
    return Expiry(policy.basis, years_later(frozen_at, policy.years))


def expiry_of(
    kind: UnitKind,
    product_class: ProductClass,
    *,
    collected_at: datetime,
    frozen_at: datetime | None,
    for_one_recipient: bool = False,
) -> Expiry:
    """Return the expiry that policy assigns to a unit: fresh until it is frozen."""
    if frozen_at is None or kind is UnitKind.COLLECTED_BAG:
        return expiry_of_fresh(collected_at, product_class, for_one_recipient=for_one_recipient)
    return expiry_of_frozen(product_class, frozen_at)


def years_later(moment: datetime, years: int) -> datetime:
    """Return the same day and time years later; 29 February becomes 28 February, never a day longer."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)
