"""Expiry."""

from datetime import UTC, datetime, timedelta

import pytest

from inventory.domain.expiry import (
    FROZEN,
    UNDECIDED,
    Expiry,
    ExpiryBasis,
    expiry_of,
    is_expired,
    years_later,
)
from inventory.domain.unit import ProductClass, UnitKind
from tests.factories.time import NOON

INSTANT = timedelta(microseconds=1)
FRESH = Expiry(ExpiryBasis.POLICY_YEARS, NOON + timedelta(hours=48))


def test_the_instant_of_expiry_is_past() -> None:
    expiry = Expiry(ExpiryBasis.POLICY_YEARS, NOON)

    assert not is_expired(expiry, NOON - INSTANT)
    assert is_expired(expiry, NOON)
    assert is_expired(expiry, NOON + INSTANT)


@pytest.mark.parametrize("expiry", [UNDECIDED, Expiry(ExpiryBasis.NOT_ASSIGNED)])
def test_what_has_no_expiry_is_not_expired(expiry: Expiry) -> None:
    assert not is_expired(expiry, NOON)


def test_every_product_class_has_a_policy() -> None:
    assert set(FROZEN) == set(ProductClass)


@pytest.mark.parametrize(
    ("kind", "product_class", "frozen", "expected"),
    [
        (UnitKind.COLLECTED_BAG, ProductClass.CORD_BLOOD, False, FRESH),
        (UnitKind.COLLECTED_BAG, ProductClass.CORD_BLOOD, True, FRESH),
        (UnitKind.CRYOBAG, ProductClass.CORD_BLOOD, True, Expiry(ExpiryBasis.NOT_ASSIGNED)),
        (UnitKind.PIECE, ProductClass.PLACENTA, False, FRESH),
        (UnitKind.VIAL, ProductClass.MSC, True, Expiry(ExpiryBasis.RETEST_DUE, NOON.replace(year=NOON.year + 5))),
    ],
)
def test_policy_assigns_expiry_by_class_or_says_that_it_does_not(
    kind: UnitKind, product_class: ProductClass, frozen: bool, expected: Expiry
) -> None:
    assert expiry_of(kind, product_class, collected_at=NOON, frozen_at=NOON if frozen else None) == expected


def test_29_february_does_not_gain_a_day() -> None:
    leap = datetime(2024, 2, 29, 12, tzinfo=UTC)

    assert years_later(leap, 5) == datetime(2029, 2, 28, 12, tzinfo=UTC)
    assert years_later(leap, 4) == datetime(2028, 2, 29, 12, tzinfo=UTC)
