"""Shipments."""

from dataclasses import replace
from decimal import Decimal

import pytest

from inventory.domain.shipment import (
    ItemFacts,
    PackingFacts,
    ShipmentKind,
    ShipmentRefused,
    Shipper,
    check_packing,
    kept_frozen,
    obstacles_to_packing,
    obstacles_to_receiving,
)
from inventory.domain.unit import UnitState
from tests.factories.time import NOON, hours

ITEM = ItemFacts("U1", UnitState.RELEASED, picked=True)
RELEASE = PackingFacts(
    ShipmentKind.RELEASE,
    Shipper.DRY_SHIPPER,
    "BANK",
    "STUDY-1",
    (ITEM,),
    logger_code="LOG-1",
    release="REL-1",
    released_units=frozenset({"U1"}),
    shipper_code="DS-1",
    seal_code="SEAL-1",
    courier="Cold Courier",
)
FROZEN = replace(RELEASE, items=(replace(ITEM, frozen=True),))
COLLECTION = PackingFacts(
    ShipmentKind.COLLECTION, Shipper.BOX, "WARD", "BANK", (ItemFacts("U1", UnitState.COLLECTED),), samples=2
)


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (RELEASE, []),
        (COLLECTION, []),
        (replace(RELEASE, items=(replace(ITEM, picked=False),)), ["not-picked"]),
        (replace(RELEASE, items=(replace(ITEM, held=True),)), ["held"]),
        (replace(RELEASE, items=(replace(ITEM, lies_in="T01-A01"),)), ["in-position"]),
        (replace(RELEASE, items=(replace(ITEM, state=UnitState.RESERVED),)), ["state"]),
        (replace(RELEASE, items=(ITEM, replace(ITEM, code="U2"))), ["not-released"]),
        (replace(RELEASE, items=(ITEM, ITEM)), ["twice"]),
        (replace(RELEASE, released_units=frozenset({"U1", "U2"})), ["not-packed"]),
        (replace(RELEASE, logger_code=""), ["no-logger"]),
        (replace(RELEASE, logger_code="", shipper=Shipper.BOX), []),
        (FROZEN, []),
        (replace(FROZEN, shipper=Shipper.BOX), ["no-dry-shipper"]),
        (replace(FROZEN, shipper=Shipper.BOX, logger_code=" "), ["no-dry-shipper", "no-logger"]),
        (replace(RELEASE, shipper_code="", seal_code=" ", courier=""), ["missing"] * 3),
        (replace(RELEASE, seal_code="S\x00"), ["unreadable"]),
        (replace(COLLECTION, courier="c" * 65), ["too-long"]),
        (replace(RELEASE, release=""), ["release"]),
        (replace(COLLECTION, release="REL-1"), ["release"]),
        (replace(COLLECTION, to_site="WARD"), ["same-site"]),
        (replace(COLLECTION, items=()), []),
        (replace(COLLECTION, items=(), samples=0), ["empty"]),
        (replace(COLLECTION, items=(ItemFacts("U1", UnitState.QUARANTINED),)), ["state"]),
        (replace(COLLECTION, kind=ShipmentKind.TESTING), ["state"]),
        (replace(COLLECTION, kind=ShipmentKind.TESTING, items=()), []),
    ],
)
def test_every_obstacle_to_packing_is_named(facts: PackingFacts, codes: list[str]) -> None:
    assert [reason.code for reason in obstacles_to_packing(facts)] == codes
    if codes:
        with pytest.raises(ShipmentRefused):
            check_packing(facts)
    else:
        check_packing(facts)


def test_what_came_is_compared_with_what_was_sent() -> None:
    sent, came = frozenset({"U1", "U2"}), frozenset({"U2", "U3"})

    differing = obstacles_to_receiving(sent, came, handed_over_at=NOON, received_at=NOON - hours(1))

    assert [reason.code for reason in differing] == ["missing", "unexpected", "times"]
    assert obstacles_to_receiving(sent, sent, handed_over_at=NOON, received_at=NOON) == []
    assert [each.code for each in obstacles_to_receiving(sent, sent, handed_over_at=None, received_at=NOON)] == [
        "times"
    ]


@pytest.mark.parametrize(("warmest", "kept"), [("-150", True), ("-149.9", False), ("-190", True), (None, False)])
def test_a_frozen_product_must_have_stayed_cold(warmest: str | None, kept: bool) -> None:
    assert kept_frozen(Decimal(warmest) if warmest else None) is kept
