"""Loss: units and samples that a signed discrepancy says are nowhere."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.models.signature import Signature
from biobank.services.service import service
from inventory.domain.sample import SampleState
from inventory.domain.unit import Event, UnitState
from inventory.models.disposition import Disposition
from inventory.models.unit import Unit
from inventory.queries.sample import attached_to, lock_samples
from inventory.services.journey import end_items
from inventory.services.placement import take_out
from inventory.services.sample import end_samples
from inventory.services.unit import Change, change_states


@dataclass(frozen=True, kw_only=True)
class Discrepancy:
    """What is missing and where, since when, signed by whom; the witness is who looked for it besides.

    ``of`` are the references of the journeys or the stocktake that it is missing from.
    """

    reason: str
    occurred_at: datetime
    signature: Signature
    witness: Person | None
    of: tuple[str, ...]


@service
def lose_items(
    units: Sequence[Unit], sample_ids: Collection[int], discrepancy: Discrepancy, *, by: Person, at: datetime
) -> list[Disposition]:
    """Record locked units, what is attached to them, and samples as lost by a signed discrepancy.

    What was promised of the units is taken back before. Raises ``IllegalTransition`` for what has ended already.
    """
    reason = discrepancy.reason
    when = discrepancy.occurred_at
    change = Change("unit.lost", Event.LOST, UnitState.LOST, reason, also=discrepancy.of, occurred_at=when)
    change_states(units, change, by=by, at=at)
    take_out(units, reason="Lost.", by=by, at=at)
    gone = {*sample_ids, *attached_to([unit.pk for unit in units])}
    end_items([*units, *lock_samples(sorted(gone))], "lost", at=at)
    end_samples(sorted(gone), SampleState.LOST, reason=reason, by=by, at=at)
    return Disposition.objects.bulk_create(
        Disposition(
            unit=unit,
            kind="lost",
            note=reason[:500],
            occurred_at=discrepancy.occurred_at,
            recorded_at=at,
            recorded_by=by,
            witness=discrepancy.witness,
            signature=discrepancy.signature,
        )
        for unit in units
    )
