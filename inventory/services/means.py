"""What a processing was done with: its batches of consumables and its devices, checked and named by rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.batch import obstacles_to_using
from inventory.domain.equipment import obstacles_to_use_of
from inventory.models.batch import BatchUse
from inventory.models.equipment import EquipmentUse
from inventory.models.processing import Processing
from inventory.queries.batch import batch_facts, lock_batches_to_use
from inventory.queries.equipment import equipment_by_id, equipment_facts


class Means(Protocol):
    """When a run was, and the ids of the batches and devices that it names."""

    @property
    def started_at(self) -> datetime: ...
    @property
    def frozen_at(self) -> datetime | None: ...
    @property
    def batch_ids(self) -> tuple[int, ...]: ...
    @property
    def equipment_ids(self) -> tuple[int, ...]: ...


def obstacles_to_means(runs: Sequence[Means]) -> list[Reason]:
    """Return why these runs cannot have been done with what they name, in four queries for all of them.

    A batch must be released when the run begins and not expired when it ends; a device must be in service, with each
    check that its kind needs, for all of it.
    """
    batches = lock_batches_to_use({pk for run in runs for pk in run.batch_ids})
    devices = equipment_facts(equipment_by_id({pk for run in runs for pk in run.equipment_ids}))
    reasons: list[Reason] = []
    for run in runs:
        until = run.frozen_at or run.started_at
        named = [batches[pk] for pk in run.batch_ids if pk in batches]
        reasons += obstacles_to_using(named, from_=run.started_at, until=until)
        for pk in run.equipment_ids:
            if pk in devices:
                reasons += obstacles_to_use_of(devices[pk], from_=run.started_at, until=until)
        if set(run.batch_ids) - set(batches) or set(run.equipment_ids) - set(devices):
            reasons.append(Reason("A batch or device named does not exist.", "unknown", "batches"))
    return list(dict.fromkeys(reasons))


def record_means(runs: Mapping[Processing, Means], *, by: Person, at: datetime) -> None:
    """Write which batches and devices these runs were done with, and record it with each."""
    batches, devices = [], []
    for run, means in runs.items():
        used_at = run.frozen_at or run.started_at
        batches += [BatchUse(batch_id=pk, processing=run, used_at=used_at) for pk in sorted(set(means.batch_ids))]
        devices += [
            EquipmentUse(equipment_id=pk, processing=run, used_from=run.started_at)
            for pk in sorted(set(means.equipment_ids))
        ]
    BatchUse.objects.bulk_create(batches, batch_size=500)
    EquipmentUse.objects.bulk_create(devices, batch_size=500)
    known = batch_facts({use.batch_id for use in batches})
    machines = {device.pk: device for device in equipment_by_id({use.equipment_id for use in devices})}
    for run, means in runs.items():
        named = sorted({known[pk].code for pk in means.batch_ids})
        used = sorted({machines[pk].code for pk in means.equipment_ids})
        if named or used:
            new = {"processing": run.reference, "batches": named, "equipment": used}
            subjects = [run.reference, *named, *used]
            record("batch.used", subjects=subjects, by=by, at=at, occurred_at=run.started_at, new=new)
