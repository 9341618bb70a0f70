"""Taking a part of units that live on: the one writer of what is left in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.amount import Amounts, left_after
from inventory.models.unit import Unit
from inventory.queries.unit import with_codes_behind


@dataclass(frozen=True)
class Drawing:
    """What one run takes of a unit, in mL where it has a volume, else in g; and whether that thaws it."""

    unit: Unit
    taken: Decimal
    thaws: bool = False


def amounts_of(unit: Unit) -> Amounts:
    """Return what a unit holds."""
    return Amounts(unit.volume_ml, unit.mass_g, unit.tnc)


def draw(drawings: Mapping[str, Drawing], *, by: Person, at: datetime) -> None:
    """Write what is left of locked units after each run, by its reference, and record what was there before."""
    behind = with_codes_behind([each.unit for each in drawings.values()])
    for reference, drawing in drawings.items():
        unit, before = drawing.unit, amounts_of(drawing.unit)
        left = left_after(before, drawing.taken)
        thawed = unit.thawed or drawing.thaws
        record(
            "unit.drawn",
            subjects=(*behind[unit.pk], reference),
            item=unit.code,
            by=by,
            at=at,
            old={**vars(before), "thawed": unit.thawed},
            new={**vars(left), "thawed": thawed},
        )
        unit.volume_ml, unit.mass_g, unit.tnc, unit.thawed = left.volume_ml, left.mass_g, left.tnc, thawed
        unit.save(update_fields=["volume_ml", "mass_g", "tnc", "thawed"])
