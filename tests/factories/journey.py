"""Batches, devices and journeys beside the release, as the services make them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from biobank.domain.role import Role
from biobank.domain.site import SiteKind
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.queries.person import find_person
from inventory.domain.batch import BatchKind
from inventory.domain.equipment import NEEDS, EquipmentKind
from inventory.domain.receipt import Condition
from inventory.domain.shipment import ShipmentKind, Shipper
from inventory.models.batch import Batch
from inventory.models.equipment import Equipment
from inventory.models.receipt import Receipt
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.services.arrival import Besides
from inventory.services.batch import NewBatch, inspect_batch, register_batch
from inventory.services.equipment import NewCheck, NewEquipment, record_check, register_equipment
from inventory.services.journey import NewShipment, hand_over_shipment, pack_shipment
from inventory.services.paper import enclose_papers
from inventory.services.receipt import Arrival, receive_shipment
from tests.factories.person import LONG_AGO, default_site, site, staff
from tests.factories.person import person as new_person
from tests.factories.time import NOON, days, hours

FAR_OFF = date(2030, 6, 30)
LONG_AFTER = NOON + days(1000)
NEXT_DAY = NOON + hours(24)


def device(
    code: str, kind: EquipmentKind = EquipmentKind.LOGGER, *, until: datetime = LONG_AFTER, checked: bool = True
) -> Equipment:
    """Return the device of this code, with every check that its kind needs from long ago until then."""
    if found := Equipment.objects.filter(code=code).first():
        return found
    quality = staff(Role.QUALITY_REVIEWER)
    new = NewEquipment(code=code, kind=kind, manufacturer="Maker", serial_number=f"SN {code}", site=default_site())
    made = register_equipment(new, by=quality, at=LONG_AGO)
    for check in sorted(NEEDS[kind]) if checked else ():
        valid = NewCheck(kind=check, valid_from=LONG_AGO, valid_until=until, certificate="C-1")
        record_check(made, valid, by=quality, at=LONG_AGO)
    return made


def batch(
    lot: str = "L-1", *, expires_on: date = FAR_OFF, released: bool = True, kind: BatchKind = BatchKind.DMSO
) -> Batch:
    """Return a batch taken in long ago, and released by incoming inspection unless told."""
    new = NewBatch(
        kind=kind,
        manufacturer="Maker",
        catalogue_number="D-100",
        site=default_site(),
        lot_number=lot,
        expires_on=expires_on,
    )
    made = register_batch(new, by=staff(Role.LAB_TECHNICIAN), at=LONG_AGO)
    return inspect_batch(made, released=True, by=staff(Role.QUALITY_REVIEWER), at=LONG_AGO) if released else made


def receiver(at: Site) -> Person:
    """Return who receives at a site: at the bank's own its storage technician, registered on first asking."""
    if at == default_site():
        return staff(Role.STORAGE_TECHNICIAN)
    name = f"storage-of-{at.code.lower()}"
    return find_person(name) or new_person(Role.STORAGE_TECHNICIAN, site=at, username=name)


def second_bank() -> Site:
    """Return the bank's other site."""
    return site("BANK-2")


def laboratory() -> Site:
    """Return the laboratory that tests for the bank."""
    return site("LAB-1", SiteKind.LABORATORY)


def transfer_of(*units: Unit, **otherwise: Any) -> NewShipment:
    """Return a dry shipper with these units, from the bank to its other site."""
    device("LOG-9")
    device("DS-1", EquipmentKind.DRY_SHIPPER)
    usual: dict[str, Any] = {
        "kind": ShipmentKind.TRANSFER,
        "from_site": default_site(),
        "to_site": second_bank(),
        "unit_ids": tuple(unit.pk for unit in units),
        "shipper": Shipper.DRY_SHIPPER,
        "shipper_code": "DS-1",
        "logger_code": "LOG-9",
        "seal_code": "SEAL-7",
        "courier": "Cold Courier",
    }
    return NewShipment(**usual | otherwise)


def packed_transfer(*units: Unit, **otherwise: Any) -> Shipment:
    """Return a transfer packed at noon."""
    return pack_shipment(transfer_of(*units, **otherwise), by=staff(Role.STORAGE_TECHNICIAN), at=NOON)


def transferred(*units: Unit, papers: bool = True, **otherwise: Any) -> Shipment:
    """Return a transfer handed over at one o'clock, with the papers of what is in quarantine."""
    shipment, storage = packed_transfer(*units, **otherwise), staff(Role.STORAGE_TECHNICIAN)
    if papers:
        enclose_papers(shipment, by=storage, at=NOON)
    return hand_over(shipment)


def hand_over(shipment: Shipment) -> Shipment:
    """Return a packed shipment handed over at one o'clock."""
    return hand_over_shipment(shipment, to="Driver 5", by=staff(Role.STORAGE_TECHNICIAN), at=NOON + hours(1))


def receive(shipment: Shipment, *units: Unit, at: datetime = NEXT_DAY, **otherwise: Any) -> list[Receipt]:
    """Return the receipts of units that came as they were sent; ``otherwise`` changes what is said besides."""
    besides = Besides(**{"warmest_celsius": Decimal("-182.4")} | otherwise)
    arrival = Arrival(units={unit.pk: Condition() for unit in units}, besides=besides)
    return receive_shipment(shipment, arrival, by=receiver(shipment.to_site), at=at)
