"""Keeping a job's lease while its worker lives, whatever its handler is doing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread
from uuid import UUID

import structlog
from django.db import DatabaseError, connection

from biobank.domain.job import LEASE, LONGEST_RUN, RENEW_EVERY, JobState
from biobank.models.job import Job

log = structlog.get_logger(__name__)


@contextmanager
def kept_lease(job_id: int, lease: UUID, *, clock: Callable[[], datetime]) -> Iterator[None]:
    """Renew the lease from a thread of its own until the block ends; a killed worker takes the thread with it."""
    stop = Event()
    keeper = Thread(target=_renew, args=(job_id, lease, clock, stop), name=f"lease-{job_id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _renew(job_id: int, lease: UUID, clock: Callable[[], datetime], stop: Event) -> None:
    """Renew until told to stop; a handler that hangs for longer than any run may last loses its job."""
    for _ in range(LONGEST_RUN // RENEW_EVERY):
        if stop.wait(RENEW_EVERY.total_seconds()):
            return
        try:
            held = Job.objects.filter(pk=job_id, lease=lease, state=JobState.RUNNING.value)
            held.update(leased_until=clock() + LEASE)
        except DatabaseError:
            log.warning("job.lease_not_renewed", job=job_id)
        finally:
            connection.close()
