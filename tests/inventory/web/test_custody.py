"""The chain-of-custody page: twin, document, download, verification."""

from hashlib import sha256

import pytest
from django.test import Client

from biobank.domain.role import Role
from biobank.models.job import Job
from biobank.services.job import run_due_jobs
from inventory.models.report import Report
from tests.factories.page_unit import CRYOBAG, tell, unit
from tests.factories.person import person

PAGE = f"/units/{CRYOBAG}/custody/"
QUERIES = 26


@pytest.fixture
def auditor(client: Client, db, settings, tmp_path) -> Client:
    settings.BIOBANK_REPORTS_DIR = tmp_path / "reports"
    settings.BIOBANK_KEYS_DIR = tmp_path / "keys"
    settings.BIOBANK_PDF_KEY_FILE = tmp_path / "keys" / "none.pem"
    settings.BIOBANK_PDF_CERT_FILE = tmp_path / "keys" / "none-cert.pem"
    settings.BIOBANK_LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.pem"
    client.force_login(person(Role.AUDITOR, username="auditor"))
    return client


@pytest.fixture
def report(auditor: Client) -> Report:
    told = unit()
    tell(told, "hold.placed", by=told.donation.registered_by, reason="Label torn")
    auditor.post(f"{PAGE}generate/")
    run_due_jobs()
    return Report.objects.get()


def test_the_page_shows_every_entry_in_order_and_the_head_that_it_stands_on(auditor: Client):
    told = unit()
    tell(told, "hold.placed", by=told.donation.registered_by, reason="Label torn")

    page = auditor.get(PAGE).content.decode()

    assert page.index("Unit registered") < page.index("Hold placed")
    assert "Label torn" in page
    assert "Seal of the ledger" in page


def test_the_page_costs_the_same_queries_however_much_happened(auditor: Client, django_assert_num_queries):
    told = unit()
    auditor.get(PAGE)

    with django_assert_num_queries(QUERIES):
        auditor.get(PAGE)
    for _ in range(3):
        tell(told, "hold.placed", by=told.donation.registered_by)
    with django_assert_num_queries(QUERIES):
        auditor.get(PAGE)


def test_asking_for_the_document_queues_one_job_however_often(auditor: Client):
    unit()

    auditor.post(f"{PAGE}generate/")
    auditor.post(f"{PAGE}generate/")

    assert Job.objects.filter(kind="report.custody").count() == 1
    assert "is being made" in auditor.get(PAGE).content.decode()


def test_a_made_document_is_listed_with_its_hash_and_downloads_as_it_lies(auditor: Client, report: Report):
    page = auditor.get(PAGE).content.decode()
    file = auditor.get(f"/reports/{report.reference}/file/")

    assert report.file_sha256 in page
    assert sha256(file.content).hexdigest() == report.file_sha256
    assert file["Content-Disposition"].startswith("attachment;")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file["Content-Security-Policy"]


def test_a_whole_document_is_verified(auditor: Client, report: Report):
    page = auditor.post(f"/reports/{report.reference}/verify/").content.decode()

    assert f"Verified: {report.reference} is whole." in page


def test_a_changed_file_is_not_to_be_relied_on(auditor: Client, report: Report, settings):
    path = settings.BIOBANK_REPORTS_DIR / report.file_name
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"\n")

    page = auditor.post(f"/reports/{report.reference}/verify/").content.decode()

    assert f"Do not rely on {report.reference}" in page
    assert "SHA-256" in page


def test_a_file_that_is_gone_is_not_found(auditor: Client, report: Report, settings):
    (settings.BIOBANK_REPORTS_DIR / report.file_name).unlink()

    assert auditor.get(f"/reports/{report.reference}/file/").status_code == 404


def test_making_and_verifying_need_a_post(auditor: Client, report: Report):
    assert auditor.get(f"{PAGE}generate/").status_code == 405
    assert auditor.get(f"/reports/{report.reference}/verify/").status_code == 405
