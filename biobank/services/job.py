"""Background work as rows: queued with what caused it, worked on under a lease, swept when its worker is gone."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from django.db.models import F
from django.utils import timezone

from biobank.domain.checkpoint import CheckpointBroken
from biobank.domain.job import LEASE, RECORD_PAUSE, JobState, LeaseLost, may_try_again, pause_after
from biobank.domain.ledger import LedgerBehindCheckpoint, canonical_json
from biobank.domain.refusal import RuleViolation
from biobank.models.job import Job
from biobank.models.person import Person
from biobank.queries.job import abandoned_jobs, due_jobs
from biobank.services.lease import kept_lease
from biobank.services.ledger import record
from biobank.services.service import after_commit, service
from biobank.services.wake import load_handlers, wake_worker

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class JobContext:
    """The job as its handler sees it: what to do, for whom, and how to say how far it is."""

    id: int
    kind: str
    payload: Mapping[str, object]
    by: Person
    lease: UUID
    clock: Clock

    def progress(self, done: int, total: int) -> None:
        """Show how far the work is. Raises ``LeaseLost`` when another worker has the job."""
        _update_held(self, progress_done=done, progress_total=total, leased_until=self.clock() + LEASE)

    def complete(self, result: Mapping[str, object] | None = None) -> None:
        """Mark the job done; called inside the service that has the effect, both are saved together or not at all.

        A handler whose effect must not happen twice ends so. Raises ``LeaseLost`` when another worker has the job.
        """
        _update_held(
            self,
            state=JobState.DONE.value,
            finished_at=self.clock(),
            result=canonical_json(result or {}),
            lease=None,
            leased_until=None,
        )


Handler = Callable[[JobContext], Mapping[str, object] | None]
_handlers: dict[str, Handler] = {}


def job_handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of this kind; it may be run again after a crash."""

    def registered(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return registered


@service
def queue_job(
    kind: str, payload: Mapping[str, object], *, by: Person, at: datetime, due_at: datetime | None = None
) -> Job:
    """Queue work in the transaction that causes it; a worker is woken after the commit, if one can be."""
    job = Job.objects.create(
        kind=kind, payload=canonical_json(payload), queued_by=by, queued_at=at, due_at=due_at or at
    )
    after_commit(lambda: wake_worker(job.pk))
    return job


def run_job(job_id: int, *, clock: Clock = timezone.now) -> bool:
    """Do one job if it is free and due; return whether this call worked on it.

    Delivered twice, it is done once: the claim is one conditional UPDATE, and only its holder may finish it.
    """
    lease = uuid4()
    job = _claim(job_id, lease, at=clock())
    if job is None:
        return False
    context = JobContext(
        id=job.pk, kind=job.kind, payload=json.loads(job.payload), by=job.queued_by, lease=lease, clock=clock
    )
    try:
        with kept_lease(context.id, context.lease, clock=clock):
            _complete_unless_done(context, _handler_of(job.kind)(context))
    except LeaseLost:
        log.warning("job.lease_lost", job=job.pk, kind=job.kind)
    except RuleViolation as refusal:
        _give_up(context.id, context.lease, str(refusal), by=context.by, at=clock())
    except Exception as error:
        log.exception("job.crashed", job=job.pk, kind=job.kind)
        _try_later(context, reason_of(error), at=clock())
    return True


def run_due_jobs(*, clock: Clock = timezone.now) -> int:
    """Do every job that is free and due, in this process; return how many were worked on."""
    return sum(run_job(job_id, clock=clock) for job_id in due_jobs(clock()))


def sweep_jobs(at: datetime) -> list[int]:
    """Take jobs back from workers that are gone, and wake a worker for every job that is free and due."""
    _take_back(at=at)
    due = due_jobs(at)
    for job_id in due:
        if not wake_worker(job_id):
            break
    return due


def reason_of(error: Exception) -> str:
    """Return why a run failed, without the values that a message may quote."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


@service
def _claim(job_id: int, lease: UUID, *, at: datetime) -> Job | None:
    free = Job.objects.filter(pk=job_id, state=JobState.WAITING.value, due_at__lte=at)
    claimed = free.update(
        state=JobState.RUNNING.value,
        attempts=F("attempts") + 1,
        lease=lease,
        leased_until=at + LEASE,
        started_at=at,
        failure="",
    )
    return Job.objects.select_related("queued_by__site").get(pk=job_id) if claimed else None


def _handler_of(kind: str) -> Handler:
    if kind not in _handlers:
        load_handlers()
    if kind not in _handlers:
        raise RuleViolation(f"Nobody knows how to do a job of the kind {kind}.")
    return _handlers[kind]


@service
def _update_held(job: JobContext, **values: object) -> None:
    held = Job.objects.filter(pk=job.id, state=JobState.RUNNING.value, lease=job.lease)
    if not held.update(**values):
        raise LeaseLost("Another worker has this job now.")


def _complete_unless_done(job: JobContext, result: Mapping[str, object] | None) -> None:
    """Finish what the handler left open; one that completed inside its own service has nothing left to finish."""
    if Job.objects.filter(pk=job.id, lease=job.lease).exists():
        job.complete(result)


def _try_later(job: JobContext, reason: str, *, at: datetime) -> None:
    attempts = Job.objects.values_list("attempts", flat=True).get(pk=job.id)
    if not may_try_again(attempts):
        _give_up(job.id, job.lease, reason, by=job.by, at=at)
        return
    _release(job.id, job.lease, reason, due_at=at + pause_after(attempts))


@service
def _release(job_id: int, lease: UUID | None, reason: str, *, due_at: datetime) -> None:
    held = Job.objects.filter(pk=job_id, lease=lease, state=JobState.RUNNING.value)
    held.update(state=JobState.WAITING.value, lease=None, leased_until=None, due_at=due_at, failure=reason)


def _give_up(job_id: int, lease: UUID | None, reason: str, *, by: Person, at: datetime) -> None:
    """Fail a job for good; while the record takes no entry that would say so, the job is done again later."""
    try:
        failed = _fail(job_id, lease, reason, by=by, at=at)
    except (LedgerBehindCheckpoint, CheckpointBroken) as refusal:
        log.error("job.failure_not_recorded", job=job_id, why=refusal.message)  # noqa: TRY400  a refusal, no crash
        _release(job_id, lease, reason, due_at=at + RECORD_PAUSE)
    else:
        if failed:
            log.error("job.failed", job=job_id)


@service
def _fail(job_id: int, lease: UUID | None, reason: str, *, by: Person, at: datetime) -> bool:
    held = Job.objects.filter(pk=job_id, lease=lease, state=JobState.RUNNING.value)
    if not held.update(state=JobState.FAILED.value, lease=None, leased_until=None, finished_at=at, failure=reason):
        return False
    record("job.failed", subjects=[f"JOB-{job_id}"], by=by, at=at, reason=reason)
    return True


def _take_back(*, at: datetime) -> None:
    """Free each abandoned job at once, or give it up when it took its worker with it too often; each by itself."""
    for job in abandoned_jobs(at):
        log.warning("job.taken_back", job=job.pk, kind=job.kind, attempts=job.attempts)
        if may_try_again(job.attempts):
            _release(job.pk, job.lease, "The worker stopped.", due_at=at)
        else:
            _give_up(job.pk, job.lease, "The worker stopped each time.", by=job.queued_by, at=at)
