"""What is left of a unit once it is known how much was really taken of it."""

from datetime import datetime
from decimal import Decimal

from biobank.models.person import Person
from inventory.domain.amount import holding, measured_by
from inventory.domain.correctable import FACTS, written
from inventory.models.correction import Correction
from inventory.queries.correction import Target, target_of
from inventory.services.amount import amounts_of
from inventory.services.correction_check import is_drawn
from inventory.services.correction_follow import follow_correction
from inventory.services.correction_row import Prepared


def renew_amounts(correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    """Write what is left of a parent that lived on, each amount a correction of its own, in the same names.

    What was wholly turned into children holds on record what it held before, and stays as it is.
    """
    parent = target_of("unit", target.row.parent_id)
    have = amounts_of(parent.row) if parent is not None else None
    held = measured_by(have) if have is not None else None
    if parent is None or have is None or held is None or not is_drawn(target.row):
        return
    moved = getattr(target.row, correction.field) - Decimal(correction.old_value or 0)
    for name, amount in vars(holding(have, held - moved)).items():
        if amount != getattr(have, name):
            prepared = Prepared(written(Decimal(amount)), amount)
            follow_correction(correction, FACTS["unit", name], parent, prepared, because=because, by=by, at=at)
