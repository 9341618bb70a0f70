"""A correction that follows from another one: of a fact that was reckoned from the first, in the same names."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.correctable import Fact
from inventory.domain.correction import CorrectionStatus
from inventory.models.correction import Correction
from inventory.queries.correction import Target
from inventory.queries.correction_row import value_now
from inventory.services.correction_row import Prepared, write_correction
from inventory.services.correction_write import write


def follow_correction(
    first: Correction,
    fact: Fact,
    target: Target,
    prepared: Prepared,
    *,
    beside: Sequence[str] = (),
    because: str,
    by: Person,
    at: datetime,
) -> Correction:
    """Write a fact that follows, in the name of who asked for the first correction and who confirmed it.

    ``beside`` names columns that are written with it, so that the entry tells them too.
    """
    old = _told(fact, target, beside)
    follow = write_correction(
        fact.noun,
        target.row.pk,
        fact.field,
        status=CorrectionStatus.APPLYING,
        by=first.asked_by,
        at=at,
        subject=target.subject,
        old_value=old[fact.field],
        reason=because,
        confirmed_by=first.confirmed_by,
        confirmed_at=first.confirmed_at,
        **prepared.columns,
    )
    write(fact, target, prepared, {}, by=by, at=at)
    follow.status, follow.effective_at = CorrectionStatus.IN_EFFECT.value, at
    follow.save(update_fields=["status", "effective_at"])
    subjects = [follow.reference, first.reference, target.subject]
    new = {"fact": f"{fact.noun}.{fact.field}", **_told(fact, target, beside)}
    record("fact.corrected", subjects=subjects, by=by, at=at, reason=because, old=old, new=new)
    return follow


def _told(fact: Fact, target: Target, beside: Sequence[str]) -> dict[str, Any]:
    return {fact.field: value_now(fact, target.row), **{name: getattr(target.row, name) for name in beside}}
