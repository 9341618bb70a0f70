"""Jobs while the record takes no entry: nothing fails unseen, nothing is forgotten, and the others go on."""

from datetime import timedelta

import pytest

from biobank.domain.job import LEASE, MOST_ATTEMPTS, RECORD_PAUSE
from biobank.domain.refusal import RuleViolation
from biobank.models.job import Job
from biobank.models.ledger import LedgerEntry
from biobank.services.job import job_handler, queue_job, run_job, sweep_jobs
from biobank.services.resume import resume_ledger
from biobank.services.standing import _agreed
from tests.factories.old_record import administrator, older_than_its_checkpoint, quality, resumption
from tests.factories.person import the_system
from tests.factories.time import NOON, days

pytestmark = pytest.mark.django_db
LATER = NOON + days(2)


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.BIOBANK_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.BIOBANK_LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.pem"
    settings.BIOBANK_DEMO = False
    _agreed.clear()
    return tmp_path


@pytest.fixture
def behind():
    administrator()
    quality()
    older_than_its_checkpoint()


@job_handler("test.refused_while_behind")
def refused(job):
    raise RuleViolation("The unit is on hold.")


@job_handler("test.done_while_behind")
def done(job):
    return {}


@job_handler("test.crashes_while_behind")
def crashes(job):
    raise ValueError("canary")


def queued(kind):
    return queue_job(kind, {}, by=the_system(), at=LATER)


def failures():
    return LedgerEntry.objects.filter(kind="job.failed").count()


@pytest.mark.usefixtures("behind")
def test_a_refused_job_stays_due_and_the_log_says_that_its_failure_could_not_be_recorded(caplog):
    job = queued("test.refused_while_behind")

    assert run_job(job.pk, clock=lambda: LATER)

    job.refresh_from_db()
    assert (job.state, job.failure, job.due_at) == ("waiting", "The unit is on hold.", LATER + RECORD_PAUSE)
    assert failures() == 0
    told = caplog.text
    assert "job.failure_not_recorded" in told
    assert "job.failed" not in told


@pytest.mark.usefixtures("behind")
def test_a_job_that_crashed_too_often_stays_due():
    job = queued("test.crashes_while_behind")
    Job.objects.filter(pk=job.pk).update(attempts=MOST_ATTEMPTS)

    run_job(job.pk, clock=lambda: LATER)

    job.refresh_from_db()
    assert (job.state, job.failure) == ("waiting", "ValueError")


@pytest.mark.usefixtures("behind")
def test_the_sweep_goes_on_past_a_job_whose_failure_it_cannot_record():
    given_up, free = queued("test.done_while_behind"), queued("test.done_while_behind")
    left = {"state": "running", "lease": "0" * 31 + "1", "leased_until": LATER + LEASE, "started_at": LATER}
    Job.objects.filter(pk=given_up.pk).update(attempts=MOST_ATTEMPTS, **left)
    Job.objects.filter(pk=free.pk).update(attempts=1, **left)

    due = sweep_jobs(LATER + LEASE)

    assert due == [free.pk]
    given_up.refresh_from_db()
    assert (given_up.state, given_up.failure) == ("waiting", "The worker stopped each time.")


@pytest.mark.usefixtures("behind")
def test_once_the_record_takes_entries_again_the_failure_is_recorded():
    job = queued("test.refused_while_behind")
    run_job(job.pk, clock=lambda: LATER)
    resume_ledger(resumption(), at=LATER)

    run_job(job.pk, clock=lambda: LATER + RECORD_PAUSE + timedelta(seconds=1))

    job.refresh_from_db()
    assert job.state == "failed"
    assert failures() == 1
