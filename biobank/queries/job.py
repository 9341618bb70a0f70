"""How background work stands: what waits, since when, and what is late."""

from datetime import datetime

from django.db.models import Min, Q

from biobank.domain.job import LATE_AFTER, JobState
from biobank.models.job import Heartbeat, Job


def due_jobs(at: datetime) -> list[int]:
    """Return the ids of jobs that wait and are due, the oldest first."""
    waiting = Job.objects.filter(state=JobState.WAITING.value, due_at__lte=at)
    return list(waiting.order_by("due_at", "id").values_list("id", flat=True))


def abandoned_jobs(at: datetime) -> list[Job]:
    """Return the running jobs whose lease is over: their worker is gone."""
    return list(Job.objects.filter(state=JobState.RUNNING.value, leased_until__lte=at).order_by("id"))


def oldest_waiting_since(at: datetime) -> datetime | None:
    """Return since when the oldest job that could be worked on is not: due and waiting, or left by its worker."""
    neglected = Q(state=JobState.WAITING.value, due_at__lte=at) | Q(state=JobState.RUNNING.value, leased_until__lte=at)
    oldest: datetime | None = Job.objects.filter(neglected).aggregate(oldest=Min("due_at"))["oldest"]
    return oldest


def late_jobs(at: datetime) -> list[Job]:
    """Return the jobs that have been due and waiting for too long, the oldest first."""
    waiting = Job.objects.filter(state=JobState.WAITING.value, due_at__lte=at - LATE_AFTER)
    return list(waiting.order_by("due_at", "id"))


def last_beat(name: str) -> datetime | None:
    """Return when the named part was last seen alive."""
    beat = Heartbeat.objects.filter(name=name).first()
    return None if beat is None else beat.beat_at
