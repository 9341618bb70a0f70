"""The life of a background job: its states, how long a worker holds it, and when it is tried again."""

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from biobank.domain.refusal import RuleViolation

# A killed worker's job is free again after the lease and one sweep: within a minute.
LEASE = timedelta(seconds=30)
RENEW_EVERY = LEASE / 3
LONGEST_RUN = timedelta(hours=2)
MOST_ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=10)
# How long a job rests whose failure could not be recorded, because the record is behind its checkpoint.
RECORD_PAUSE = timedelta(minutes=2)
LATE_AFTER = timedelta(minutes=5)
BEAT = "beat"
SILENT_AFTER = timedelta(minutes=2)


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class LeaseLost(RuleViolation):
    """Another worker has the job now; what this one did last is rolled back."""

    code: ClassVar[str] = "lease-lost"
    title: ClassVar[str] = "The job was taken over by another worker"


def may_try_again(attempts: int) -> bool:
    """Whether a job that failed in its ``attempts``-th run is run once more."""
    return attempts < MOST_ATTEMPTS


def pause_after(attempts: int) -> timedelta:
    """Return how long a job rests after its ``attempts``-th failed run: 10 s, 40 s, 160 s, 640 s."""
    return FIRST_PAUSE * int(4 ** (attempts - 1))
