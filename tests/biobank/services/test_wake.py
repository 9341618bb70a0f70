"""Waking workers: after the commit, best effort, and never at the cost of the write."""

import pytest
from kombu.exceptions import OperationalError

from biobank.models.job import Job
from biobank.services import wake
from biobank.services.job import queue_job, sweep_jobs
from tests.factories.person import person
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db


def queued(kind, payload):
    return queue_job(kind, payload, by=person(), at=NOON)


@pytest.fixture
def broker(monkeypatch):
    """The broker of this process as if just started, and what it is asked to send."""
    monkeypatch.setattr(wake, "broker", wake.Broker())
    return wake.broker


@pytest.fixture
def sent(monkeypatch, broker):
    """The outside world takes every message."""
    messages = []
    monkeypatch.setattr(wake.app, "signature", lambda name: Message(name, messages))
    return messages


class Message:
    """A message to the outside world, which takes it or cannot be reached."""

    def __init__(self, name, messages=None, fault=None):
        self.name, self.messages, self.fault = name, messages, fault

    def apply_async(self, args, *, retry):
        assert not retry
        if self.fault:
            raise self.fault
        self.messages.append((self.name, args))


def test_a_worker_is_woken_after_the_commit(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        job = queued("test.any", {"number": 7})

    assert sent == []
    for call in callbacks:
        call()
    assert sent == [("biobank.run_job", (job.pk,))]


@pytest.mark.parametrize("fault", [OperationalError("refused"), ConnectionRefusedError(111, "refused")])
def test_without_a_broker_the_row_waits_and_the_broker_is_left_alone(
    fault, monkeypatch, broker, django_capture_on_commit_callbacks
):
    tries = []
    monkeypatch.setattr(wake.app, "signature", lambda name: tries.append(name) or Message(name, fault=fault))

    with django_capture_on_commit_callbacks(execute=True):
        job = queued("test.any", {"number": 7})
        queued("test.any", {"number": 8})
    swept = sweep_jobs(NOON)

    assert len(tries) == 1
    assert job.pk in swept
    assert set(Job.objects.values_list("state", flat=True)) == {"waiting"}


def test_the_broker_is_tried_again_after_its_pause(sent, broker):
    broker.silent_until = -1.0

    assert wake.wake_worker(5)
    assert sent == [("biobank.run_job", (5,))]


def test_the_sweep_wakes_a_worker_for_every_job_that_waits(sent):
    jobs = [queued("test.any", {"number": number}) for number in range(3)]

    sweep_jobs(NOON)

    assert sent == [("biobank.run_job", (job.pk,)) for job in jobs]
