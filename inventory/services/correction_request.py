"""What follows from a corrected request: the work that is still to do is due by the day it is really needed by."""

from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.models.correction import Correction
from inventory.models.request import WorklistItem
from inventory.queries.correction import Target


def move_worklist(correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    """Let the open lines of a request's worklist be due by the corrected day."""
    if correction.field != "needed_by":
        return
    undone = WorklistItem.objects.filter(request=target.row, done_at__isnull=True)
    if undone.update(due_date=target.row.needed_by):
        old, new = {"due_date": correction.old_value}, {"fact": "worklist.due_date", "due_date": correction.new_value}
        subjects = [correction.reference, target.subject]
        record("fact.corrected", subjects=subjects, by=by, at=at, reason=because, old=old, new=new)
