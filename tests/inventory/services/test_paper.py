"""The papers of units in quarantine as a document: what 21 CFR 1271.60(c) asks, sealed, kept, and no donor's name."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest
import zxingcpp
from django.db import IntegrityError, transaction

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from inventory.domain.din import Din
from inventory.domain.hold import HoldKind
from inventory.domain.shipment import ShipmentRefused
from inventory.models.hold import Hold
from inventory.models.report import Report
from inventory.models.shipment import Shipment, ShipmentPaper
from inventory.models.unit import Unit
from inventory.queries.paper import papers_facts
from inventory.services.hold import NewHold, place_holds
from inventory.services.journey import pack_shipment
from inventory.services.paper import enclose_papers
from inventory.services.report_file import report_path
from inventory.services.report_proof import report_findings, verify_report
from inventory.services.sealing_key import make_demo_key
from tests.factories.donation import registered_donation
from tests.factories.donor import ANNA, given_consent, registered_donor
from tests.factories.journey import hand_over, packed_transfer, receive, receiver, second_bank, transfer_of, transferred
from tests.factories.person import default_site, staff
from tests.factories.time import NOON, hours
from tests.factories.trail import last_of
from tests.factories.unit import available_unit, determined, frozen_unit, measured_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, frozen_unit)


@pytest.fixture(autouse=True)
def _own_reports(settings: Any, tmp_path: Path) -> None:
    settings.BIOBANK_REPORTS_DIR = tmp_path / "reports"
    settings.BIOBANK_PDF_KEY_FILE = tmp_path / "keys" / "reports.key.pem"
    settings.BIOBANK_PDF_CERT_FILE = tmp_path / "keys" / "reports.cert.pem"


def storage():
    return staff(Role.STORAGE_TECHNICIAN)


def content_of(report: Report) -> bytes:
    return report_path(report.file_name).read_bytes()


def pages_of(report: Report) -> list[str]:
    pages = pypdf.PdfReader(BytesIO(content_of(report))).pages
    return [" ".join(page.extract_text().split()) for page in pages]


def annas_unit() -> Unit:
    return frozen_unit(registered_donation(given_consent(registered_donor(identity=ANNA))))


def test_the_papers_say_what_the_regulation_asks_of_each_unit_in_quarantine():
    unit = frozen_unit()
    shipment = packed_transfer(unit)

    enclose_papers(shipment, by=storage(), at=NOON)

    (page,) = pages_of(Report.objects.get())
    din = Din(unit.donation.din)
    for said in (
        "21 CFR 1271.60(c)",
        f"{din.facility} {din.year} {din.serial}",
        f"The donor is identified by the donation number {unit.donation.code}.",
        "The determination of the donor's eligibility has not been completed.",
        "This product must not be implanted, transplanted, infused or transferred until it has been completed.",
        unit.code,
        shipment.reference,
        "SEAL-7",
        "Page 1 of 1",
    ):
        assert said in page


def test_the_papers_carry_the_symbol_of_the_units_own_label():
    unit = frozen_unit()
    enclose_papers(packed_transfer(unit), by=storage(), at=NOON)

    page = pypdfium2.PdfDocument(content_of(Report.objects.get()))[0]
    found = zxingcpp.read_barcodes(page.render(scale=4).to_pil())

    assert [each.text for each in found] == [f"=+02000={unit.donation.din}00=<{unit.product_code}"]


def test_each_unit_in_quarantine_has_a_page_of_its_own_and_no_other_unit_has_one():
    first, second, in_stock = frozen_unit(), frozen_unit(), available_unit()
    shipment = packed_transfer(first, second, in_stock)

    enclose_papers(shipment, by=storage(), at=NOON)

    pages = pages_of(Report.objects.get())
    assert [[each.code in page for each in (first, second, in_stock)] for page in pages] == [
        [True, False, False],
        [False, True, False],
    ]


def test_no_name_and_no_donor_code_reaches_the_papers():
    unit = annas_unit()
    place_holds(
        [NewHold(HoldKind.INVESTIGATION, f"{ANNA.mother_name} rang about it", unit_id=unit.pk)], by=storage(), at=NOON
    )

    enclose_papers(packed_transfer(unit), by=storage(), at=NOON)

    report = Report.objects.get()
    (page,) = pages_of(report)
    attached = pypdf.PdfReader(BytesIO(content_of(report))).attachments["papers.json"][0].decode()
    assert "On hold: investigation (HLD-" in page
    for private in (
        ANNA.mother_name,
        ANNA.record_number,
        ANNA.infant_names,
        ANNA.contact,
        unit.donation.donor.donor_code,
    ):
        assert private not in attached
        assert "".join(private.split()) not in "".join(page.split())


def test_the_papers_of_an_ineligible_donor_bear_the_fixed_warnings_and_of_no_other():
    unit, other = determined(measured_unit(mother={"hbs_ag": "positive"})), determined(measured_unit())
    shipment = packed_transfer(unit, other)

    enclose_papers(shipment, by=storage(), at=NOON)

    pages = dict(zip((unit.code, other.code), pages_of(Report.objects.get()), strict=True))
    for warning in (
        "BIOHAZARD",
        "WARNING: Advise patient of communicable disease risks",
        "WARNING: Reactive test results for HBsAg",
    ):
        assert [warning in pages[each.code] for each in (unit, other)] == [True, False]
    assert "eligibility is complete: ineligible." in pages[unit.code]
    assert ShipmentPaper.objects.get(unit=unit).statements[-3:] == [
        "BIOHAZARD",
        "WARNING: Advise patient of communicable disease risks",
        "WARNING: Reactive test results for HBsAg",
    ]


def test_the_papers_are_those_of_the_bank_that_sends():
    unit, second = frozen_unit(), second_bank()
    first_leg = transferred(unit)
    receive(first_leg, unit)
    back = transfer_of(unit, from_site=second, to_site=default_site())
    way_back = pack_shipment(back, by=receiver(second), at=NOON + hours(25))

    facts = [papers_facts(each.pk, NOON + hours(25)) for each in (packed_transfer(frozen_unit()), way_back)]

    assert [each.bank for each in facts] == [default_site().name, second.name]
    assert len({each.bank for each in facts}) == 2


def test_the_papers_are_kept_as_a_report_whose_hash_the_ledger_names():
    unit = frozen_unit()
    shipment = packed_transfer(unit)

    enclose_papers(shipment, by=storage(), at=NOON)

    report = Report.objects.get()
    assert (report.kind, report.subject, report.sealed) == ("papers", shipment.reference, False)
    assert sha256(content_of(report)).hexdigest() == report.file_sha256
    assert last_of("papers.enclosed")["new"]["file_sha256"] == report.file_sha256
    assert last_of("report.generated")["new"]["file_sha256"] == report.file_sha256
    assert LedgerEntry.objects.filter(kind="report.generated", links__code=unit.code).exists()
    assert verify_report(report) == ()


def test_the_papers_are_sealed_where_the_bank_has_a_key_and_a_change_shows(settings, tmp_path):
    settings.BIOBANK_DEMO = True
    make_demo_key(tmp_path / "keys", at=NOON)
    settings.BIOBANK_DEMO = False
    enclose_papers(packed_transfer(frozen_unit()), by=storage(), at=NOON)
    report = Report.objects.get()

    assert report.sealed
    assert list(report_findings()) == []
    report_path(report.file_name).write_bytes(content_of(report) + b"\n")
    assert any("SHA-256" in fault for fault in verify_report(report))


def test_papers_whose_data_was_changed_are_found():
    enclose_papers(packed_transfer(frozen_unit()), by=storage(), at=NOON)
    report = Report.objects.get()

    Report.objects.filter(pk=report.pk).update(facts_sha256="0" * 64)

    report.refresh_from_db()
    assert any("The data in the file" in fault for fault in verify_report(report))


def test_papers_enclosed_again_are_another_report_and_the_earlier_one_stays():
    shipment = packed_transfer(frozen_unit())
    for hour in (0, 1):
        enclose_papers(shipment, by=storage(), at=NOON + hours(hour))

    assert Report.objects.filter(subject=shipment.reference).count() == ShipmentPaper.objects.count() == 2
    assert list(report_findings()) == []


def test_nothing_is_drawn_for_what_needs_no_papers():
    shipment = packed_transfer(available_unit())

    with pytest.raises(ShipmentRefused, match="Nothing in"), nothing_changes():
        enclose_papers(shipment, by=storage(), at=NOON)

    assert not Report.objects.exists()


def test_papers_are_not_enclosed_after_the_hand_over():
    shipment = transferred(frozen_unit())

    with pytest.raises(ShipmentRefused, match="handed over already"), nothing_changes():
        enclose_papers(shipment, by=storage(), at=NOON + hours(2))


def test_a_unit_in_quarantine_leaves_only_with_its_papers():
    unit = frozen_unit()
    shipment = packed_transfer(unit)

    with pytest.raises(ShipmentRefused, match="leaves only with its papers"), nothing_changes():
        hand_over(shipment)

    enclose_papers(shipment, by=storage(), at=NOON)
    paper = ShipmentPaper.objects.get()
    assert paper.statements[0] == f"Unit {unit.code}."
    assert paper.statements[1] == f"The donor is identified by the donation number {unit.donation.code}."
    assert "determination of the donor's eligibility has not been completed" in paper.statements[2]
    assert "must not be implanted" in paper.statements[3]
    hand_over(shipment)
    unit.refresh_from_db()
    assert unit.holder == shipment.reference


def test_the_database_itself_refuses_a_transfer_in_quarantine_without_papers():
    shipment = packed_transfer(frozen_unit())

    with pytest.raises(IntegrityError, match="only with its papers"), transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).update(handed_over_at=NOON)


def test_papers_that_are_no_longer_true_are_enclosed_anew():
    unit = frozen_unit()
    shipment = packed_transfer(unit)
    enclose_papers(shipment, by=storage(), at=NOON)
    Hold.objects.create(
        reference="HLD-1", kind="investigation", reason="odd colour", unit=unit, placed_by=storage(), placed_at=NOON
    )

    with pytest.raises(ShipmentRefused, match="no longer say what is true"), nothing_changes():
        hand_over(shipment)

    enclose_papers(shipment, by=storage(), at=NOON)
    assert "On hold: investigation (HLD-1)." in ShipmentPaper.objects.last().statements
    hand_over(shipment)
