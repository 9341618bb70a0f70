"""The demo's rarer days, asked of its database in plain SQL: urgent need, a pool, a refusal, an outside laboratory."""

import pytest

from tests.factories.demo_bank import DemoBank, demo_bank

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


@pytest.fixture(scope="module")
def bank() -> DemoBank:
    return demo_bank()


def test_a_unit_left_for_urgent_need_before_its_donor_was_determined_and_what_was_owed_is_done(bank: DemoBank) -> None:
    ((release, reference, issued_at, snapshot),) = bank.rows(
        "SELECT id, reference, issued_at, snapshot FROM inventory_release WHERE kind = 'urgent'"
    )
    ((donation, determined_at, verdict),) = bank.rows(
        "SELECT d.code, e.determined_at, e.verdict FROM inventory_releaseunit ru "
        "JOIN inventory_unit u ON u.id = ru.unit_id JOIN inventory_donation d ON d.id = u.donation_id "
        "JOIN inventory_eligibilitydetermination e ON e.donation_id = d.id WHERE ru.release_id = ?",
        release,
    )
    duties = bank.rows(
        "SELECT kind, done_at IS NOT NULL, done_at <= due_at FROM inventory_duty WHERE subject IN (?, ?) ORDER BY kind",
        donation,
        reference,
    )

    assert "NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in str(snapshot)
    assert str(determined_at) > str(issued_at)
    assert verdict == "eligible"
    assert duties == [("complete_determination", 1, 1), ("inform_treating_physician", 1, 1)]


def test_a_pool_of_two_cords_has_both_mothers_behind_every_vial(bank: DemoBank) -> None:
    ((lot, din),) = bank.rows("SELECT id, pool_din FROM inventory_lot WHERE pool_din <> ''")
    vials = bank.rows(
        "SELECT u.state, count(DISTINCT u.id), count(DISTINCT d.donor_id) FROM inventory_unit u "
        "JOIN inventory_unitsource s ON s.unit_id = u.id JOIN inventory_donation d ON d.id = s.donation_id "
        "WHERE u.lot_id = ? GROUP BY u.state",
        lot,
    )

    assert vials == [("quarantined", 8, 2)]
    assert bank.one("SELECT count(*) FROM inventory_donation WHERE code = ?", din) == 0


def test_a_mother_declined_and_nothing_was_collected(bank: DemoBank) -> None:
    assert bank.rows(
        "SELECT c.status, e.kind, (SELECT count(*) FROM inventory_donation d WHERE d.donor_id = c.donor_id) "
        "FROM consent_consent c JOIN consent_consentevent e ON e.consent_id = c.id WHERE c.status = 'declined'"
    ) == [("declined", "declined", 0)]


def test_a_tube_went_to_a_laboratory_which_used_it_up_and_is_named_by_the_result(bank: DemoBank) -> None:
    ((sample, outcome, holder, state),) = bank.rows(
        "SELECT x.id, i.outcome, x.holder, x.state FROM inventory_shipment s "
        "JOIN inventory_shipmentitem i ON i.shipment_id = s.id JOIN inventory_referencesample x ON x.id = i.sample_id "
        "WHERE s.kind = 'testing'"
    )

    assert (outcome, holder, state) == ("received", "LAB-1", "consumed")
    assert bank.rows(
        "SELECT assay, laboratory, verified_at IS NOT NULL FROM inventory_result WHERE sample_id = ?", sample
    ) == [("hla_identity", "LAB-1", 1)]


def test_each_lot_names_the_batch_and_the_device_it_was_frozen_with(bank: DemoBank) -> None:
    named = bank.rows(
        "SELECT l.id, b.lot_number, q.code FROM inventory_lot l "
        "JOIN inventory_batchuse bu ON bu.processing_id = l.processing_id "
        "JOIN inventory_batch b ON b.id = bu.batch_id "
        "JOIN inventory_equipmentuse eu ON eu.processing_id = l.processing_id "
        "JOIN inventory_equipment q ON q.id = eu.equipment_id ORDER BY l.id"
    )

    assert [each[1:] for each in named] == [("DMSO-0093", "CRF-1")] * 3


def test_the_papers_of_the_transfer_are_kept_and_name_the_unit_in_quarantine(bank: DemoBank) -> None:
    ((subject, file_name, sealed),) = bank.rows(
        "SELECT subject, file_name, sealed FROM inventory_report WHERE kind = 'papers'"
    )

    assert bank.one("SELECT kind FROM inventory_shipment WHERE reference = ?", subject) == "transfer"
    assert (bank.var / "reports" / str(file_name)).read_bytes().startswith(b"%PDF")
    assert sealed == 1


def test_the_parents_authorisation_stands_beside_what_was_answered_at_the_birth(bank: DemoBank) -> None:
    ((donor, form),) = bank.rows(
        "SELECT c.donor_id, f.extent FROM consent_consent c JOIN consent_consentform f ON f.id = c.form_id "
        "WHERE c.deceased_id IS NOT NULL"
    )

    assert form == "after_death"
    assert bank.one("SELECT count(*) FROM consent_consent WHERE donor_id = ? AND status = 'active'", donor) == 2
