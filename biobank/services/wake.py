"""Waking a worker: best effort, because the job waits as a row whatever becomes of the message."""

from time import monotonic

import structlog
from django.utils.module_loading import autodiscover_modules
from kombu.exceptions import OperationalError

from biobank.celery import app

RUN_JOB = "biobank.run_job"
PAUSE_SECONDS = 60.0

log = structlog.get_logger(__name__)


class Broker:
    """Whether the broker answered lately: after one failure it is left alone for a minute.

    A broker that refuses costs each write more than half a second, and the sweep finds the job anyway.
    """

    def __init__(self) -> None:
        self.silent_until = 0.0

    def send(self, job_id: int) -> bool:
        """Send one wake-up; return whether the broker took it."""
        if monotonic() < self.silent_until:
            return False
        try:
            app.signature(RUN_JOB).apply_async(args=(job_id,), retry=False)
        except (OperationalError, OSError):
            self.silent_until = monotonic() + PAUSE_SECONDS
            log.warning("broker.silent", pause_seconds=PAUSE_SECONDS)
            return False
        return True


broker = Broker()


def wake_worker(job_id: int) -> bool:
    """Tell a worker that a job waits; return whether the message was sent."""
    return broker.send(job_id)


def load_handlers() -> None:
    """Import every app's tasks, which register the handlers, where no worker has done so."""
    autodiscover_modules("tasks")
