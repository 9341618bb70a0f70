"""Equipment: what each kind must have behind it, and when a device is fit for use.

Source: ISO 20387:2018, 6.5 (unique identity, calibration, maintenance, and status of equipment); 21 CFR 1271.200. Which
checks a kind needs is the bank's own policy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text


class EquipmentKind(StrEnum):
    CELL_PROCESSOR = "cell_processor"
    CENTRIFUGE = "centrifuge"
    CELL_COUNTER = "cell_counter"
    BALANCE = "balance"
    CABINET = "cabinet"
    INCUBATOR = "incubator"
    CONTROLLED_RATE_FREEZER = "controlled_rate_freezer"
    LOGGER = "logger"
    DRY_SHIPPER = "dry_shipper"
    OTHER = "other"


class CheckKind(StrEnum):
    CALIBRATION = "calibration"
    MAINTENANCE = "maintenance"


_CALIBRATED, _MAINTAINED = frozenset({CheckKind.CALIBRATION}), frozenset({CheckKind.MAINTENANCE})
NEEDS: Mapping[EquipmentKind, frozenset[CheckKind]] = {
    EquipmentKind.CELL_PROCESSOR: _CALIBRATED | _MAINTAINED,
    EquipmentKind.CENTRIFUGE: _CALIBRATED | _MAINTAINED,
    EquipmentKind.CELL_COUNTER: _CALIBRATED | _MAINTAINED,
    EquipmentKind.BALANCE: _CALIBRATED,
    EquipmentKind.CABINET: _MAINTAINED,
    EquipmentKind.INCUBATOR: _CALIBRATED | _MAINTAINED,
    EquipmentKind.CONTROLLED_RATE_FREEZER: _CALIBRATED | _MAINTAINED,
    EquipmentKind.LOGGER: _CALIBRATED,
    EquipmentKind.DRY_SHIPPER: _MAINTAINED,
    EquipmentKind.OTHER: frozenset(),
}
LONGEST = {"code": 32, "manufacturer": 120, "serial_number": 64, "location": 120}


class EquipmentRefused(RuleViolation):
    code = "equipment-refused"
    title = "The equipment stays as it is"
    mend = "Correct what is named; nothing was saved."


@dataclass(frozen=True)
class Period:
    """From when until when; the last instant is past, and none means that it goes on."""

    from_: datetime
    until: datetime | None

    def covers(self, from_: datetime, until: datetime) -> bool:
        """Whether all of that time lies in it."""
        return self.from_ <= from_ and (self.until is None or until < self.until)

    def touches(self, from_: datetime, until: datetime) -> bool:
        """Whether any of that time lies in it."""
        return self.from_ <= until and (self.until is None or from_ < self.until)


@dataclass(frozen=True)
class EquipmentFacts:
    """One device by its code: its kind, its checks, and when it was out of service."""

    code: str
    kind: EquipmentKind
    checks: Mapping[CheckKind, Sequence[Period]]
    outages: Sequence[Period] = ()


def obstacles_to_registering_equipment(texts: Mapping[str, str]) -> list[Reason]:
    """Return everything unfit about the description of a device: code, manufacturer, serial number, location."""
    return [
        each
        for field, longest in LONGEST.items()
        for each in obstacles_to_text(texts[field], field, longest=longest, needed=field != "location")
    ]


def obstacles_to_period(from_: datetime, until: datetime | None) -> list[Reason]:
    if until is None or from_ < until:
        return []
    return [Reason("It ends after it begins.", "times", "until")]


def obstacles_to_use_of(device: EquipmentFacts, *, from_: datetime, until: datetime) -> list[Reason]:
    """Return why a device was not fit for all of that time: a check missing or ending in it, or out of service."""
    reasons = [
        Reason(f"{device.code} has no {check.value} that covers all of it.", f"no-{check.value}", "equipment")
        for check in sorted(NEEDS[device.kind])
        if not any(period.covers(from_, until) for period in device.checks.get(check, ()))
    ]
    if any(period.touches(from_, until) for period in device.outages):
        reasons.append(Reason(f"{device.code} was out of service.", "out-of-service", "equipment"))
    return reasons
