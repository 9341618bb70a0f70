"""What turns out to have lain in a container while it was too warm: joined to each excursion of that time."""

from collections.abc import Sequence
from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.container import Limit
from inventory.domain.excursion import is_beyond
from inventory.domain.hold import HoldKind
from inventory.domain.unit import FINAL, UnitState
from inventory.models.excursion import Excursion
from inventory.models.placement import Placement
from inventory.models.unit import Unit
from inventory.queries.container import containers_within, lock_containers
from inventory.queries.excursion import (
    Exposed,
    exposed_during,
    items_of,
    lock_excursions_since,
    minutes_besides,
    minutes_of_units,
)
from inventory.queries.unit import made_from
from inventory.services.excursion import hold_warmed, tell_sites_of, warming_told, write_items
from inventory.services.hold import NewHold, place_holds


def join_excursions(placement: Placement, *, because: str, by: Person, at: datetime) -> None:
    """Join what lies in a position, and what was made of it since, to every excursion of the time it lay there.

    One that awaits its assessment holds it as all else that was inside, and is assessed with it. After an assessment,
    which is signed, and where minutes add up that did not before, it is held for quality to look into. Each site that
    has or had some of it is told all the same.
    """
    lock_containers([placement.position.container_id])
    for excursion in lock_excursions_since(placement.position.container_id, placement.placed_at):
        late = _late(excursion, placement)
        if late:
            _join(excursion, late, because=because, by=by, at=at)


def _late(excursion: Excursion, placement: Placement) -> list[Exposed]:
    """Return what of the placement an excursion does not know."""
    items = items_of(excursion.pk)
    known = {(item.unit_id, item.sample_id) for item in items}
    own = set(made_from([placement.unit_id])) if placement.unit_id else set()
    inside = exposed_during(containers_within(excursion.container_id), excursion.started_at, excursion.ended_at)
    return [
        each
        for each in inside
        if (each.unit and each.unit.pk in own and (each.unit.pk, None) not in known)
        or (each.sample and each.sample.pk == placement.sample_id and (None, each.sample.pk) not in known)
    ]


def _join(excursion: Excursion, late: Sequence[Exposed], *, because: str, by: Person, at: datetime) -> None:
    awaited = excursion.assessed_at is None
    warm = _warmed(excursion, [each.unit for each in late if each.unit])
    holds = hold_warmed(excursion, warm, by=by, at=at) if awaited and excursion.is_beyond else {}
    doubtful = [unit for unit in warm if unit.pk not in holds and UnitState(unit.state) not in FINAL]
    if doubtful:
        reason = f"{because} It was there during {excursion.reference}."[:500]
        place_holds([NewHold(HoldKind.INVESTIGATION, reason, unit_id=unit.pk) for unit in doubtful], by=by, at=at)
    if awaited:
        write_items(excursion, late, holds)
    codes = [thing.code for each in late if (thing := each.unit or each.sample) is not None]
    new = {"inside": codes, "held": len(holds)}
    subjects = [excursion.reference, excursion.container.code, *codes]
    record("excursion.extended", subjects=subjects, by=by, at=at, reason=because, new=new)
    tell_sites_of(excursion, warm, by=by, at=at)


def _warmed(excursion: Excursion, units: Sequence[Unit]) -> list[Unit]:
    """Return which of these units were too warm for too long, by the limits of then."""
    warming = warming_told(excursion)
    limit = Limit(excursion.warmest_celsius, excursion.coldest_celsius, excursion.minutes_allowed)
    if not limit.is_set:
        return list(units)
    shared = minutes_besides(excursion.container_id, warming, without=excursion.pk)
    own = minutes_of_units([unit.pk for unit in units], warming, without=excursion.pk)
    return [unit for unit in units if is_beyond(warming, limit, besides=max(shared, own.get(unit.pk, 0)))]
