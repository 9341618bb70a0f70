"""Real workers on a real Redis that are killed, told twice, or never told."""

from datetime import timedelta
from time import monotonic

import kombu.pools
import pytest
import redis
from django.utils import timezone

from biobank.celery import app
from biobank.models.job import Heartbeat, Job
from biobank.services import wake
from biobank.services.job import queue_job, sweep_jobs
from tests.factories.person import person
from tests.faults.slow_job import KIND, effects
from tests.redis import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
INCLUDE = ("--include", "tests.faults.slow_job")


@pytest.fixture(autouse=True)
def _broker_is_not_given_up_for_an_earlier_test(monkeypatch):
    monkeypatch.setattr(wake, "broker", wake.Broker())


@pytest.fixture
def nowhere():
    """A broker's address where nobody answers."""
    before = app.conf.broker_url
    _point_at("redis://127.0.0.1:1/0")
    yield
    _point_at(before)


def _point_at(address):
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = address
    kombu.pools.reset()
    app._after_fork()


def queued(*, dawdle=False):
    return queue_job(KIND, {"dawdle": dawdle}, by=person(), at=timezone.now())


def wait_for(job, state, *, seconds=30):
    wait_until(lambda: Job.objects.get(pk=job.pk).state == state, seconds=seconds, what=f"the job is {state}")


def begun_and_killed(start_worker):
    worker = start_worker(*INCLUDE)
    job = queued(dawdle=True)
    wait_until(lambda: Job.objects.get(pk=job.pk).progress_done == 1, seconds=30, what="the work has begun")
    worker.kill()
    assert Job.objects.get(pk=job.pk).state == "running"
    return job


def test_a_queued_job_is_done_by_a_worker_that_was_woken(start_worker):
    start_worker(*INCLUDE)

    job = queued()

    wait_for(job, "done")
    assert effects() == 1


def test_the_job_of_a_killed_worker_is_done_once_after_its_lease(start_worker):
    job = begun_and_killed(start_worker)
    start_worker(*INCLUDE)

    sweep_jobs(timezone.now())
    assert Job.objects.get(pk=job.pk).state == "running"
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now())
    sweep_jobs(timezone.now())

    wait_for(job, "done")
    assert effects() == 1
    assert Job.objects.get(pk=job.pk).attempts == 2


def test_the_beat_alone_recovers_the_job_of_a_killed_worker_within_a_minute(start_worker):
    job = begun_and_killed(start_worker)
    killed_at = timezone.now()

    start_worker("--beat", *INCLUDE)

    wait_for(job, "done", seconds=70)
    assert Job.objects.get(pk=job.pk).finished_at - killed_at < timedelta(minutes=1)
    assert effects() == 1
    assert Heartbeat.objects.filter(name="beat").exists()


def test_a_job_whose_message_was_lost_is_found_by_the_beat(start_worker, redis_url):
    job = queued()
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()

    start_worker("--beat", *INCLUDE)

    wait_for(job, "done", seconds=40)
    assert effects() == 1


def test_without_redis_work_is_queued_at_once_and_waits(nowhere):
    first = queued()
    started = monotonic()
    others = [queued() for _ in range(5)]

    assert monotonic() - started < 2
    assert {Job.objects.get(pk=job.pk).state for job in (first, *others)} == {"waiting"}


def test_a_message_delivered_to_two_workers_has_one_effect(start_worker):
    start_worker(*INCLUDE)
    start_worker(*INCLUDE)

    job = queued()
    for _ in range(20):
        assert wake.wake_worker(job.pk)

    wait_for(job, "done")
    follow_up = queued()
    wait_for(follow_up, "done")
    assert effects() == 2
    assert Job.objects.get(pk=job.pk).attempts == 1
