"""manage.py verify on a bank that someone changed past the services: it names what, and ends with 1."""

import json
import sqlite3

import pytest

from tests.factories.demo_bank import DemoBank, demo_bank

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


@pytest.fixture
def bank(tmp_path):
    return demo_bank().copied_to(tmp_path / "var")


def found_in(bank: DemoBank) -> list[tuple[int | None, str]]:
    answer = bank.manage("verify", "--json")
    assert answer.status == 1, answer.said
    return [(each["entry"], each["text"]) for each in json.loads(answer.out)["findings"]]


def test_a_changed_entry_is_named_first_and_the_next_step_is_said(bank):
    with bank.typed_past_the_services() as database:
        database.execute("UPDATE biobank_ledgerentry SET body = replace(body, 'reason', 'treason') WHERE number = 100")

    answer = bank.manage("verify")

    lines = answer.out.splitlines()
    assert answer.status == 1
    assert "entry 100" in lines[0].casefold()
    assert "Write nothing, keep this database as it is, tell quality" in lines[-1]
    assert "Traceback" not in answer.said


def test_a_changed_state_is_told_beside_what_the_ledger_says(bank):
    code = bank.walked
    with bank.typed_past_the_services() as database:
        database.execute("UPDATE inventory_unit SET state = 'available' WHERE code = ?", (code,))

    findings = found_in(bank)

    assert (None, f"{code}: state is “available” in the tables and “used” in the ledger.") in findings
    assert any("The guard" in text for _, text in findings)


def test_a_moved_unit_is_told_beside_what_the_ledger_says(bank):
    ((code, number),) = bank.rows(
        "SELECT u.code, p.id FROM inventory_placement p JOIN inventory_unit u ON u.id = p.unit_id "
        "WHERE p.removed_at IS NULL ORDER BY p.id LIMIT 1"
    )
    with bank.typed_past_the_services() as database:
        database.execute(
            "UPDATE inventory_placement SET removed_at = placed_at, removed_by_id = placed_by_id WHERE id = ?",
            (number,),
        )

    assert any(text.startswith(f"{code}: place is “” in the tables") for _, text in found_in(bank))


def test_a_changed_report_file_is_named(bank):
    (report,) = (bank.var / "reports").glob("custody-*")
    report.write_bytes(report.read_bytes() + b"\n")

    assert [text for _, text in found_in(bank) if "SHA-256" in text]


def test_a_missing_report_file_is_named(bank):
    (report,) = (bank.var / "reports").glob("custody-*")
    report.unlink()

    reference = bank.one("SELECT reference FROM inventory_report WHERE kind = 'custody'")
    assert found_in(bank) == [(None, f"Report {reference}: The file {report.name} cannot be read.")]


def test_the_verification_is_noted_for_the_health_page(bank):
    before = bank.one("SELECT count(*) FROM biobank_verification")

    assert bank.manage("verify").status == 0

    assert bank.one("SELECT count(*) FROM biobank_verification") == before + 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE biobank_ledgerentry SET body = '{}' WHERE number = 1",
        "DELETE FROM biobank_ledgerentry WHERE number = 1",
        "REPLACE INTO biobank_ledgerentry SELECT * FROM biobank_ledgerentry WHERE number = 1",
        "UPDATE biobank_signature SET meaning = 'approved'",
        "UPDATE inventory_unit SET state = 'available' WHERE state = 'used'",
        "DELETE FROM inventory_unit WHERE state = 'used'",
        "UPDATE inventory_release SET snapshot = '{}'",
    ],
)
def test_the_database_itself_refuses_what_no_service_does(bank, statement):
    with bank.typed_past_the_services(guarded=True) as database:
        database.execute("PRAGMA recursive_triggers = ON")

        with pytest.raises(sqlite3.IntegrityError):
            database.execute(statement)
