"""Chain-of-custody reports: made once per ledger position, from what the record says."""

import json
from decimal import Decimal
from hashlib import sha256
from io import BytesIO

import pypdf
import pytest

from biobank.domain.job import JobState
from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry, LedgerHead
from biobank.services.job import queue_job, run_due_jobs
from inventory.domain.assay import Subject
from inventory.domain.unit import UnitKind
from inventory.models.report import Report
from inventory.models.result import Result
from inventory.queries.custody import NoSuchUnit, custody_facts
from inventory.services.correction import Correction, correct_result
from inventory.services.processing import Child, NewProcessing, process_units
from inventory.services.report import generate_custody_report
from inventory.services.report_file import report_path
from inventory.services.report_proof import verify_report
from inventory.services.result import NewResult, record_results
from tests.factories.donation import registered_donation
from tests.factories.donor import ANNA, given_consent, registered_donor
from tests.factories.person import default_site, person, staff
from tests.factories.report import files_of, reports_in, words_of
from tests.factories.time import NOON, hours
from tests.factories.unit import FROZEN_AT, available_unit, put_in_box, received_unit, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, registered_donation)


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


def test_a_report_is_kept_under_its_hash_at_the_position_of_the_ledger_and_recorded(unit, auditor, folder):
    head = LedgerHead.objects.get()

    report = generate_custody_report(unit.code, by=auditor, at=NOON)

    assert (report.ledger_number, report.ledger_seal) == (head.number, head.seal)
    assert files_of(folder) == [report.file_name]
    assert sha256(report_path(report.file_name).read_bytes()).hexdigest() == report.file_sha256
    assert report.file_sha256 in report.file_name
    told = LedgerEntry.objects.get(number=head.number + 1)
    assert told.kind == "report.generated"
    assert json.loads(told.body)["new"]["file_sha256"] == report.file_sha256
    assert set(json.loads(told.subjects)) == {unit.code, report.reference}


def test_asked_again_while_nothing_happened_the_same_report_comes_back(unit, auditor, folder):
    first = generate_custody_report(unit.code, by=auditor, at=NOON)

    second = generate_custody_report(unit.code, by=auditor, at=NOON + hours(5))

    assert second == first
    assert len(files_of(folder)) == 1
    assert LedgerEntry.objects.filter(kind="report.generated").count() == 1


def test_after_something_happened_a_new_report_is_made_and_the_old_one_stays(unit, auditor, folder):
    first = generate_custody_report(unit.code, by=auditor, at=NOON)
    registered_donation()

    second = generate_custody_report(unit.code, by=auditor, at=NOON + hours(1))

    assert second.ledger_number > first.ledger_number
    assert files_of(folder) == sorted([first.file_name, second.file_name])
    assert verify_report(first) == ()
    assert verify_report(second) == ()


def test_a_report_whose_file_is_gone_is_made_again(unit, auditor):
    first = generate_custody_report(unit.code, by=auditor, at=NOON)
    report_path(first.file_name).unlink()

    second = generate_custody_report(unit.code, by=auditor, at=NOON)

    assert second != first
    assert verify_report(second) == ()
    assert verify_report(first) == (f"The file {first.file_name} cannot be read.",)


def test_the_facts_are_the_same_for_everybody_at_the_same_position(unit):
    assert custody_facts(unit.code, NOON) == custody_facts(unit.code, NOON + hours(3))


def test_the_report_has_every_entry_of_the_unit_and_none_of_another_donation(unit, auditor):
    other = registered_donation(given_consent(registered_donor())).units[0]
    registered_donation(given_consent(registered_donor()))

    report = generate_custody_report(unit.code, by=auditor, at=NOON)

    printed = words_of(report)
    mine = LedgerEntry.objects.filter(links__code=unit.code, number__lte=report.ledger_number)
    theirs = LedgerEntry.objects.filter(links__code=other.code)
    assert mine
    assert theirs
    assert all(entry.seal in printed for entry in mine)
    assert not any(entry.seal in printed for entry in theirs)
    assert other.code not in printed


