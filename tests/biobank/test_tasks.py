"""What Celery knows: each task makes one call."""

import pytest
from django.utils import timezone

from biobank.celery import app
from biobank.models.job import Heartbeat, Job
from biobank.services.job import job_handler, queue_job
from biobank.tasks import heartbeat_task, run_job_task, sweep_jobs_task
from tests.factories.person import person

pytestmark = pytest.mark.django_db


@job_handler("test.task")
def nothing(job):
    return None


def test_the_names_are_those_that_messages_and_the_beat_use(settings):
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert {"biobank.run_job", "biobank.sweep_jobs", "biobank.heartbeat"} <= set(app.tasks)
    assert scheduled <= set(app.tasks)


def test_the_task_runs_the_job():
    job = queue_job("test.task", {}, by=person(), at=timezone.now())

    run_job_task(job.pk)

    assert Job.objects.get(pk=job.pk).state == "done"


def test_the_sweep_looks_at_the_rows_of_now():
    gone = queue_job("test.task", {}, by=person(), at=timezone.now())
    Job.objects.filter(pk=gone.pk).update(state="running", attempts=1, lease="0" * 32, leased_until=timezone.now())

    sweep_jobs_task()

    assert Job.objects.get(pk=gone.pk).state == "waiting"


def test_the_heartbeat_is_noted():
    heartbeat_task()

    assert Heartbeat.objects.get().name == "beat"
