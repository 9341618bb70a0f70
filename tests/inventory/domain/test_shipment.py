"""Shipments: what kept cold means, and whose journey a logger's file speaks of."""

from dataclasses import replace
from decimal import Decimal

import pytest

from inventory.domain.shipment import (
    LoggerFacts,
    kept_frozen,
    obstacles_to_accepting,
    obstacles_to_logger,
    obstacles_to_temperature,
)
from tests.factories.time import NOON, hours

FILE = LoggerFacts(
    logger_code="LOG-1",
    first_at=NOON,
    last_at=NOON + hours(10),
    coldest_celsius=Decimal(-190),
    warmest_celsius=Decimal(-180),
)


@pytest.mark.parametrize(("warmest", "kept"), [("-150", True), ("-149.9", False), ("-190", True), (None, False)])
def test_a_frozen_product_must_have_stayed_cold(warmest: str | None, kept: bool) -> None:
    celsius = Decimal(warmest) if warmest else None

    assert kept_frozen(celsius) is kept
    assert bool(obstacles_to_accepting(["U1"], celsius)) is not kept


@pytest.mark.parametrize(("warmest", "fits"), [("-210", True), ("70", True), ("70.1", False), ("NaN", False)])
def test_a_temperature_is_one_that_a_logger_can_have_seen(warmest: str, fits: bool) -> None:
    assert (obstacles_to_temperature(Decimal(warmest)) == []) is fits
    assert obstacles_to_temperature(None) == []


@pytest.mark.parametrize(
    ("file", "codes"),
    [
        (FILE, []),
        (replace(FILE, first_at=NOON + hours(1), last_at=NOON + hours(9)), []),
        (replace(FILE, logger_code="LOG-2"), ["another-logger"]),
        (replace(FILE, used_for="SHP-1"), ["another-shipment"]),
        (replace(FILE, first_at=NOON + hours(1.1)), ["begins-late"]),
        (replace(FILE, last_at=NOON + hours(8.9)), ["ends-early"]),
        (replace(FILE, coldest_celsius=Decimal(-170)), ["range"]),
        (replace(FILE, warmest_celsius=Decimal("Infinity")), ["range"]),
        (replace(FILE, logger_code="", used_for="SHP-1"), ["another-logger", "another-shipment"]),
    ],
)
def test_a_loggers_file_is_of_this_logger_and_of_all_of_this_journey(file: LoggerFacts, codes: list[str]) -> None:
    found = obstacles_to_logger(
        file, travelled_with="LOG-1", handed_over_at=NOON + hours(1), received_at=NOON + hours(9)
    )

    assert [reason.code for reason in found] == codes


def test_no_file_speaks_of_a_journey_without_a_logger() -> None:
    file = replace(FILE, logger_code="")

    found = obstacles_to_logger(file, travelled_with="", handed_over_at=NOON, received_at=NOON)

    assert [reason.code for reason in found] == ["another-logger"]
