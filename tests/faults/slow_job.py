"""A job for real workers: it dawdles in its first run, and its effect would show if it happened twice."""

from time import sleep
from uuid import uuid4

from django.utils import timezone

from biobank.models.job import Job
from biobank.models.site import Site
from biobank.services.job import JobContext, job_handler
from biobank.services.service import service

KIND = "test.slow"
DAWDLE_SECONDS = 120


@job_handler(KIND)
def dawdle(job: JobContext) -> None:
    """Show that the work has begun; in the first run, never come to its end in time."""
    job.progress(1, 2)
    if Job.objects.get(pk=job.id).attempts == 1 and job.payload.get("dawdle"):
        sleep(DAWDLE_SECONDS)
    _effect(job)


@service
def _effect(job: JobContext) -> None:
    Site.objects.create(
        code=uuid4().hex.upper(),
        name=KIND,
        kind="bank",
        time_zone="UTC",
        country="DE",
        registered_at=timezone.now(),
    )
    job.complete({"done": True})


def effects() -> int:
    """Return how often the effect happened."""
    return Site.objects.filter(name=KIND).count()
