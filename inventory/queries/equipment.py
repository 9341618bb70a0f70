"""Equipment: the facts that decide whether a device is fit, and everything that each of them touched."""

from collections.abc import Collection

from django.db.models import Q

from biobank.domain.text import obstacles_to_text
from inventory.domain.equipment import CheckKind, EquipmentFacts, EquipmentKind, Period
from inventory.models.equipment import Equipment, EquipmentCheck, EquipmentOutage, EquipmentUse
from inventory.models.shipment import ShipmentItem
from inventory.queries.journey import Touched, touched

LONGEST_CODE = 64


def lock_equipment(equipment_id: int) -> Equipment:
    """Take a device's row lock and return it fresh."""
    return Equipment.objects.select_for_update(of=("self",)).select_related("site").get(pk=equipment_id)


def equipment_by_code(codes: Collection[str]) -> dict[str, Equipment]:
    """Return the devices of these codes; what cannot be read as text is no device's code."""
    legible = [code for code in codes if not obstacles_to_text(code, "code", longest=LONGEST_CODE)]
    return {row.code: row for row in Equipment.objects.filter(code__in=legible)}


def equipment_by_id(equipment_ids: Collection[int]) -> list[Equipment]:
    """Return the devices of these ids that exist."""
    return list(Equipment.objects.filter(pk__in=equipment_ids))


def equipment_facts(devices: Collection[Equipment]) -> dict[int, EquipmentFacts]:
    """Return, by id, what decides whether each of these devices is fit for use. Two queries."""
    equipment_ids = [device.pk for device in devices]
    checks: dict[int, dict[CheckKind, list[Period]]] = {}
    for check in EquipmentCheck.objects.filter(equipment_id__in=equipment_ids):
        of_kind = checks.setdefault(check.equipment_id, {}).setdefault(CheckKind(check.kind), [])
        of_kind.append(Period(check.valid_from, check.valid_until))
    outages: dict[int, list[Period]] = {}
    for outage in EquipmentOutage.objects.filter(equipment_id__in=equipment_ids):
        outages.setdefault(outage.equipment_id, []).append(Period(outage.began_at, outage.until))
    return {
        row.pk: EquipmentFacts(row.code, EquipmentKind(row.kind), checks.get(row.pk, {}), outages.get(row.pk, ()))
        for row in devices
    }


def touched_by_equipment(equipment: Equipment) -> list[Touched]:
    """Return every unit that a device touched: processed on it, or travelling with it, and all made from that.

    Each with where it is now and who holds it, in the order of codes; a constant number of queries.
    """
    uses = EquipmentUse.objects.filter(equipment=equipment)
    shipments = uses.filter(shipment__isnull=False).values("shipment_id")
    items = ShipmentItem.objects.filter(shipment_id__in=shipments, unit__isnull=False)
    runs = uses.filter(processing__isnull=False).values("processing_id")
    return touched(runs, Q(pk__in=items.values("unit_id")))
