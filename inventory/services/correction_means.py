"""What follows once it is known which batch or device was really used: whether it was fit, and what travelled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from biobank.models.person import Person
from inventory.domain.batch import obstacles_to_using
from inventory.domain.correctable import FACTS
from inventory.domain.equipment import obstacles_to_use_of
from inventory.models.batch import BatchUse
from inventory.models.correction import Correction
from inventory.models.equipment import Equipment, EquipmentUse
from inventory.queries.batch import lock_batches_to_use
from inventory.queries.correction import Target, target_of
from inventory.queries.equipment import equipment_by_id, equipment_facts
from inventory.services.correction_check import VESSEL, vessel_used
from inventory.services.correction_follow import follow_correction
from inventory.services.correction_row import Prepared

TIMES = ("started_at", "frozen_at", "collected_at")
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


def move_uses(correction: Correction, target: Target, **_told: object) -> None:
    """Let what was used be used when its run, or its collection, really was: reckoned, with no entry of its own."""
    row = target.row
    if correction.noun == "processing" and correction.field in TIMES:
        BatchUse.objects.filter(processing=row).update(used_at=row.frozen_at or row.started_at)
        EquipmentUse.objects.filter(processing=row).update(used_from=row.started_at)
    elif correction.field == "collected_at" and row.collected_at is not None:
        BatchUse.objects.filter(donation=row).update(used_at=row.collected_at)


def unfit_means(correction: Correction, was: Target, now: Target) -> list[str]:
    """Return why what was used turns out not to have been fit for it, as far as it was not known before.

    A batch is locked for it: whoever rejects it waits, or has rejected it by now.
    """
    known = set(_unfit(correction, was)) if correction.field in TIMES else set()
    return [text for text in _unfit(correction, now) if text not in known]


def _unfit(correction: Correction, target: Target) -> list[str]:
    """Return everything unfit of what a fact says was used, or was used in the run or at the birth that it is of."""
    row = target.row
    if correction.noun == "shipment" and correction.field in VESSEL:
        used = vessel_used(row, getattr(row, correction.field))
        return _unfit_devices([used.equipment_id], *_travelled(used)) if used is not None else []
    if correction.noun == "batch_use":
        return _unfit_batches([row.batch_id], *_time_of(row.processing, row.donation))
    if correction.noun == "equipment_use":
        return _unfit_devices([row.equipment_id], *_time_of(row.processing, None))
    if correction.field not in TIMES:
        return []
    of_run = {"processing" if correction.noun == "processing" else "donation": row}
    batches = list(BatchUse.objects.filter(**of_run).values_list("batch_id", flat=True))
    devices = EquipmentUse.objects.filter(processing=of_run.get("processing"), processing__isnull=False)
    from_, until = _time_of(of_run.get("processing"), of_run.get("donation"))
    unfit = _unfit_devices(list(devices.values_list("equipment_id", flat=True)), from_, until)
    return [*_unfit_batches(batches, from_, until), *unfit]


def _unfit_batches(batch_ids: Sequence[int], from_: datetime, until: datetime) -> list[str]:
    batches = list(lock_batches_to_use(batch_ids).values())
    return [reason.text for reason in obstacles_to_using(batches, from_=from_, until=until)]


def _unfit_devices(equipment_ids: Sequence[int], from_: datetime, until: datetime) -> list[str]:
    facts = equipment_facts(equipment_by_id(equipment_ids)).values()
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
