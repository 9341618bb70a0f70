"""Kept reports, and those that are being made."""

from datetime import datetime

from biobank.domain.job import JobState
from biobank.domain.ledger import canonical_json
from biobank.models.job import Job
from biobank.models.person import Person
from inventory.models.report import Report
from inventory.queries.unit import units_visible_to

CUSTODY_JOB = "report.custody"


def reports_of(unit_code: str) -> list[Report]:
    """Return the chain-of-custody documents of a unit, newest first."""
    return list(Report.objects.filter(kind="custody", subject=unit_code).select_related("generated_by"))


def find_report(reference: str, person: Person, at: datetime) -> Report | None:
    """Return the report of this reference, if its unit exists for this person."""
    report = Report.objects.filter(reference=reference).select_related("generated_by").first()
    if report is None or not units_visible_to(person, at).filter(code=report.subject).exists():
        return None
    return report


def latest_report_job(unit_code: str) -> Job | None:
    """Return the last job that makes or made this unit's document, unless it is done."""
    payload = canonical_json({"unit": unit_code})
    job = Job.objects.filter(kind=CUSTODY_JOB, payload=payload).order_by("-pk").first()
    return None if job is None or job.state == JobState.DONE.value else job
