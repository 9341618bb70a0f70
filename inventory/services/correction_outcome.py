"""Computing the scores of a report anew that was corrected: what was computed of the old values stays in the ledger."""

from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.outcome import OutcomeKind
from inventory.domain.outcome_score import ScoreLine, scores_of
from inventory.models.correction import Correction
from inventory.models.outcome import OutcomeScore
from inventory.queries.correction import Target
from inventory.services.outcome import score_row, scores_told

COMPUTED_FROM = ("kind", "values")
COMPUTED = ("value", "unrounded", "grade", "revision", "inputs", "because")
NO_MORE = "Nothing is reported any more that scores are made of."


def renew_scores(correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    """Write every score that follows from a report as it is now, and record the old ones beside the new."""
    if correction.field not in COMPUTED_FROM:
        return
    outcome = target.row
    rows = {row.name: row for row in outcome.scores.order_by("pk")}
    lines = scores_of(OutcomeKind(outcome.kind), outcome.values)
    lines += [ScoreLine(name, {}, because=NO_MORE) for name in rows if name not in {line.name for line in lines}]
    old, new = _told(list(rows.values())), {"fact": "outcome.scores", **scores_told(lines)}
    for line in lines:
        _write(rows.get(line.name), score_row(outcome, line))
    subjects = [correction.reference, target.subject]
    record("fact.corrected", subjects=subjects, by=by, at=at, reason=because, old=old, new=new)


def _write(row: OutcomeScore | None, new: OutcomeScore) -> None:
    if row is None:
        new.save(force_insert=True)
        return
    for name in COMPUTED:
        setattr(row, name, getattr(new, name))
    row.save(update_fields=COMPUTED)


def _told(rows: list[OutcomeScore]) -> dict[str, object]:
    """Return what the ledger says of scores as they stand."""
    scores = {
        row.name: {"value": f"{row.value.normalize():f}", "grade": row.grade, "revision": row.revision}
        for row in rows
        if row.value is not None
    }
    return {"scores": scores, "not_computed": {row.name: row.because for row in rows if row.because}}
