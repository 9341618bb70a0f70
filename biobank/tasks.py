"""What Celery knows of background work: run one job, sweep them all, and show that the beat goes on."""

from django.utils import timezone

from biobank.celery import app
from biobank.domain.job import BEAT
from biobank.services.health import record_heartbeat
from biobank.services.job import run_job, sweep_jobs


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