def test_the_chain_of_a_child_has_its_parents_entries_and_not_its_siblings():
    parent, lab = received_unit(), staff(Role.LAB_TECHNICIAN)
    record_results([NewResult("tnc", Subject.UNIT, unit=parent, value="1300000000")], by=lab, at=FROZEN_AT)
    halves = tuple(
        Child(code, UnitKind.CRYOBAG, taken_ml=parent.volume_ml / 2, volume_ml=Decimal(12))
        for code in ("S9002VA0", "S9002VB0")
    )
    started_at = FROZEN_AT - hours(2)
    run = NewProcessing(parent.pk, halves, method="SepaX", started_at=started_at, frozen_at=FROZEN_AT, operator=lab)
    mine, sibling = process_units([run], by=lab, at=FROZEN_AT)[0]
    put_in_box(mine)
    put_in_box(sibling)

    facts = custody_facts(mine.code, NOON)

    placed = [row for row in facts.entries if row.kind == "unit.placed"]
    assert [mine.code in row.subjects for row in placed] == [True]
    assert any(parent.code in row.subjects and row.kind == "receipt.recorded" for row in facts.entries)
    assert any(row.kind == "consent.given" for row in facts.entries)
    assert not any(
        sibling.code in row.subjects and not {mine.code, parent.code} & set(row.subjects) for row in facts.entries
    )
    assert [row.relation for row in facts.lineage] == ["donation", "made from"]


def test_no_name_of_a_donor_reaches_the_report(auditor):
    unit = registered_donation(given_consent(registered_donor(identity=ANNA))).units[0]

    report = generate_custody_report(unit.code, by=auditor, at=NOON)

    content = report_path(report.file_name).read_bytes()
    attached = pypdf.PdfReader(BytesIO(content)).attachments["custody.json"][0].decode()
    for private in (ANNA.mother_name, ANNA.record_number, ANNA.infant_names, ANNA.contact):
        assert private not in attached
        assert "".join(private.split()) not in words_of(report)


def test_a_whole_unit_shows_signatures_results_eligibility_lineage_and_shipment(auditor):
    unit = available_unit()

    facts = custody_facts(unit.code, NOON)
    report = generate_custody_report(unit.code, by=auditor, at=NOON)

    assert [row.about for row in facts.signatures] == [
        f"donor eligibility of {unit.donation.code}: eligible",
        "acceptance for human application",
    ]
    assert facts.eligibility
    assert [row.relation for row in facts.lineage][:2] == ["donation", "made from"]
    assert facts.shipments
    assert facts.specification
    assert {row.verdict for row in facts.results} >= {"pass"}
    limited = [row for row in facts.results if row.limit]
    assert limited
    assert all(row.limit_mark and row.limit_source for row in limited)
    assert facts.donors[0].status == "active"
    assert verify_report(report) == ()
    assert all(row.printed_name.replace(" ", "") in words_of(report) for row in facts.signatures)


def test_a_corrected_result_marks_the_entries_and_the_result_that_it_replaced(auditor):
    unit = available_unit()
    old = Result.objects.get(unit=unit, assay="viable_cd34")
    value = NewResult(assay=old.assay, subject=Subject.UNIT, unit=unit, value="3900001")
    technician = staff(Role.LAB_TECHNICIAN)

    correct_result(Correction(old.pk, value, "typed into the wrong row"), by=technician, at=NOON)
    facts = custody_facts(unit.code, NOON)

    amended = {row.kind for row in facts.entries if row.amended}
    assert amended == {"result.recorded", "result.verified"}
    assert all("typed into the wrong row" in row.amended for row in facts.entries if row.amended)
    assert {"replaced", "unknown"} <= {row.verdict for row in facts.results if row.amended}


def test_a_unit_that_does_not_exist_is_refused_and_nothing_is_written(auditor, folder):
    with pytest.raises(NoSuchUnit):
        generate_custody_report("A999926999999S9001V00", by=auditor, at=NOON)

    assert not Report.objects.exists()
    assert not (folder / "reports").exists()


def test_the_job_makes_the_report(unit, auditor):
    job = queue_job("report.custody", {"unit": unit.code}, by=auditor, at=NOON)

    run_due_jobs(clock=lambda: NOON)

    job.refresh_from_db()
    assert job.state == JobState.DONE.value
    assert json.loads(job.result)["report"] == Report.objects.get().reference


def test_the_job_run_twice_makes_one_report(unit, auditor):
    for _ in range(2):
        queue_job("report.custody", {"unit": unit.code}, by=auditor, at=NOON)

    run_due_jobs(clock=lambda: NOON)

    assert Report.objects.count() == 1
