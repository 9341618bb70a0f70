"""What background workers do for the inventory: take a job's payload, make one call."""

from collections.abc import Mapping

from biobank.services.job import JobContext, job_handler
from inventory.services.report import generate_custody_report


@job_handler("report.custody")
def make_custody_report(job: JobContext) -> Mapping[str, object]:
    """Make the chain-of-custody document of the unit whose code the payload names."""
    report = generate_custody_report(str(job.payload["unit"]), by=job.by, at=job.clock())
    return {"report": report.reference, "file": report.file_name}
