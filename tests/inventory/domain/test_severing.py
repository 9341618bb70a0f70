"""Severing: which bags can be cut in two, and what hangs on the parts."""

from dataclasses import replace

import pytest

from inventory.domain.severing import SeveringFacts, obstacles_to_severing
from inventory.domain.unit import UnitKind

GOOD = SeveringFacts(
    code="A9999S9002V00",
    kind=UnitKind.CRYOBAG,
    is_measured=True,
    hanging=(1, 2, 3),
    named=(3, 1, 2),
    product_code="S9002V00",
    parts=("S9002VA0", "S9002VB0"),
)


def test_a_frozen_bag_whose_samples_are_all_named_can_be_severed() -> None:
    assert obstacles_to_severing(GOOD) == []
    assert obstacles_to_severing(replace(GOOD, hanging=(), named=())) == []


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"kind": UnitKind.COLLECTED_BAG}, ["no-bag"]),
        ({"kind": UnitKind.VIAL}, ["no-bag"]),
        ({"is_measured": False}, ["amount-unknown"]),
        ({"named": (1, 2)}, ["samples"]),
        ({"named": (1, 2, 3, 3)}, ["samples"]),
        ({"named": (1, 2, 3, 4)}, ["samples"]),
        ({"parts": ("S9002V00", "S9002VB0")}, ["no-division"]),
        ({"parts": ("S9003VA0", "S9002VB0")}, ["another-product"]),
        ({"parts": ("S9002RA0", "S9002VB0")}, ["another-product"]),
        ({"parts": ("S9002VA0", "nonsense")}, ["product-code-refused"]),
    ],
)
def test_what_cannot_be_severed_is_refused_by_name(changed: dict[str, object], codes: list[str]) -> None:
    found = obstacles_to_severing(replace(GOOD, **changed))  # type: ignore[arg-type]

    assert [each.code for each in found] == codes
