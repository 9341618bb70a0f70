"""The demo as a person starts it: what its year leaves, the unit it walks, and that its papers stand up."""

import json
import re
from io import BytesIO
from pathlib import Path

import pypdf
import pytest

from biobank.domain.role import Role
from biobank.settings import published
from consent.domain.identity import FIELDS, decrypt, read_keyring, unwrap
from inventory.documents.embedded import embedded_text
from inventory.documents.seal import obstacles_to_trust
from inventory.documents.verification import RECORD_NAME
from tests.factories.demo_bank import DemoBank, demo_bank

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
NAME = "Demo Mother"

STEPS = [
    "consent",
    "donation",
    "receipt",
    "processing",
    "storage",
    "results",
    "eligibility",
    "acceptance",
    "request",
    "approval",
    "segment",
    "release",
    "pick",
    "receipt",
    "baseline",
    "use",
    "outcome",
]

WALKED = {
    "release.evaluated",
    "unit.reserved",
    "unit.removed",
    "release.signed",
    "unit.used",
    "request.submitted",
    "outcome.reported",
    "result.recorded",
    "unit.registered",
    "unit.shipped",
    "unit.placed",
    "unit.processed",
    "request.approved",
    "worklist.done",
    "unit.released",
    "unit.accepted",
    "unit.received",
    "unit.picked",
    "report.generated",
    "result.verified",
    "shipment.packed",
}


@pytest.fixture(scope="module")
def bank() -> DemoBank:
    return demo_bank()


@pytest.fixture(scope="module")
def document(bank: DemoBank) -> bytes:
    (file,) = (bank.var / "reports").glob("custody-*")
    return file.read_bytes()


@pytest.fixture(scope="module")
def exported(bank: DemoBank, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("export") / "all.jsonl"
    assert bank.manage("export_ledger", "--output", str(file)).status == 0
    return file


def test_it_ends_well_and_warns_of_nothing(bank: DemoBank) -> None:
    assert bank.built.status == 0, bank.built.said
    assert bank.built.err == ""


def test_it_says_each_step_of_the_walk_in_order(bank: DemoBank) -> None:
    said = re.findall(r"^  \d{4}-\d\d-\d\d \d\d:\d\d UTC  (\w+)", bank.built.out, re.MULTILINE)

    assert said == STEPS


def test_it_says_when_each_step_happened_and_never_goes_back_in_time(bank: DemoBank) -> None:
    times = re.findall(r"^  (\d{4}-\d\d-\d\d \d\d:\d\d) UTC", bank.built.out, re.MULTILINE)

    assert times == sorted(times)


def test_it_prints_one_sign_in_for_each_role(bank: DemoBank) -> None:
    sign_ins = bank.built.out.partition("Sign in as one of these")[2].splitlines()[1:]
    roles = [re.split(r"  +", line.strip())[1] for line in sign_ins]

    assert sorted(roles) == sorted(role.label for role in Role)


def test_the_bank_has_two_sites_and_several_versions_of_its_form(bank: DemoBank) -> None:
    sites = bank.rows("SELECT code FROM biobank_site WHERE kind = 'bank' ORDER BY code")
    forms = bank.rows("SELECT version, status FROM consent_consentform WHERE code = 'CF-DEMO' ORDER BY version")

    assert sites == [("BANK-A",), ("BANK-B",)]
    assert forms == [("1", "superseded"), ("2", "superseded"), ("3", "in_force")]
    assert bank.one("SELECT count(DISTINCT form_id) FROM consent_consent") == 6


def test_it_has_as_many_stored_units_as_were_asked_for(bank: DemoBank) -> None:
    made = bank.one(
        "SELECT count(*) FROM inventory_unit WHERE lot_id IS NULL AND id IN (SELECT child_id FROM inventory_lineage)"
    )
    of_stories, of_walk = 6, 2

    assert made == 60 + of_stories + of_walk


def test_the_withdrawal_reached_a_shipped_and_a_reserved_unit(bank: DemoBank) -> None:
    of_hers = (
        "SELECT u.code, u.state FROM inventory_unit u JOIN inventory_donation d ON d.id = u.donation_id "
        "JOIN consent_consent c ON c.donor_id = d.donor_id WHERE c.status = 'withdrawn' AND u.state <> 'consumed'"
    )
    states = dict(bank.rows(of_hers))
    noticed = bank.rows(
        "SELECT u.code FROM inventory_noticeitem i JOIN inventory_unit u ON u.id = i.unit_id "
        "JOIN inventory_consigneenotice n ON n.id = i.notice_id WHERE n.kind = 'consent_withdrawal'"
    )

    assert sorted(states.values()) == ["quarantined", "shipped"]
    assert noticed == [(code,) for code, state in states.items() if state == "shipped"]
    assert bank.one("SELECT count(*) FROM inventory_hold WHERE kind = 'consent_withdrawn' AND lifted_at IS NULL") == 1
    assert bank.one("SELECT count(*) FROM inventory_unitrequest WHERE status = 'void'") == 1
    assert bank.one(
        "SELECT count(*) FROM inventory_reservation r JOIN inventory_unit u ON u.id = r.unit_id "
        "WHERE u.state = 'quarantined' AND r.ended_because LIKE 'Consent %'"
    )


def test_a_corrected_marker_put_a_unit_back_into_quarantine(bank: DemoBank) -> None:
    reopened = bank.rows(
        "SELECT u.state, r.text FROM inventory_eligibilitydetermination e "
        "JOIN inventory_result r ON r.donation_id = e.donation_id AND r.assay = 'anti_hbc' "
        "JOIN inventory_unit u ON u.donation_id = e.donation_id AND u.state <> 'consumed' "
        "WHERE e.reopened_at IS NOT NULL AND r.replaces_id IS NOT NULL AND u.lot_id IS NULL"
    )

    assert reopened == [("quarantined", "positive")]


def test_units_wait_for_the_laboratory_and_for_patients(bank: DemoBank) -> None:
    waiting = dict(bank.rows("SELECT use, count(*) FROM inventory_unit WHERE state = 'available' GROUP BY use"))

    assert waiting["laboratory"] > 0
    assert waiting["human_application"] > 0


def test_two_units_were_released_in_one_decision_and_are_on_their_way(bank: DemoBank) -> None:
    together = bank.rows(
        "SELECT u.state FROM inventory_releaseunit ru JOIN inventory_unit u ON u.id = ru.unit_id "
        "WHERE ru.release_id = (SELECT release_id FROM inventory_releaseunit GROUP BY release_id HAVING count(*) = 2)"
    )
    signers = bank.rows(
        "SELECT count(DISTINCT s.person_id) FROM inventory_releasesignature rs "
        "JOIN biobank_signature s ON s.id = rs.signature_id GROUP BY rs.release_id"
    )

    assert together == [("shipped",), ("shipped",)]
    assert signers == [(2,)] * 10
    assert bank.one("SELECT count(*) FROM inventory_shipment WHERE kind = 'release' AND received_at IS NULL") == 3


def test_requests_wait_open(bank: DemoBank) -> None:
    statuses = dict(bank.rows("SELECT status, count(*) FROM inventory_unitrequest GROUP BY status"))

    assert statuses["submitted"] == 1
    assert statuses["approved"] == 1


def test_the_walked_unit_is_used_with_its_outcomes_and_every_link_of_its_chain(bank: DemoBank) -> None:
    kinds = bank.rows(
        "SELECT DISTINCT e.kind FROM biobank_ledgerentry e JOIN biobank_ledgersubject s ON s.entry_id = e.number "
        "WHERE s.code = ?",
        bank.walked,
    )
    outcomes = bank.rows(
        "SELECT o.kind FROM inventory_outcome o JOIN inventory_unit u ON u.id = o.unit_id WHERE u.code = ?", bank.walked
    )

    assert {kind for (kind,) in kinds} >= WALKED
    assert sorted(outcomes) == [("administration",), ("baseline",), ("follow_up",), ("thaw",)]


def test_the_document_is_sealed_and_tells_the_whole_custody(bank: DemoBank, document: bytes) -> None:
    certificate = str(bank.one("SELECT certificate_sha256 FROM inventory_report WHERE kind = 'custody'"))
    record = json.loads(embedded_text(document, name=RECORD_NAME))
    entries = record["facts"]["entries"]

    assert list(obstacles_to_trust(document, certificate_sha256=certificate)) == []
    assert len(entries) >= 104
    assert {entry["number"]: entry["seal"] for entry in entries}.items() <= dict(
        bank.rows("SELECT number, seal FROM biobank_ledgerentry")
    ).items()


def test_the_document_can_be_read_and_names_its_unit_on_every_page(bank: DemoBank, document: bytes) -> None:
    pages = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(document)).pages]

    assert len(pages) > 3
    assert all(f"Page {number} of {len(pages)}" in text for number, text in enumerate(pages, 1))
    assert all(bank.walked[:13] in text.replace(" ", "") for text in pages)


