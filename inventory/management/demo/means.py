"""The demo's consumables and devices: taken in from their cartons, inspected, registered and calibrated."""

from datetime import date, datetime, timedelta

from inventory.domain.batch import BatchKind
from inventory.domain.equipment import NEEDS, EquipmentKind
from inventory.domain.gs1 import check_digit
from inventory.management.demo.people import Bank
from inventory.queries.batch import batches_by_lot
from inventory.queries.equipment import equipment_by_code
from inventory.services.batch import NewBatch, inspect_batch, register_batch
from inventory.services.equipment import NewCheck, NewEquipment, record_check, register_equipment

# Item numbers begin with 952, which GS1 keeps for examples.
BATCHES = (
    (BatchKind.COLLECTION_BAG_SET, "Demo Plastics", "CB-250", "952000000001", "BAGSET-4471"),
    (BatchKind.PROCESSING_SET, "Demo Plastics", "PS-80", "952000000002", "PROCSET-118"),
    (BatchKind.DMSO, "Demo Chemicals", "D-50", "952000000003", "DMSO-0093"),
)
DEVICES = (
    ("LOG-0311", EquipmentKind.LOGGER, "courier's desk"),
    ("LOG-0412", EquipmentKind.LOGGER, "shipping room"),
    ("DRY-0107", EquipmentKind.DRY_SHIPPER, "shipping room"),
    ("CRF-1", EquipmentKind.CONTROLLED_RATE_FREEZER, "processing room"),
    ("SEP-2", EquipmentKind.CELL_PROCESSOR, "processing room"),
)
# The ids of the batches and of the devices that a processing names.
Used = tuple[tuple[int, ...], tuple[int, ...]]
COLLECTED_WITH, PROCESSED_WITH, PROCESSED_ON = ("BAGSET-4471",), ("PROCSET-118", "DMSO-0093"), ("CRF-1", "SEP-2")
FROZEN_WITH, FROZEN_ON = ("DMSO-0093",), ("CRF-1",)


def take_in(bank: Bank, *, at: datetime) -> None:
    """Scan each carton in, inspect it, and register and check every device, for two years."""
    lab, quality, site = bank.people["lab"], bank.people["quality"], bank.sites["BANK-A"]
    until = (at + timedelta(days=800)).date()
    for kind, maker, catalogue, item, lot in BATCHES:
        new = NewBatch(
            kind=kind, manufacturer=maker, catalogue_number=catalogue, site=site, carton=carton(item, lot, until)
        )
        inspect_batch(register_batch(new, by=lab, at=at), released=True, by=quality, at=at)
    for code, sort, location in DEVICES:
        described = NewEquipment(
            code=code, kind=sort, manufacturer="Demo Devices", serial_number=f"DD-{code}", site=site, location=location
        )
        device = register_equipment(described, by=quality, at=at)
        for check in sorted(NEEDS[sort]):
            valid = NewCheck(
                kind=check, valid_from=at, valid_until=at + timedelta(days=800), certificate=f"{check.value} {code}"
            )
            record_check(device, valid, by=quality, at=at)


def carton(item: str, lot: str, until: date) -> str:
    """Return a carton's code as a reader sends it: trade item, expiry, and the lot last."""
    digits = f"0{item}"
    return f"]C101{digits}{check_digit(digits)}17{until:%y%m%d}10{lot}"


def batch_ids(lots: tuple[str, ...]) -> tuple[int, ...]:
    """Return the ids of the demo's batches of these lots."""
    return tuple(batch.pk for batch in batches_by_lot(lots).values())


def device_ids(codes: tuple[str, ...]) -> tuple[int, ...]:
    """Return the ids of the demo's devices of these codes."""
    return tuple(device.pk for device in equipment_by_code(codes).values())
