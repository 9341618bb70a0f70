"""A report is kept whole or not at all: a full disk and a folder that nobody can write."""

import resource
import signal
from contextlib import contextmanager

import pytest

from biobank.domain.job import JobState
from biobank.domain.role import Role
from biobank.services.job import queue_job, run_due_jobs
from inventory.models.report import Report
from inventory.services.report import generate_custody_report
from inventory.services.report_file import ReportNotWritten
from inventory.services.report_proof import verify_report
from tests.factories.donation import registered_donation
from tests.factories.person import default_site, person
from tests.factories.report import files_of, reports_in
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db
BEGINS_WITH = (registered_donation,)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    return reports_in(settings, tmp_path)


@pytest.fixture
def unit():
    default_site()
    return registered_donation().units[0]


@pytest.fixture
def auditor(unit):
    return person(Role.AUDITOR)


@contextmanager
def no_file_larger_than(size):
    """Let the operating system refuse larger files, as a full disk does."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_disk_that_fills_up_leaves_the_old_report_and_no_half_file(unit, auditor, folder):
    old = generate_custody_report(unit.code, by=auditor, at=NOON)
    registered_donation()

    with no_file_larger_than(10_000), pytest.raises(ReportNotWritten):
        generate_custody_report(unit.code, by=auditor, at=NOON + hours(1))

    assert files_of(folder) == [old.file_name]
    assert verify_report(old) == ()
    assert Report.objects.get() == old


def test_a_folder_that_cannot_be_written_is_refused_with_the_reason(unit, auditor, settings, folder):
    (folder / "file").write_bytes(b"")
    settings.BIOBANK_REPORTS_DIR = folder / "file" / "reports"

    with pytest.raises(ReportNotWritten, match=r"Not a directory|File exists"):
        generate_custody_report(unit.code, by=auditor, at=NOON)

    assert not Report.objects.exists()


def test_the_job_fails_with_the_reason_when_the_folder_cannot_be_written(unit, auditor, settings, folder):
    (folder / "file").write_bytes(b"")
    settings.BIOBANK_REPORTS_DIR = folder / "file" / "reports"
    job = queue_job("report.custody", {"unit": unit.code}, by=auditor, at=NOON)

    run_due_jobs(clock=lambda: NOON)

    job.refresh_from_db()
    assert job.state == JobState.FAILED.value
    assert "The report was not kept" in job.failure
