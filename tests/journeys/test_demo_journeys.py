"""What came to the demo's bank, left it and was found there: a liver, transfers, other bags, visits, a count."""

import json

import pytest

from tests.factories.demo_bank import DemoBank, demo_bank

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


@pytest.fixture(scope="module")
def bank() -> DemoBank:
    return demo_bank()


def test_a_neonatal_liver_became_a_lot_of_hepatocytes(bank: DemoBank) -> None:
    ((donation, warm, cold, form),) = bank.rows(
        "SELECT r.donation_id, r.warm_ischaemia_minutes, r.cold_ischaemia_minutes, f.code FROM inventory_recovery r "
        "JOIN consent_consent c ON c.code = r.authorisation JOIN consent_consentform f ON f.id = c.form_id"
    )
    units = bank.rows(
        "SELECT product_class, state, count(*) FROM inventory_unit WHERE donation_id = ? GROUP BY 1, 2 ORDER BY 1",
        donation,
    )
    measured = dict(
        bank.rows(
            "SELECT r.assay, r.number FROM inventory_result r JOIN inventory_lot l ON l.id = r.lot_id "
            "WHERE l.product_class = 'hepatocyte' AND r.verified_at IS NOT NULL AND r.sample_id IS NULL"
        )
    )

    assert (warm, cold, form) == (25, 390, "CF-DEMO-RECOVERY")
    assert units == [("hepatocyte", "available", 12), ("liver_tissue", "consumed", 1)]
    assert measured["cell_viability_percent"] == 86
    assert measured["cell_yield_per_g"] == 13
    assert bank.one("SELECT verdict FROM inventory_eligibilitydetermination WHERE donation_id = ?", donation) == (
        "eligible"
    )


def test_three_units_went_to_the_second_site_one_of_them_with_papers(bank: DemoBank) -> None:
    ((shipment, here, there, received),) = bank.rows(
        "SELECT s.id, a.code, b.code, s.received_at IS NOT NULL FROM inventory_shipment s "
        "JOIN biobank_site a ON a.id = s.from_site_id JOIN biobank_site b ON b.id = s.to_site_id "
        "WHERE s.kind = 'transfer'"
    )
    units = bank.rows(
        "SELECT i.outcome, u.holder FROM inventory_shipmentitem i JOIN inventory_unit u ON u.id = i.unit_id "
        "WHERE i.shipment_id = ?",
        shipment,
    )
    papers = bank.rows("SELECT statements FROM inventory_shipmentpaper WHERE shipment_id = ?", shipment)

    assert (here, there, received) == ("BANK-A", "BANK-B", 1)
    assert units == [("received", "BANK-B")] * 3
    assert len(papers) == 1
    assert any("quarantine" in each for each in json.loads(str(papers[0][0])))


def test_two_bags_of_another_bank_are_in_stock_on_what_it_attests(bank: DemoBank) -> None:
    units = bank.rows(
        "SELECT u.origin, u.state, u.use, u.holder FROM inventory_shipment s "
        "JOIN inventory_shipmentitem i ON i.shipment_id = s.id JOIN inventory_unit u ON u.id = i.unit_id "
        "WHERE s.kind = 'inbound'"
    )
    facts = dict(bank.rows("SELECT kind, count(*) FROM inventory_attestedfact GROUP BY kind"))
    ours = (
        "SELECT count(*) FROM inventory_result r JOIN inventory_donation d ON d.id = r.donation_id "
        "WHERE d.origin = 'other_bank' AND r.verified_by_id IS NOT NULL AND r.attestation_id IS NULL"
    )

    assert units == [("other_bank", "available", "human_application", "BANK-A")] * 2
    assert (facts["consent"], facts["eligibility"]) == (2, 2)
    assert facts["result"] > 20
    assert bank.one(ours) == 0


