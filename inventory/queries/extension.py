"""Extensions of expiries: when the expiry that stands was assigned, what is still here, and what evidence shows."""

from datetime import datetime

from inventory.domain.assay import Qualifier
from inventory.domain.extension import ResultEvidence
from inventory.domain.retest import MEASURED
from inventory.domain.unit import RESERVED_FROM, UnitState
from inventory.models.extension import ExpiryExtension
from inventory.models.lot import Lot
from inventory.models.result import Result
from inventory.models.unit import Unit

IN_THE_BANK = (*RESERVED_FROM, UnitState.RESERVED, UnitState.RELEASED)


def assigned_at(thing: Unit | Lot) -> datetime:
    """Return when the expiry that stands was assigned: by the last extension, else when the thing was made."""
    of_this = {"unit": thing} if isinstance(thing, Unit) else {"lot": thing}
    last = ExpiryExtension.objects.filter(**of_this).order_by("-pk").first()
    if last is not None:
        return last.extended_at
    return thing.registered_at if isinstance(thing, Unit) else thing.made_at


def is_here(thing: Unit | Lot) -> bool:
    """Whether a unit, or any vial of a lot, is in the bank and goes on."""
    if isinstance(thing, Unit):
        return UnitState(thing.state) in IN_THE_BANK
    return Unit.objects.filter(lot=thing, state__in=IN_THE_BANK).exists()


def result_evidence(result: Result, thing: Unit | Lot) -> ResultEvidence:
    """Return what a result is as evidence about a thing: no younger than anything that was ever said in its line."""
    mine = result.unit_id == thing.pk if isinstance(thing, Unit) else result.lot_id == thing.pk
    replaced = Result.objects.filter(replaces=result).exists()
    line = [result]
    while (older := line[-1].replaces) is not None:
        line.append(older)
    return ResultEvidence(
        assay=result.assay,
        of_this=mine,
        stands=result.verified_at is not None and Qualifier(result.qualifier) in MEASURED and not replaced,
        entered_at=line[-1].entered_at,
        specimen_at=min((each.specimen_at for each in line if each.specimen_at is not None), default=None),
    )
