"""Rejecting a batch after its release, as when its maker recalls it, with a deviation of everything that it touched."""

from collections.abc import Sequence
from datetime import datetime

from biobank.models.person import Person
from biobank.queries.person import roles_of
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.batch import BatchRefused, BatchState, obstacles_to_rejecting
from inventory.domain.deviation import DeviationClass
from inventory.models.batch import Batch
from inventory.models.deviation import Deviation
from inventory.queries.batch import lock_batch, units_stopped_with
from inventory.queries.unit import donors_behind
from inventory.services.deviation import NewDeviation, Touched, open_deviation

STOPPED = "It is used no more; what it touched passes gate 3 no more until this deviation is signed closed."


@service
def reject_released_batch(batch: Batch, *, reason: str, by: Person, at: datetime) -> Deviation | None:
    """Reject a batch that was released before, and open a major deviation of every unit that it touched, if any.

    From then on nothing names it as used. Closing the deviation says what becomes of each unit, and recalls what had
    left. Raises ``BatchRefused``.
    """
    lock_donors(donors_behind(units_stopped_with(batch)))
    batch = lock_batch(batch.pk)
    if reasons := obstacles_to_rejecting(BatchState(batch.state), roles_of(by, at), reason):
        raise BatchRefused(f"{batch.reference} stays as it is.", reasons=reasons)
    # Whoever was naming it as used has finished by now, or finds it rejected.
    unit_ids = units_stopped_with(batch)
    old = {"state": batch.state, "note": batch.note}
    batch.state, batch.note = BatchState.REJECTED.value, reason
    batch.save(update_fields=["state", "note"])
    new = {"state": batch.state, "note": reason}
    record("batch.rejected", subjects=[batch.reference], by=by, at=at, reason=reason, old=old, new=new)
    return _deviation_of(batch, unit_ids, by=by, at=at) if unit_ids else None


def _deviation_of(batch: Batch, unit_ids: Sequence[int], *, by: Person, at: datetime) -> Deviation:
    article = f"{batch.manufacturer} {batch.catalogue_number}, lot {batch.lot_number}"
    new = NewDeviation(
        deviation_class=DeviationClass.MAJOR,
        what_happened=f"{batch.reference} ({article}) was rejected after its release: {batch.note}",
        immediate_action=STOPPED,
        occurred_at=at,
        touched=Touched(unit_ids=tuple(unit_ids)),
    )
    return open_deviation(new, by=by, at=at)
