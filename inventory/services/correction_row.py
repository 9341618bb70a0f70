"""The register of corrections: one row for each, of facts and of results alike."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from biobank.models.person import Person
from biobank.services.code import new_code
from inventory.domain.correction import CorrectionStatus
from inventory.models.correction import Correction
from inventory.models.result import Result


@dataclass(frozen=True)
class Prepared:
    """A new value: the text by which it is kept, and what is written; ``id`` is the row that it names."""

    text: str
    raw: Any
    id: int | None = None

    @property
    def columns(self) -> dict[str, object]:
        """The value as the database compares it."""
        number = Decimal(self.raw) if isinstance(self.raw, Decimal | int) else None
        return {
            "new_value": self.text,
            "new_number": number,
            "new_time": self.raw if isinstance(self.raw, datetime) else None,
            "new_id": self.id,
        }


def write_correction(
    noun: str, row_id: int, name: str, *, status: CorrectionStatus, by: Person, at: datetime, **told: Any
) -> Correction:
    """Write one correction into the register; who calls records it in the ledger."""
    return Correction.objects.create(
        reference=new_code("COR"),
        noun=noun,
        row_id=row_id,
        field=name,
        status=status.value,
        asked_by=by,
        asked_at=at,
        **told,
    )


def note_result(old: Result, new: Result, *, by: Person, at: datetime) -> Correction:
    """Write into the register that one result took another's place: its second person is who verifies it."""
    return write_correction(
        "result",
        old.pk,
        old.assay,
        status=CorrectionStatus.IN_EFFECT,
        by=by,
        at=at,
        subject=_subject(old),
        old_value=_value(old),
        new_value=_value(new),
        new_id=new.pk,
        reason=new.reason,
        effective_at=at,
    )


def _subject(result: Result) -> str:
    things = (result.unit, result.lot, result.donation)
    return next((thing.code for thing in things if thing is not None), "")


def _value(result: Result) -> str:
    value = f"{result.number.normalize():f}" if result.number is not None else result.text
    return f"{result.qualifier} {value}".strip()
