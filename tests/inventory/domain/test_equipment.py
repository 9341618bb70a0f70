"""Equipment."""

from dataclasses import replace

import pytest

from inventory.domain.equipment import (
    NEEDS,
    CheckKind,
    EquipmentFacts,
    EquipmentKind,
    Period,
    obstacles_to_period,
    obstacles_to_registering_equipment,
    obstacles_to_use_of,
)
from tests.factories.time import NOON, hours

LONG = Period(NOON - hours(100), NOON + hours(100))
FREEZER = EquipmentFacts(
    "CRF-1",
    EquipmentKind.CONTROLLED_RATE_FREEZER,
    {CheckKind.CALIBRATION: (LONG,), CheckKind.MAINTENANCE: (LONG,)},
)


def calibrated(*periods: Period) -> EquipmentFacts:
    return replace(FREEZER, checks={**FREEZER.checks, CheckKind.CALIBRATION: periods})


def out(from_: float, until: float | None) -> EquipmentFacts:
    return replace(FREEZER, outages=(Period(NOON + hours(from_), None if until is None else NOON + hours(until)),))


@pytest.mark.parametrize(
    ("device", "codes"),
    [
        (FREEZER, []),
        (calibrated(), ["no-calibration"]),
        (calibrated(Period(NOON, NOON + hours(2.001))), []),
        (calibrated(Period(NOON, NOON + hours(2))), ["no-calibration"]),
        (calibrated(Period(NOON - hours(9), NOON + hours(1))), ["no-calibration"]),
        (calibrated(Period(NOON + hours(0.001), NOON + hours(9))), ["no-calibration"]),
        (calibrated(Period(NOON - hours(9), NOON - hours(1)), LONG), []),
        (replace(FREEZER, checks={}), ["no-calibration", "no-maintenance"]),
        (replace(FREEZER, kind=EquipmentKind.OTHER, checks={}), []),
        (out(-2, -1), []),
        (out(-2, 0), []),
        (out(-2, 0.001), ["out-of-service"]),
        (out(1, 1.5), ["out-of-service"]),
        (out(2, None), ["out-of-service"]),
        (out(2.001, None), []),
        (out(-50, None), ["out-of-service"]),
    ],
)
def test_a_device_is_fit_when_every_check_covers_all_of_it_and_it_was_never_out_of_service(
    device: EquipmentFacts, codes: list[str]
) -> None:
    found = obstacles_to_use_of(device, from_=NOON, until=NOON + hours(2))

    assert [reason.code for reason in found] == codes


def test_every_kind_of_device_says_what_it_needs() -> None:
    assert set(NEEDS) == set(EquipmentKind)


def test_a_period_ends_after_it_begins() -> None:
    assert obstacles_to_period(NOON, NOON + hours(1)) == []
    assert obstacles_to_period(NOON, None) == []
    assert [each.code for each in obstacles_to_period(NOON, NOON)] == ["times"]


def test_a_device_has_a_code_a_maker_and_a_serial_number() -> None:
    texts = {"code": "", "manufacturer": "Maker", "serial_number": " ", "location": ""}

    assert [each.field for each in obstacles_to_registering_equipment(texts)] == ["code", "serial_number"]
