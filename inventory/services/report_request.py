"""Asking for a document: background work makes it."""

from datetime import datetime

from biobank.models.job import Job
from biobank.models.person import Person
from biobank.services.job import queue_job
from biobank.services.service import service
from inventory.queries.report import CUSTODY_JOB, latest_report_job


@service
def request_custody_report(unit_code: str, *, by: Person, at: datetime) -> Job:
    """Queue the making of a unit's chain-of-custody document; one that already waits is not queued again."""
    waiting = latest_report_job(unit_code)
    if waiting is not None and not waiting.failure:
        return waiting
    return queue_job(CUSTODY_JOB, {"unit": unit_code}, by=by, at=at)
