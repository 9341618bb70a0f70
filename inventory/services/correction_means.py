"""What follows once it is known which batch or device was really used: whether it was fit, and what travelled."""

from datetime import datetime
from typing import Any

from biobank.models.person import Person
from inventory.domain.batch import obstacles_to_using
from inventory.domain.correctable import FACTS
from inventory.domain.equipment import obstacles_to_use_of
from inventory.models.correction import Correction
from inventory.models.equipment import Equipment, EquipmentUse
from inventory.queries.batch import lock_batches_to_use
from inventory.queries.correction import Target, target_of
from inventory.queries.equipment import equipment_by_id, equipment_facts
from inventory.services.correction_check import VESSEL, vessel_used
from inventory.services.correction_follow import follow_correction
from inventory.services.correction_row import Prepared

DEVICE = FACTS["equipment_use", "equipment"]


def follow_vessel(correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    """Name the device that really travelled, where the code of a shipment's shipper or logger was corrected."""
    used = vessel_used(target.row, correction.old_value) if correction.field in VESSEL else None
    found = target_of(DEVICE.noun, used.pk) if used is not None else None
    if found is None:
        return
    device = Equipment.objects.get(code=correction.new_value)
    follow_correction(
        correction, DEVICE, found, Prepared(device.code, device.code, device.pk), because=because, by=by, at=at
    )


def unfit_means(correction: Correction, target: Target) -> list[str]:
    """Return why what was really used was not fit for it, as far as a correction says what was used.

    A batch is locked for it: whoever rejects it waits, or has rejected it by now.
    """
    if correction.noun == "batch_use":
        batches = list(lock_batches_to_use([target.row.batch_id]).values())
        from_, until = _time_of(target.row.processing, target.row.donation)
        return [reason.text for reason in obstacles_to_using(batches, from_=from_, until=until)]
    if correction.noun == "equipment_use":
        return _unfit(target.row.equipment_id, *_time_of(target.row.processing, None))
    if correction.noun == "shipment" and correction.field in VESSEL:
        used = vessel_used(target.row, correction.new_value)
        return _unfit(used.equipment_id, *_travelled(used)) if used is not None else []
    return []


def _unfit(equipment_id: int, from_: datetime, until: datetime) -> list[str]:
    facts = equipment_facts(equipment_by_id([equipment_id])).values()
    return [reason.text for each in facts for reason in obstacles_to_use_of(each, from_=from_, until=until)]


def _time_of(processing: Any, donation: Any) -> tuple[datetime, datetime]:
    """Return from when until when something was used."""
    if processing is not None:
        return processing.started_at, processing.frozen_at or processing.started_at
    collected_at = donation.collected_at or donation.registered_at
    return collected_at, collected_at


def _travelled(used: EquipmentUse) -> tuple[datetime, datetime]:
    shipment = used.shipment
    ended_at = (shipment.received_at or shipment.handed_over_at) if shipment is not None else None
    return used.used_from, ended_at or used.used_from
