"""What Celery knows of background work: run one job, sweep them all, show that the beat goes on, and the checkpoint."""

from collections.abc import Mapping

from django.utils import timezone

from biobank.celery import app
from biobank.domain.job import BEAT
from biobank.services.checkpoint import PUBLISH, publish_checkpoint, queue_checkpoint
from biobank.services.health import record_heartbeat
from biobank.services.job import JobContext, job_handler, run_job, sweep_jobs
from biobank.services.person import system_person


@job_handler(PUBLISH)
def make_checkpoint(job: JobContext) -> Mapping[str, object]:
    """Sign the ledger's head and keep it outside the database; done twice, it only says the same again."""
    return {"file": publish_checkpoint(by=job.by, at=job.clock()).name}


@app.task(name="biobank.run_job")
def run_job_task(job_id: int) -> None:
    """Do one job, unless it is done or another worker has it."""
    run_job(job_id)


@app.task(name="biobank.sweep_jobs")
def sweep_jobs_task() -> None:
    """Take jobs back from workers that are gone and wake workers for what waits."""
    sweep_jobs(timezone.now())


@app.task(name="biobank.heartbeat")
def heartbeat_task() -> None:
    """Show that the beat sends and a worker receives."""
    record_heartbeat(BEAT, at=timezone.now())


@app.task(name="biobank.queue_checkpoint")
def queue_checkpoint_task() -> None:
    """Queue the day's checkpoint."""
    at = timezone.now()
    queue_checkpoint(by=system_person(at=at), at=at)