def test_a_changed_document_does_not_stand_up(bank: DemoBank, document: bytes) -> None:
    certificate = str(bank.one("SELECT certificate_sha256 FROM inventory_report WHERE kind = 'custody'"))
    middle = len(document) // 2
    changed = document[:middle] + bytes([document[middle] ^ 1]) + document[middle + 1 :]

    assert list(obstacles_to_trust(changed, certificate_sha256=certificate))


def test_the_mothers_names_are_kept_encrypted(bank: DemoBank) -> None:
    keyring = read_keyring({"local": published.LOCAL_IDENTITY_KEY}, published.LOCAL_INDEX_KEY)
    columns = ", ".join(FIELDS)
    stored = bank.rows(
        f"SELECT d.donor_code, i.wrapped_key, {columns} FROM consent_donoridentity i "  # noqa: S608  our own names
        "JOIN consent_donor d ON d.id = i.donor_id"
    )
    names = {
        decrypt(
            dict(zip(FIELDS, map(str, values), strict=True)), unwrap(str(key), keyring, str(code)), str(code)
        ).mother_name
        for code, key, *values in stored
    }

    assert f"{NAME} 1" in names
    assert len(names) == len(stored) >= 48


def test_no_mothers_name_or_record_number_is_anywhere_else(bank: DemoBank, document: bytes, exported: Path) -> None:
    pages = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(document)).pages)
    files = {str(path): path.read_bytes() for path in bank.var.rglob("*") if path.is_file()}

    for told in (NAME, "DEMO-0000"):
        assert told not in bank.built.said
        assert told not in pages
        assert told not in embedded_text(document, name=RECORD_NAME)
        assert told not in exported.read_text(encoding="utf-8")
        assert [path for path, content in files.items() if told.encode() in content] == []


def test_the_search_for_names_would_find_one(bank: DemoBank, tmp_path: Path) -> None:
    copy = bank.copied_to(tmp_path / "var")
    with copy.typed_past_the_services() as database:
        database.execute("UPDATE biobank_site SET address = ? WHERE code = 'BANK-A'", (f"{NAME} 1",))

    assert NAME.encode() in copy.database.read_bytes()
