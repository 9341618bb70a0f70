"""A kept report is proved: its seal, its bytes, its row, and that it is of its unit."""

import pytest

from biobank.domain.role import Role
from inventory.models.report import Report
from inventory.services.report import generate_custody_report
from inventory.services.report_file import report_path
from inventory.services.report_proof import report_findings, verify_report
from tests.factories.donation import registered_donation
from tests.factories.donor import given_consent, registered_donor
from tests.factories.person import default_site, person
from tests.factories.report import reports_in, seal_as_in_a_demo, words_of
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db
BEGINS_WITH = (registered_donation,)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    return reports_in(settings, tmp_path)


@pytest.fixture
def sealing(settings, folder):
    seal_as_in_a_demo(settings, folder, at=NOON)


@pytest.fixture
def unit():
    default_site()
    return registered_donation().units[0]


@pytest.fixture
def auditor(unit):
    return person(Role.AUDITOR)


def test_a_sealed_report_is_proved_and_says_by_which_certificate(unit, auditor, sealing):
    report = generate_custody_report(unit.code, by=auditor, at=NOON)

    assert report.sealed
    assert report.certificate_sha256 in words_of(report)
    assert report.content_sha256 != report.file_sha256
    assert verify_report(report) == ()
    assert list(report_findings()) == []


def test_a_report_without_a_key_says_that_it_is_unsealed(unit, auditor):
    report = generate_custody_report(unit.code, by=auditor, at=NOON)

    assert not report.sealed
    assert "UNSEALED" in words_of(report)
    assert report.content_sha256 == report.file_sha256


def test_one_changed_byte_in_the_kept_file_is_found(unit, auditor, sealing):
    report = generate_custody_report(unit.code, by=auditor, at=NOON)
    path = report_path(report.file_name)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)

    faults = verify_report(report)

    assert "The file’s SHA-256 is not the one that was recorded." in faults
    assert any("changed after it was sealed" in fault or "cannot be read" in fault for fault in faults)
    assert next(str(finding) for finding in report_findings()).startswith(f"Report {report.reference}: ")


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"facts_sha256": "0" * 64}, "The data in the file is not what was recorded when it was made."),
        ({"ledger_seal": "0" * 64}, "does not carry the seal that the pages show."),
        ({"file_sha256": "0" * 64}, "The ledger does not say that this file was made."),
        ({"certificate_sha256": "0" * 64}, "The seal was made with another certificate."),
    ],
)
def test_a_row_that_was_changed_behind_the_services_is_found(unit, auditor, sealing, changed, fault):
    report = generate_custody_report(unit.code, by=auditor, at=NOON)
    Report.objects.filter(pk=report.pk).update(**changed)

    report.refresh_from_db()

    assert any(fault in words for words in verify_report(report))


def test_a_file_swapped_for_another_units_report_is_found(unit, auditor):
    other = registered_donation(given_consent(registered_donor())).units[0]
    mine = generate_custody_report(unit.code, by=auditor, at=NOON)
    theirs = generate_custody_report(other.code, by=auditor, at=NOON)
    report_path(mine.file_name).write_bytes(report_path(theirs.file_name).read_bytes())

    assert len(verify_report(mine)) >= 2
