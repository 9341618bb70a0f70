"""Corrections of facts as the services make them, an hour after noon."""

from datetime import datetime

from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.models.correction import Correction
from inventory.services.correction_fact import FactCorrection, confirm_correction, correct_fact
from tests.factories.person import staff
from tests.factories.time import NOON, hours

AT = NOON + hours(1)


def correction(
    noun: str,
    row_id: int,
    field: str,
    value: object,
    *,
    reason: str = "read from the wrong line",
    by: Person | None = None,
    at: datetime = AT,
) -> Correction:
    """Correct, or propose to correct, one fact by the technician."""
    typed = value.isoformat() if isinstance(value, datetime) else str(value)
    wanted = FactCorrection(noun, row_id, field, typed, reason)
    return correct_fact(wanted, by=by or staff(Role.LAB_TECHNICIAN), at=at)


def confirmed(proposed: Correction, *, by: Person | None = None, at: datetime = AT) -> Correction:
    """Confirm a correction by the quality reviewer."""
    return confirm_correction(proposed, by=by or staff(Role.QUALITY_REVIEWER), at=at)