def test_the_maternitys_boxes_all_came(bank: DemoBank) -> None:
    left = bank.one("SELECT count(*) FROM inventory_shipment WHERE kind = 'collection'")
    came = "SELECT count(*) FROM inventory_shipment WHERE kind = 'collection' AND received_at > handed_over_at"

    assert bank.one(came) == left
    assert int(str(left)) > 12


def test_a_count_found_one_unit_elsewhere_and_put_the_record_right(bank: DemoBank) -> None:
    ((stocktake, status, counted_by, signed_by),) = bank.rows(
        "SELECT t.id, t.status, t.opened_by_id, s.person_id FROM inventory_stocktake t "
        "JOIN biobank_signature s ON s.id = t.signature_id"
    )
    ((kind, resolution, found, lies_in),) = bank.rows(
        "SELECT d.kind, d.resolution, d.found_position_id, p.position_id FROM inventory_stocktakedifference d "
        "JOIN inventory_placement p ON p.unit_id = d.unit_id AND p.removed_at IS NULL WHERE d.stocktake_id = ?",
        stocktake,
    )

    assert status == "closed"
    assert counted_by != signed_by
    assert (kind, resolution) == ("misplaced", "placed")
    assert lies_in == found


def test_three_recipients_have_scores_before_and_at_two_visits(bank: DemoBank) -> None:
    scores = bank.rows(
        "SELECT c.code, o.kind, s.value FROM inventory_outcomescore s JOIN inventory_outcome o ON o.id = s.outcome_id "
        "JOIN inventory_recipient c ON c.id = o.recipient_id WHERE s.name = 'meld_3' AND c.code <= 'LC-0003' "
        "ORDER BY c.code, o.outcome_date"
    )
    course = [(code, kind) for code, kind, _ in scores]
    means = {
        code: [int(float(str(value))) for each, _, value in scores if each == code] for code in ("LC-0001", "LC-0003")
    }

    assert course == [
        (f"LC-000{number}", kind) for number in (1, 2, 3) for kind in ("baseline", "follow_up", "follow_up")
    ]
    assert means["LC-0001"] == sorted(means["LC-0001"], reverse=True)
    assert means["LC-0003"] == sorted(means["LC-0003"])


def test_every_score_that_was_reported_for_could_be_computed(bank: DemoBank) -> None:
    without = (
        "SELECT count(*) FROM inventory_outcomescore s JOIN inventory_outcome o ON o.id = s.outcome_id "
        "WHERE o.kind IN ('baseline', 'follow_up') AND s.value IS NULL"
    )

    assert bank.one(without) == 0
    assert bank.one("SELECT count(DISTINCT name) FROM inventory_outcomescore") == 8


def test_the_potency_of_what_each_was_given_stands_beside(bank: DemoBank) -> None:
    potency = bank.rows(
        "SELECT DISTINCT c.code, r.number FROM inventory_outcome o JOIN inventory_recipient c ON c.id = o.recipient_id "
        "JOIN inventory_result r ON r.unit_id = o.unit_id AND r.assay = 'cfu_total' AND r.verified_at IS NOT NULL "
        "WHERE o.kind = 'administration' AND c.code <= 'LC-0003' ORDER BY c.code"
    )

    assert [code for code, _ in potency] == ["LC-0001", "LC-0002", "LC-0003"]
    assert len({number for _, number in potency}) == 3


def test_every_processing_names_what_it_used(bank: DemoBank) -> None:
    nameless = (
        "SELECT count(*) FROM inventory_processing p WHERE NOT (EXISTS "
        "(SELECT 1 FROM inventory_batchuse b WHERE b.processing_id = p.id) AND EXISTS "
        "(SELECT 1 FROM inventory_equipmentuse e WHERE e.processing_id = p.id))"
    )

    assert bank.one(nameless) == 0
    assert bank.one("SELECT count(*) FROM inventory_processing") == 71
    assert int(str(bank.one("SELECT count(*) FROM inventory_batchuse WHERE donation_id IS NOT NULL"))) > 40
