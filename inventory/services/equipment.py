"""Equipment: registered, checked, taken out of service and back."""

from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.domain.text import obstacles_to_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.equipment import (
    CheckKind,
    EquipmentKind,
    EquipmentRefused,
    obstacles_to_period,
    obstacles_to_registering_equipment,
)
from inventory.models.equipment import Equipment, EquipmentCheck, EquipmentOutage
from inventory.queries.equipment import lock_equipment

LONGEST_REASON, LONGEST_CERTIFICATE = 500, 120


@dataclass(frozen=True, kw_only=True)
class NewEquipment:
    """A device: the bank's code for it, its kind, maker and serial number, and where it stands."""

    code: str
    kind: EquipmentKind
    manufacturer: str
    serial_number: str
    site: Site
    location: str = ""


@dataclass(frozen=True, kw_only=True)
class NewCheck:
    """A calibration or maintenance, how long it holds, and its certificate."""

    kind: CheckKind
    valid_from: datetime
    valid_until: datetime
    certificate: str


@service
def register_equipment(new: NewEquipment, *, by: Person, at: datetime) -> Equipment:
    """Register a device. Raises ``EquipmentRefused`` for what is missing, and for a device known already."""
    texts = {name: getattr(new, name) for name in ("code", "manufacturer", "serial_number", "location")}
    reasons = obstacles_to_registering_equipment(texts)
    if Equipment.objects.filter(code=new.code).exists():
        reasons.append(Reason(f"There is a {new.code} already.", "known", "code"))
    if Equipment.objects.filter(manufacturer=new.manufacturer, serial_number=new.serial_number).exists():
        reasons.append(Reason("This device is registered already.", "known", "serial_number"))
    if reasons:
        raise EquipmentRefused("The device was not registered.", reasons=reasons)
    device = Equipment.objects.create(**texts, kind=new.kind.value, site=new.site, registered_at=at)
    told = {**texts, "kind": device.kind, "site": new.site.code}
    record("equipment.registered", subjects=[device.code, new.site.code], by=by, at=at, new=told)
    return device


@service
def record_check(device: Equipment, new: NewCheck, *, by: Person, at: datetime) -> EquipmentCheck:
    """Record a calibration or maintenance with its certificate. Raises ``EquipmentRefused``."""
    device = lock_equipment(device.pk)
    reasons = obstacles_to_period(new.valid_from, new.valid_until)
    reasons += obstacles_to_text(new.certificate, "certificate", longest=LONGEST_CERTIFICATE, needed=True)
    if new.valid_from > at:
        reasons.append(Reason("A check that was made begins in the past.", "future", "valid_from"))
    if reasons:
        raise EquipmentRefused("The check was not recorded.", reasons=reasons)
    told = {
        "kind": new.kind.value,
        "valid_from": new.valid_from,
        "valid_until": new.valid_until,
        "certificate": new.certificate,
    }
    check = EquipmentCheck.objects.create(equipment=device, **told, recorded_by=by, recorded_at=at)
    record("equipment.checked", subjects=[device.code], by=by, at=at, occurred_at=new.valid_from, new=told)
    return check


@service
def take_out_of_service(
    device: Equipment, *, reason: str, began_at: datetime, by: Person, at: datetime
) -> EquipmentOutage:
    """Take a device out of service since an instant. Raises ``EquipmentRefused`` for one that is out already."""
    device = lock_equipment(device.pk)
    reasons = obstacles_to_text(reason, "reason", longest=LONGEST_REASON, needed=True)
    if began_at > at:
        reasons.append(Reason("It begins in the future.", "future", "began_at"))
    if device.outages.filter(until__isnull=True).exists():
        reasons.append(Reason(f"{device.code} is out of service already.", "out-of-service", "equipment"))
    if reasons:
        raise EquipmentRefused("The device stays in service.", reasons=reasons)
    outage = EquipmentOutage.objects.create(equipment=device, began_at=began_at, reason=reason, opened_by=by)
    told = {"in_service": False}
    record("equipment.stopped", subjects=[device.code], by=by, at=at, occurred_at=began_at, reason=reason, new=told)
    return outage


@service
def return_to_service(device: Equipment, *, reason: str, by: Person, at: datetime) -> EquipmentOutage:
    """End a device's open outage now. Raises ``EquipmentRefused`` for one that is in service."""
    device = lock_equipment(device.pk)
    outage = device.outages.filter(until__isnull=True).first()
    reasons = obstacles_to_text(reason, "reason", longest=LONGEST_REASON, needed=True)
    if outage is None or reasons:
        reasons = reasons or [Reason(f"{device.code} is in service.", "in-service", "equipment")]
        raise EquipmentRefused("The device stays as it is.", reasons=reasons)
    outage.until, outage.closed_by = at, by
    outage.save(update_fields=["until", "closed_by"])
    record("equipment.resumed", subjects=[device.code], by=by, at=at, reason=reason, new={"in_service": True})
    return outage
