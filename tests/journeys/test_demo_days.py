"""The demo's other days, asked of its database as an independent reader would: past Django, in plain SQL."""

import json
from hashlib import sha256

import pytest

from tests.factories.demo_bank import DemoBank, demo_bank

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

# Who signed releases, by the release's id.
SIGNERS = (
    "SELECT p.username FROM inventory_releasesignature s JOIN biobank_person p ON p.id = s.signer_id "
    "WHERE s.release_id = ? ORDER BY s.meaning DESC"
)
RELEASE_TO = (
    "SELECT r.id, r.kind, r.snapshot FROM inventory_release r JOIN inventory_unitrequest q ON q.id = r.request_id "
    "JOIN inventory_recipient c ON c.id = q.recipient_id WHERE c.code = ?"
)


@pytest.fixture(scope="module")
def bank() -> DemoBank:
    return demo_bank()


def kinds_about(bank: DemoBank, code: object) -> list[str]:
    """The kinds of the entries that name a code, in the order of the record."""
    rows = bank.rows(
        "SELECT e.kind FROM biobank_ledgerentry e JOIN biobank_ledgersubject s ON s.entry_id = e.number "
        "WHERE s.code = ? ORDER BY e.number",
        code,
    )
    return [str(kind) for (kind,) in rows]


def in_order(wanted: list[str], told: list[str]) -> bool:
    """Whether these happened one after the other, whatever else happened between."""
    rest = iter(told)
    return all(kind in rest for kind in wanted)


def test_the_clock_of_the_record_never_stepped_back(bank: DemoBank) -> None:
    assert bank.one("SELECT count(*) FROM biobank_ledgerentry WHERE body LIKE '%clock stepped back%'") == 0


def test_twelve_of_24_vials_left_by_one_decision(bank: DemoBank) -> None:
    lot, code = bank.rows("SELECT id, code FROM inventory_lot WHERE product_class = 'msc'")[0]
    states = dict(bank.rows("SELECT state, count(*) FROM inventory_unit WHERE lot_id = ? GROUP BY state", lot))
    releases = bank.rows(
        "SELECT DISTINCT ru.release_id FROM inventory_releaseunit ru JOIN inventory_unit u ON u.id = ru.unit_id "
        "WHERE u.lot_id = ?",
        lot,
    )

    assert states == {"available": 12, "received": 12}
    assert len(releases) == 1
    assert bank.rows(SIGNERS, releases[0][0]) == [("quality",), ("releasing",)]
    assert bank.rows("SELECT use, withdrawn_at FROM inventory_acceptance WHERE lot_id = ?", lot) == [
        ("human_application", None)
    ]
    assert in_order(["lot.made", "result.verified", "lot.accepted", "request.submitted"], kinds_about(bank, code))


def test_the_lot_is_labelled_by_divisions_and_measured_once(bank: DemoBank) -> None:
    vials = (
        "SELECT u.code FROM inventory_unit u JOIN inventory_lot l ON l.id = u.lot_id "
        "WHERE l.product_class = 'msc' AND l.pool_din IS NULL"
    )
    codes = [str(code) for (code,) in bank.rows(vials)]
    results = (
        "SELECT count(*) FROM inventory_result r JOIN inventory_lot l ON l.id = r.lot_id "
        "WHERE l.product_class = 'msc' AND r.verified_at IS NOT NULL"
    )

    assert len(set(codes)) == 24
    assert len({code[:19] for code in codes}) == 1
    assert bank.one(results) == 20
    assert (
        bank.one(
            "SELECT count(*) FROM inventory_result r JOIN inventory_unit u ON u.id = r.unit_id "
            "WHERE u.product_class = 'msc'"
        )
        == 0
    )


