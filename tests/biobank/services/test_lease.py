"""A lease is kept while its worker lives."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError

from biobank.domain.job import LEASE
from biobank.models.job import Job
from biobank.services import lease as lease_service
from biobank.services.job import queue_job
from biobank.services.lease import kept_lease
from tests.factories.person import person
from tests.factories.time import NOON, hours
from tests.redis import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(lease_service, "RENEW_EVERY", timedelta(milliseconds=20))


def running(lease):
    job = queue_job("test.any", {}, by=person(), at=NOON)
    Job.objects.filter(pk=job.pk).update(state="running", lease=lease, leased_until=NOON)
    return job


def leased_until(job):
    return Job.objects.values_list("leased_until", flat=True).get(pk=job.pk)


def test_a_lease_is_renewed_until_the_work_ends():
    lease = uuid4()
    job = running(lease)

    with kept_lease(job.pk, lease, clock=lambda: NOON + hours(1)):
        wait_until(lambda: leased_until(job) == NOON + hours(1) + LEASE, seconds=10, what="the lease is renewed")
    Job.objects.filter(pk=job.pk).update(leased_until=NOON)

    assert leased_until(job) == NOON


def test_a_lease_of_another_worker_is_left_alone():
    other, asked = uuid4(), []
    job = running(other)

    def clock():
        asked.append(1)
        return NOON + hours(1)

    with kept_lease(job.pk, uuid4(), clock=clock):
        wait_until(lambda: len(asked) > 2, seconds=10, what="it was tried")

    assert leased_until(job) == NOON


def test_a_database_that_is_away_for_a_moment_does_not_end_the_keeping():
    lease, tries = uuid4(), []
    job = running(lease)

    def clock():
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError
        return NOON + hours(1)

    with kept_lease(job.pk, lease, clock=clock):
        wait_until(lambda: leased_until(job) > NOON, seconds=10, what="the lease is renewed after all")


def test_work_that_lasts_longer_than_any_may_loses_its_lease(monkeypatch):
    monkeypatch.setattr(lease_service, "LONGEST_RUN", timedelta(milliseconds=40))
    lease, tries = uuid4(), []
    job = running(lease)

    def clock():
        tries.append(1)
        return NOON + hours(len(tries))

    with kept_lease(job.pk, lease, clock=clock):
        wait_until(lambda: leased_until(job) == NOON + hours(2) + LEASE, seconds=10, what="renewed twice")

    assert len(tries) == 2
