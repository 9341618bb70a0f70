"""What Celery knows: each task makes one call."""

import pytest
from django.utils import timezone

from biobank.celery import app
from biobank.domain.ledger import LedgerBehindCheckpoint
from biobank.models.job import Heartbeat, Job
from biobank.models.ledger import LedgerEntry
from biobank.services.checkpoint import publish_checkpoint
from biobank.services.job import job_handler, queue_job, run_due_jobs
from biobank.services.signing_key import create_signing_key
from biobank.services.standing import _agreed
from biobank.tasks import heartbeat_task, queue_checkpoint_task, run_job_task, sweep_jobs_task
from tests.factories.old_record import older_than_its_checkpoint
from tests.factories.person import person, the_system

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


@pytest.fixture
def places(settings, tmp_path):
    settings.BIOBANK_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.BIOBANK_LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.pem"
    settings.BIOBANK_DEMO = False
    _agreed.clear()
    return tmp_path


def test_the_day_s_checkpoint_is_a_job_and_the_job_publishes_it(places):
    create_signing_key()
    the_system()

    queue_checkpoint_task()

    job = Job.objects.get(kind="checkpoint.publish")
    assert not (places / "checkpoints").exists()
    assert run_due_jobs() == 1
    job.refresh_from_db()
    (path,) = (places / "checkpoints").iterdir()
    assert (job.state, path.name in job.result) == ("done", True)
    assert LedgerEntry.objects.filter(kind="checkpoint.published").count() == 1


def test_two_beats_on_one_day_queue_one_checkpoint(places):
    queue_checkpoint_task()
    queue_checkpoint_task()

    assert Job.objects.filter(kind="checkpoint.publish").count() == 1


def test_the_next_day_s_checkpoint_is_queued_again(places):
    create_signing_key()
    for _ in range(2):
        queue_checkpoint_task()
        run_due_jobs()

    assert len(list((places / "checkpoints").iterdir())) == 2


def test_a_checkpoint_without_a_key_fails_for_good_and_says_why(places):
    queue_checkpoint_task()

    run_due_jobs()

    job = Job.objects.get(kind="checkpoint.publish")
    assert job.state == "failed"
    assert "key file" in job.failure
    assert LedgerEntry.objects.filter(kind="job.failed").count() == 1


def test_while_the_record_is_older_than_its_checkpoint_none_is_queued(places):
    older_than_its_checkpoint()

    queue_checkpoint_task()

    assert not Job.objects.exists()
    with pytest.raises(LedgerBehindCheckpoint):
        publish_checkpoint(by=the_system(), at=timezone.now())
