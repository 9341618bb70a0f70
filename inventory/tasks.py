"""What background workers do for the inventory: documents, lapsed reservations, the nightly proof."""

from collections.abc import Mapping

from django.utils import timezone

from biobank.celery import app
from biobank.services.job import JobContext, job_handler
from biobank.services.person import system_person
from inventory.services.proof import verify_record
from inventory.services.report import generate_custody_report
from inventory.services.reservation import lapse_reservations


@job_handler("report.custody")
def make_custody_report(job: JobContext) -> Mapping[str, object]:
    """Make the chain-of-custody document of the unit whose code the payload names."""
    report = generate_custody_report(str(job.payload["unit"]), by=job.by, at=job.clock())
    return {"report": report.reference, "file": report.file_name}


@app.task(name="inventory.lapse_reservations")
def lapse_reservations_task() -> None:
    """Let go of what was reserved too long."""
    lapse_reservations(by=system_person(at=timezone.now()), at=timezone.now())


@app.task(name="inventory.verify_record")
def verify_record_task() -> None:
    """Prove the whole record and note how it ended, for the health page."""
    verify_record(at=timezone.now())
