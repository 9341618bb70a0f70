"""How background work stands."""

from datetime import timedelta

import pytest

from biobank.models.job import Heartbeat, Job
from biobank.queries.job import abandoned_jobs, due_jobs, last_beat, late_jobs, oldest_waiting_since
from biobank.services.job import queue_job
from tests.factories.person import person
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db


def queued(due_at=NOON, **changed):
    job = queue_job("test.any", {}, by=person(), at=due_at)
    Job.objects.filter(pk=job.pk).update(**changed)
    return job


def test_due_jobs_come_oldest_first():
    second, first = queued(NOON), queued(NOON - hours(1))
    queued(NOON + hours(1))
    queued(state="done", finished_at=NOON)

    assert due_jobs(NOON) == [first.pk, second.pk]


def test_an_abandoned_job_is_one_whose_lease_is_over():
    lease = {"state": "running", "lease": "0" * 31 + "1"}
    gone = queued(**lease, leased_until=NOON)
    queued(**lease, leased_until=NOON + timedelta(seconds=1))

    assert abandoned_jobs(NOON) == [gone]


def test_the_oldest_waiting_job_may_be_one_that_its_worker_left():
    assert oldest_waiting_since(NOON) is None
    queued(NOON - hours(1))
    assert oldest_waiting_since(NOON) == NOON - hours(1)
    queued(NOON - hours(2), state="running", lease="0" * 31 + "1", leased_until=NOON - hours(1))

    assert oldest_waiting_since(NOON) == NOON - hours(2)


def test_a_job_is_late_after_five_minutes():
    late = queued(NOON - timedelta(minutes=5))
    queued(NOON - timedelta(minutes=4))
    queued(NOON - hours(1), state="done", finished_at=NOON)

    assert late_jobs(NOON) == [late]


def test_a_beat_is_known_by_its_name():
    Heartbeat.objects.create(name="beat", beat_at=NOON)

    assert last_beat("beat") == NOON
    assert last_beat("other") is None
