"""One job claimed by many workers at once is done by one of them."""

from threading import Lock
from time import sleep

import pytest

from biobank.domain.job import LEASE, JobState
from biobank.models.job import Job
from biobank.services import job as job_service
from biobank.services.job import job_handler, queue_job, run_job
from tests.concurrency.threads import at_once
from tests.factories.person import person
from tests.factories.time import NOON

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
THREADS, TRIALS = 16, 20
runs, lock = [], Lock()


@job_handler("test.raced")
def raced(job):
    with lock:
        runs.append(job.id)


def race_once(by):
    runs.clear()
    job = queue_job("test.raced", {}, by=by, at=NOON)
    claimed = at_once([lambda: run_job(job.pk, clock=lambda: NOON)] * THREADS)
    return job, claimed


def test_sixteen_workers_do_a_job_once():
    by = person()

    for _ in range(TRIALS):
        job, claimed = race_once(by)

        assert (runs, sorted(claimed)) == ([job.pk], [False] * (THREADS - 1) + [True])
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("done", 1)


def test_canary_when_a_claim_looks_before_it_writes_a_job_is_done_many_times(monkeypatch):
    monkeypatch.setattr(job_service, "_claim", claim_by_looking_first)
    by = person()

    most = 0
    for _ in range(TRIALS):
        race_once(by)
        most = max(most, len(runs))

    assert most > 1


def claim_by_looking_first(job_id, lease, *, at):
    job = Job.objects.select_related("queued_by__site").get(pk=job_id)
    if job.state != JobState.WAITING.value:
        return None
    sleep(0.01)
    job.state, job.lease, job.leased_until = JobState.RUNNING.value, lease, at + LEASE
    job.save()
    return job
