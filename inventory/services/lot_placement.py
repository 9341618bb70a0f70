"""Putting the vials of a lot away, as a set."""

from collections.abc import Sequence
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.services.service import service
from inventory.domain.container import NotPlaceable
from inventory.domain.unit import UnitState
from inventory.models.container import Container
from inventory.models.lot import Lot
from inventory.models.unit import Unit
from inventory.queries.container import lock_containers
from inventory.queries.lot import lock_lots, unplaced_vials
from inventory.queries.placement import free_positions
from inventory.services.placement import PutAway, put_away

# Vials that are the bank's to put away; one released and picked is on its way out.
AT_THE_BANK = (UnitState.QUARANTINED, UnitState.AVAILABLE, UnitState.RESERVED)


@service
def put_away_lot(lot: Lot, boxes: Sequence[Container], *, reason: str, by: Person, at: datetime) -> list[Unit]:
    """Put every vial of a lot that is in no position into the next free positions of these boxes, in one command.

    Raises ``NotPlaceable`` where there are too few, and as ``put_away`` does.
    """
    lock_lots([lot.pk])
    lock_containers([box.pk for box in boxes])
    vials = unplaced_vials(lot, states=AT_THE_BANK)
    if not vials:
        raise NotPlaceable(f"Every vial of {lot.code} is in a position.", field="lot")
    places = free_positions(boxes, len(vials))
    if len(places) < len(vials):
        text = f"{len(places)} positions are free in the boxes named, for {len(vials)} vials of {lot.code}."
        raise NotPlaceable("Nothing was put away.", reasons=[Reason(text, "too-few-positions", "boxes")], field="boxes")
    wanted = [PutAway(place.pk, unit_id=vial.pk) for place, vial in zip(places, vials, strict=True)]
    put_away(wanted, reason=reason, by=by, at=at)
    return vials
