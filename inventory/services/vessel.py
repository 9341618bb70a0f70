"""The vessel of a shipment: the dry shipper and the logger that travel, each a device of the bank, and fit for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason
from inventory.domain.equipment import EquipmentKind, obstacles_to_use_of
from inventory.domain.shipment import Shipper
from inventory.models.equipment import Equipment, EquipmentUse
from inventory.models.shipment import Shipment
from inventory.queries.equipment import equipment_by_code, equipment_facts


@dataclass(frozen=True)
class Vessel:
    """What travels: by code, the kind that is wanted, and the device of the bank that has the code, if one has."""

    wanted: Mapping[str, EquipmentKind]
    devices: Mapping[str, Equipment]


def find_vessel(shipper: Shipper, shipper_code: str, logger_code: str) -> Vessel:
    """Return the dry shipper and the logger of these codes; a box is no device."""
    dry = {shipper_code: EquipmentKind.DRY_SHIPPER} if shipper is Shipper.DRY_SHIPPER else {}
    found = {**dry, logger_code: EquipmentKind.LOGGER}
    wanted = {code: kind for code, kind in found.items() if code.strip()}
    return Vessel(wanted, equipment_by_code(wanted))


def vessel_of(shipment: Shipment) -> Vessel:
    """Return the vessel of a shipment that was packed."""
    return find_vessel(Shipper(shipment.shipper), shipment.shipper_code, shipment.logger_code)


def obstacles_to_vessel(vessel: Vessel, *, from_: datetime, until: datetime) -> list[Reason]:
    """Return why a vessel cannot travel: what is no device of the bank, of another kind, or not fit all that time."""
    reasons = [
        Reason(f"{code} is no {_named(kind)} of the bank.", "unknown-device", "equipment")
        for code, kind in vessel.wanted.items()
        if code not in vessel.devices
    ]
    for device in equipment_facts(vessel.devices.values()).values():
        if (wanted := vessel.wanted[device.code]) is not device.kind:
            reasons.append(Reason(f"{device.code} is no {_named(wanted)}.", "wrong-kind", "equipment"))
        reasons += obstacles_to_use_of(device, from_=from_, until=until)
    return reasons


def use_vessel(shipment: Shipment, vessel: Vessel) -> list[EquipmentUse]:
    """Write that a vessel travels with a shipment."""
    return EquipmentUse.objects.bulk_create(
        EquipmentUse(equipment=device, shipment=shipment, used_from=shipment.packed_at)
        for device in vessel.devices.values()
    )


def _named(kind: EquipmentKind) -> str:
    return kind.value.replace("_", " ")