def test_the_notice_of_the_withdrawal_was_answered_and_closed(bank: DemoBank) -> None:
    ((notice, reference, acknowledged, closed, signature),) = bank.rows(
        "SELECT id, reference, acknowledged_at, closed_at, closing_id FROM inventory_consigneenotice "
        "WHERE kind = 'consent_withdrawal'"
    )
    answers = bank.rows(
        "SELECT a.disposition FROM inventory_noticeitem i LEFT JOIN inventory_noticeanswer a ON a.item_id = i.id "
        "WHERE i.notice_id = ?",
        notice,
    )
    steps = ["notice.opened", "notice.letter_written", "notice.acknowledged", "notice.answered", "notice.closed"]

    assert answers == [("kept_apart",)]
    assert str(acknowledged) < str(closed)
    assert signature is not None
    assert [kind for kind in kinds_about(bank, reference) if kind.startswith("notice.")] == steps


def test_every_notice_has_its_letter_on_the_disk_as_the_record_says(bank: DemoBank) -> None:
    written = bank.rows("SELECT body FROM biobank_ledgerentry WHERE kind = 'notice.letter_written'")
    files = {sha256(path.read_bytes()).hexdigest() for path in (bank.var / "reports").glob("letter-*")}

    assert len(files) == 2
    assert {json.loads(str(body))["new"]["file_sha256"] for (body,) in written} == files


def test_a_late_marker_reached_what_was_left_and_what_had_gone(bank: DemoBank) -> None:
    ((donation, code, entered_days),) = bank.rows(
        "SELECT d.id, d.code, julianday(r.verified_at) - julianday(d.collected_at) FROM inventory_result r "
        "JOIN inventory_donation d ON d.id = r.donation_id WHERE r.assay = 'chagas' AND r.text = 'positive'"
    )
    units = bank.rows(
        "SELECT product_class, state FROM inventory_unit WHERE donation_id = ? AND state <> 'consumed' ORDER BY 1",
        donation,
    )
    notice = (
        "SELECT n.kind, n.acknowledged_at IS NOT NULL, n.closed_at FROM inventory_consigneenotice n "
        "JOIN inventory_noticeitem i ON i.notice_id = n.id JOIN inventory_unit u ON u.id = i.unit_id "
        "WHERE u.donation_id = ?"
    )
    duty = "SELECT kind, done_at <= due_at FROM inventory_duty WHERE subject = ?"

    assert float(str(entered_days)) > 20
    assert units == [("cord_blood", "quarantined"), ("placenta", "shipped")]
    assert bank.rows(notice, donation) == [("look_back", 1, None)]
    assert bank.rows(duty, code) == [("inform_mothers_physician", 1)]
    assert bank.one(
        "SELECT reopened_at IS NOT NULL FROM inventory_eligibilitydetermination WHERE donation_id = ?", donation
    )


def test_every_physician_was_told_in_time_of_every_reactive_marker(bank: DemoBank) -> None:
    told = "SELECT done_at <= due_at FROM inventory_duty WHERE kind = 'inform_mothers_physician'"

    assert set(bank.rows(told)) == {(1,)}


def test_a_consent_came_in_two_halves_and_was_narrowed(bank: DemoBank) -> None:
    ((donor,),) = bank.rows(
        "SELECT c.donor_id FROM consent_consent c JOIN consent_consentform f ON f.id = c.form_id "
        "WHERE f.extent = 'collection_only'"
    )
    consents = bank.rows(
        "SELECT f.extent, c.status FROM consent_consent c JOIN consent_consentform f ON f.id = c.form_id "
        "WHERE c.donor_id = ? ORDER BY c.given_at",
        donor,
    )
    taken_back = (
        "SELECT s.key FROM consent_takenback t JOIN consent_answer a ON a.id = t.answer_id "
        "JOIN consent_statement s ON s.id = a.statement_id JOIN consent_consent c ON c.id = a.consent_id "
        "WHERE c.donor_id = ?"
    )
    ((unit, state, use),) = bank.rows(
        "SELECT u.id, u.state, u.use FROM inventory_unit u JOIN inventory_donation d ON d.id = u.donation_id "
        "WHERE d.donor_id = ? AND u.state <> 'consumed'",
        donor,
    )
    acceptances = bank.rows(
        "SELECT use, withdrawn_at IS NULL FROM inventory_acceptance WHERE unit_id = ? ORDER BY accepted_at", unit
    )

    assert consents == [("collection_only", "superseded"), ("full", "active")]
    assert bank.rows(taken_back, donor) == [("treatment",)]
    assert (state, use) == ("available", "laboratory")
    assert acceptances == [("human_application", 0), ("laboratory", 1)]


