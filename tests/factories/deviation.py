"""Deviations as the services make them, at noon."""

from typing import Any

from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.domain.deviation import DeviationClass, Disposition
from inventory.models.deviation import Deviation
from inventory.models.unit import Unit
from inventory.services.deviation import Closing, NewDeviation, Touched, close_deviation, open_deviation
from tests.factories.person import credentials, staff
from tests.factories.time import NOON, hours


def new_deviation(*units: Unit, **otherwise: Any) -> NewDeviation:
    """Return a major deviation of the night before that touched these units."""
    usual: dict[str, Any] = {
        "deviation_class": DeviationClass.MAJOR,
        "what_happened": "The lid of the bag sealer stayed open during filling.",
        "immediate_action": "The bag was set aside and the sealer taken out of use.",
        "occurred_at": NOON - hours(12),
        "touched": Touched(unit_ids=tuple(unit.pk for unit in units)),
    }
    return NewDeviation(**usual | otherwise)


def deviation(*units: Unit, by: Person | None = None, **otherwise: Any) -> Deviation:
    """Return an open deviation, told by the technician at noon."""
    return open_deviation(new_deviation(*units, **otherwise), by=by or staff(Role.LAB_TECHNICIAN), at=NOON)


def disposition(word: str, *codes: str, because: str = "Retained segments were sterile.") -> Disposition:
    """Return one disposition of some goods."""
    return Disposition(word, codes, because)


def closed(opened: Deviation, *dispositions: Disposition, by: Person | None = None, **otherwise: Any) -> Deviation:
    """Close a deviation an hour after noon by the quality reviewer."""
    signer = by or staff(Role.QUALITY_REVIEWER)
    closing = Closing(**{"investigation": "The hinge was worn; replaced."} | otherwise, dispositions=dispositions)
    return close_deviation(opened, closing, credentials=credentials(signer), by=signer, at=NOON + hours(1))
