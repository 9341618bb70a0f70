"""Jobs as rows: queued, claimed, done once, tried again, given up, taken back."""

import json
from datetime import timedelta

import pytest

from biobank.domain.job import LEASE, MOST_ATTEMPTS, LeaseLost
from biobank.domain.refusal import RuleViolation
from biobank.domain.site import SiteKind
from biobank.models.job import Job
from biobank.models.ledger import LedgerEntry
from biobank.models.site import Site
from biobank.services.job import job_handler, queue_job, run_due_jobs, run_job, sweep_jobs
from biobank.services.service import service
from tests.factories.person import person, site
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db


class Clock:
    """Time as the test says it; noon until moved."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def move(self, **step):
        self.now += timedelta(**step)


@pytest.fixture
def clock():
    return Clock()


def queued(kind, payload=None, **changed):
    return queue_job(kind, payload or {}, **{"by": person(), "at": NOON} | changed)


@job_handler("test.count")
def count(job):
    job.progress(1, 3)
    return {"counted": job.payload["number"], "for": job.by.username}


@job_handler("test.refused")
def refused(job):
    raise RuleViolation("The unit is on hold.")


@job_handler("test.crash")
def crash(job):
    raise ValueError("canary-name in a value")


@job_handler("test.full")
def full_disk(job):
    raise OSError(28, "No space left on device")


def test_a_job_waits_as_a_row():
    job = queued("test.count", {"number": 7})

    job.refresh_from_db()
    assert (job.state, job.payload, job.due_at, job.attempts) == ("waiting", '{"number":7}', NOON, 0)


def test_a_job_is_done_with_progress_and_result(clock):
    job = queued("test.count", {"number": 7})

    assert run_job(job.pk, clock=clock)

    job.refresh_from_db()
    assert (job.state, job.progress_done, job.progress_total, job.finished_at) == ("done", 1, 3, NOON)
    assert json.loads(job.result) == {"counted": 7, "for": job.queued_by.username}


def test_a_job_delivered_twice_is_done_once(clock):
    job = queued("test.count", {"number": 7})

    assert run_job(job.pk, clock=clock)
    assert not run_job(job.pk, clock=clock)

    job.refresh_from_db()
    assert job.attempts == 1


def test_a_job_that_does_not_exist_is_nobodys_work(clock):
    assert not run_job(987654, clock=clock)


def test_a_job_is_not_done_before_it_is_due(clock):
    job = queued("test.count", {"number": 7}, due_at=NOON + hours(1))

    assert not run_job(job.pk, clock=clock)
    clock.move(hours=1)
    assert run_job(job.pk, clock=clock)


def test_due_jobs_are_done_in_this_process_oldest_first(clock):
    jobs = [queued("test.count", {"number": number}) for number in range(3)]
    later = queued("test.count", {"number": 9}, due_at=NOON + hours(1))

    assert run_due_jobs(clock=clock) == 3

    states = dict(Job.objects.values_list("pk", "state"))
    assert [states[job.pk] for job in jobs] == ["done"] * 3
    assert states[later.pk] == "waiting"


def test_a_refusal_fails_the_job_at_once_with_its_reason(clock):
    job = queued("test.refused")

    run_job(job.pk, clock=clock)

    job.refresh_from_db()
    entry = LedgerEntry.objects.get(kind="job.failed")
    assert (job.state, job.failure, job.attempts) == ("failed", "The unit is on hold.", 1)
    assert json.loads(entry.body)["reason"] == "The unit is on hold."
    assert entry.by == job.queued_by


def test_a_crash_is_tried_again_with_growing_pauses_and_then_given_up(clock):
    job = queued("test.full")
    pauses = []

    for _ in range(MOST_ATTEMPTS - 1):
        run_job(job.pk, clock=clock)
        job.refresh_from_db()
        assert job.state == "waiting"
        pauses.append((job.due_at - clock.now).total_seconds())
        clock.now = job.due_at
    run_job(job.pk, clock=clock)

    job.refresh_from_db()
    assert pauses == [10, 40, 160, 640]
    assert (job.state, job.failure, job.attempts) == ("failed", "No space left on device", MOST_ATTEMPTS)
    assert LedgerEntry.objects.filter(kind="job.failed").count() == 1


def test_values_in_a_crash_reach_neither_row_nor_log(clock, capsys):
    job = queued("test.crash")

    run_job(job.pk, clock=clock)

    job.refresh_from_db()
    assert job.failure == "ValueError"
    assert "canary" not in capsys.readouterr().err


def test_a_job_that_nobody_can_do_fails_and_says_so(clock):
    job = queued("test.unheard_of")

    run_job(job.pk, clock=clock)

    job.refresh_from_db()
    assert job.state == "failed"
    assert "test.unheard_of" in job.failure


def test_the_sweep_takes_a_job_back_once_its_lease_is_over(clock):
    job = queued("test.count", {"number": 7})
    left_by_its_worker(job, attempts=1)

    sweep_jobs(NOON + LEASE - timedelta(seconds=1))
    job.refresh_from_db()
    assert job.state == "running"
    due = sweep_jobs(NOON + LEASE)

    job.refresh_from_db()
    assert (job.state, job.failure, due) == ("waiting", "The worker stopped.", [job.pk])
    clock.move(minutes=1)
    assert run_job(job.pk, clock=clock)


def test_a_job_that_takes_its_worker_with_it_each_time_is_given_up():
    job = queued("test.count", {"number": 7})
    left_by_its_worker(job, attempts=MOST_ATTEMPTS)

    assert sweep_jobs(NOON + LEASE) == []

    job.refresh_from_db()
    assert (job.state, job.failure) == ("failed", "The worker stopped each time.")


def left_by_its_worker(job, attempts):
    Job.objects.filter(pk=job.pk).update(
        state="running", attempts=attempts, lease="0" * 31 + "1", leased_until=NOON + LEASE, started_at=NOON
    )


def test_a_worker_that_lost_its_lease_changes_nothing_more(clock):
    job = queued("test.slow")

    @job_handler("test.slow")
    def slow(held):
        clock.move(minutes=2)
        sweep_jobs(clock())
        with pytest.raises(LeaseLost):
            held.progress(1, 2)
        return {"late": True}

    assert run_job(job.pk, clock=clock)

    job.refresh_from_db()
    assert (job.state, job.result, job.progress_done) == ("waiting", "", 0)


def test_a_refusal_after_the_lease_was_lost_fails_nothing(clock):
    job = queued("test.late_refusal")

    @job_handler("test.late_refusal")
    def late(held):
        clock.move(minutes=2)
        sweep_jobs(clock())
        raise RuleViolation("Too late.")

    run_job(job.pk, clock=clock)

    job.refresh_from_db()
    assert job.state == "waiting"
    assert not LedgerEntry.objects.filter(kind="job.failed").exists()


def test_an_effect_completed_in_its_own_service_is_undone_when_the_lease_was_lost(clock):
    site()
    job = queued("test.effect")

    @service
    def effect(held):
        Site.objects.create(
            code="EFFECT", name="Effect", kind=SiteKind.BANK.value, time_zone="UTC", country="DE", registered_at=NOON
        )
        held.complete({"made": "EFFECT"})

    @job_handler("test.effect")
    def handler(held):
        if not Job.objects.get(pk=held.id).attempts > 1:
            clock.move(minutes=2)
            sweep_jobs(clock())
        effect(held)

    run_job(job.pk, clock=clock)
    assert not Site.objects.filter(code="EFFECT").exists()
    run_job(job.pk, clock=clock)

    job.refresh_from_db()
    assert Site.objects.filter(code="EFFECT").count() == 1
    assert (job.state, json.loads(job.result)) == ("done", {"made": "EFFECT"})


def test_progress_prolongs_the_lease(clock):
    job = queued("test.long")

    @job_handler("test.long")
    def long(held):
        clock.move(seconds=25)
        held.progress(1, 2)
        clock.move(seconds=25)
        sweep_jobs(clock())

    run_job(job.pk, clock=clock)

    job.refresh_from_db()
    assert job.state == "done"