def test_a_deviation_stopped_a_request_until_another_person_closed_it(bank: DemoBank) -> None:
    ((reference, unit, severity, disposition, opened_by, closed_by),) = bank.rows(
        "SELECT d.reference, u.code, d.deviation_class, i.disposition, d.opened_by_id, s.person_id "
        "FROM inventory_deviation d JOIN inventory_deviationitem i ON i.deviation_id = d.id "
        "JOIN inventory_unit u ON u.id = i.unit_id JOIN biobank_signature s ON s.id = d.signature_id"
    )
    told = ["deviation.opened", "request.refused", "deviation.closed"]

    assert (severity, disposition) == ("major", "no_increased_risk")
    assert opened_by != closed_by
    assert kinds_about(bank, reference) == ["deviation.opened", "deviation.closed"]
    assert [kind for kind in kinds_about(bank, unit) if kind in told] == told


def test_a_warm_night_held_three_units_until_one_signature(bank: DemoBank) -> None:
    ((excursion, beyond, minutes, allowed, signature),) = bank.rows(
        "SELECT id, is_beyond, minutes_beyond, minutes_allowed, signature_id FROM inventory_excursion"
    )
    items = bank.rows(
        "SELECT i.verdict, h.kind, h.lifted_at IS NOT NULL FROM inventory_excursionitem i "
        "JOIN inventory_hold h ON h.id = i.hold_id WHERE i.excursion_id = ? ORDER BY i.verdict",
        excursion,
    )
    taken_back = (
        "SELECT u.state, a.withdrawn_at IS NOT NULL FROM inventory_excursionitem i "
        "JOIN inventory_unit u ON u.id = i.unit_id JOIN inventory_acceptance a ON a.unit_id = u.id "
        "WHERE i.verdict = 'test_first'"
    )

    assert beyond == 1
    assert int(str(minutes)) > int(str(allowed)) == 20
    assert signature is not None
    assert items == [("cleared", "excursion", 1), ("cleared", "excursion", 1), ("test_first", "excursion", 1)]
    assert bank.rows(taken_back) == [("quarantined", 1)]


def test_the_exceptional_release_names_what_it_leaves_open_and_who_weighed_it(bank: DemoBank) -> None:
    ((release, kind, snapshot),) = bank.rows(RELEASE_TO, "LC-0009")
    ((stated_by, asked),) = bank.rows(
        "SELECT p.username, w.deviation_known FROM inventory_waiver w JOIN biobank_person p ON p.id = w.stated_by_id "
        "WHERE w.kind = 'exceptional'"
    )
    ((known_at, left_at),) = bank.rows(
        "SELECT a.recorded_at, s.handed_over_at FROM inventory_waiveracknowledgement a "
        "JOIN inventory_shipment s ON s.release_id = a.release_id WHERE a.release_id = ?",
        release,
    )
    unit = (
        "SELECT u.state, u.use FROM inventory_releaseunit ru JOIN inventory_unit u ON u.id = ru.unit_id "
        "WHERE ru.release_id = ?"
    )

    assert kind == "exceptional"
    assert "tnc_viability_percent" in str(snapshot)
    assert bank.rows(SIGNERS, release) == [("quality",), ("director",)]
    assert stated_by == "director"
    assert asked
    assert str(known_at) < str(left_at)
    assert bank.rows(unit, release) == [("received", "")]
