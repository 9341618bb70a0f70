"""Releases and their journeys as the services make them, at noon."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from biobank.models.person import Person
from inventory.domain.equipment import EquipmentKind
from inventory.models.release import Release, ReleaseSignature
from inventory.models.request import UnitRequest
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.placement import places_of
from inventory.queries.release import unit_ids_released_by
from inventory.services.delivery import AsReceived, Delivery, receive_at_site
from inventory.services.pick import Scans, pick_unit
from inventory.services.release import evaluate_release, sign_release
from inventory.services.shipment import Packing, hand_over_release, pack_release
from tests.factories.journey import device
from tests.factories.person import credentials, default_site, staff
from tests.factories.request import approved_request, coordinator
from tests.factories.time import NOON, hours
from tests.kept import keepable

# The warmest that a logger of a journey without trouble saw.
COLD = Decimal("-182.4")


@keepable
def evaluated_release(request: UnitRequest | None = None) -> Release:
    """Return an evaluated release that nobody has signed."""
    return evaluate_release(request or approved_request(), by=staff(Role.QUALITY_REVIEWER), at=NOON)


def sign(
    release: Release, meaning: Meaning = Meaning.REVIEWED, by: Person | None = None, *, at: datetime = NOON
) -> ReleaseSignature:
    """Sign at noon: as reviewed by the reviewer, as released by the releasing officer, unless told."""
    usual = Role.QUALITY_REVIEWER if meaning is Meaning.REVIEWED else Role.RELEASING_OFFICER
    signer = by or staff(usual)
    return sign_release(release, meaning=meaning, credentials=credentials(signer), by=signer, at=at)


@keepable
def issued_release(*units: Unit, **otherwise: Any) -> Release:
    """Return a release signed twice at noon."""
    release = evaluated_release(approved_request(*units, **otherwise))
    sign(release)
    sign(release, Meaning.RELEASED)
    release.refresh_from_db()
    return release


def units_of(release: Release) -> list[Unit]:
    """Return a release's units as they are now."""
    return list(Unit.objects.filter(pk__in=unit_ids_released_by(release.pk)).order_by("pk"))


def scans_of(unit: Unit) -> Scans:
    """Return what the scanner reads when all is right."""
    return Scans(position=places_of([unit.pk])[unit.pk].code, unit=unit.code)


@keepable
def picked_release(*units: Unit, **otherwise: Any) -> Release:
    """Return an issued release with every unit picked at one o'clock."""
    release = issued_release(*units, **otherwise)
    for unit in units_of(release):
        pick_unit(release, unit, scans=scans_of(unit), by=staff(Role.STORAGE_TECHNICIAN), at=NOON + hours(1))
    return release


def packing(**otherwise: Any) -> Packing:
    """Return a dry shipper with a logger, both fit for use."""
    device("DS-1", EquipmentKind.DRY_SHIPPER)
    device("LOG-9")
    usual: dict[str, Any] = {
        "from_site": default_site(),
        "shipper_code": "DS-1",
        "logger_code": "LOG-9",
        "courier": "Cold Courier",
        "seal_code": "SEAL-1",
    }
    return Packing(**usual | otherwise)


@keepable
def packed_shipment(*units: Unit, **otherwise: Any) -> Shipment:
    """Return a picked release, packed at one o'clock."""
    release = picked_release(*units, **otherwise)
    return pack_release(release, packing(), by=staff(Role.STORAGE_TECHNICIAN), at=NOON + hours(1))


@keepable
def shipped(*units: Unit, **otherwise: Any) -> Shipment:
    """Return a shipment handed over at two o'clock."""
    shipment = packed_shipment(*units, **otherwise)
    return hand_over_release(shipment, to="Driver 4", by=staff(Role.STORAGE_TECHNICIAN), at=NOON + hours(2))


@keepable
def received(*units: Unit, **otherwise: Any) -> Shipment:
    """Return a shipment whose every unit the clinic accepted the day after."""
    shipment = shipped(*units, **otherwise)
    items = {unit.pk: AsReceived(accepted=True) for unit in inside(shipment)}
    receive_at_site(shipment, Delivery(items=items, warmest_celsius=COLD), by=coordinator(), at=NOON + hours(24))
    shipment.refresh_from_db()
    return shipment


def inside(shipment: Shipment) -> list[Unit]:
    """Return the units in a shipment as they are now."""
    return list(Unit.objects.filter(journeys__shipment=shipment).order_by("pk"))
