"""What must hold at the very instant at which a unit moves on, and of every release that was ever issued."""
# ruff: noqa: S608  The questions are made of constants of ours; nothing in them is typed by anyone.

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from tests.journeys.invariants import ITS_CONSENT, found, select

# Gates that a kind of release may leave open (vocabulary, "Gates of a release"); every other gate always passes.
MAY_LEAVE_OPEN = {"normal": set(), "exceptional": {3}, "urgent": {2, 3}}
# Who may sign with which meaning.
ROLES = "(x.meaning = 'reviewed' AND g.role = 'quality_reviewer' OR x.meaning = 'released' AND g.role IN {})"
RELEASERS = "('releasing_officer', 'medical_director')"
# Every unit that is issued, picked or handed over at one instant, with its release.
MOVING = """
WITH RECURSIVE moving (unit_id, release_id) AS (
  SELECT x.unit_id, r.id FROM inventory_release r JOIN inventory_releaseunit x ON x.release_id = r.id
   WHERE r.issued_at = %s AND r.status = 'issued'
  UNION SELECT p.unit_id, p.release_id FROM inventory_pick p WHERE p.picked_at = %s
  UNION SELECT i.unit_id, s.release_id FROM inventory_shipmentitem i JOIN inventory_shipment s ON s.id = i.shipment_id
   WHERE s.kind = 'release' AND s.handed_over_at = %s AND i.unit_id IS NOT NULL
), line (unit_id, ancestor_id) AS (
  SELECT unit_id, unit_id FROM moving
  UNION SELECT l.unit_id, a.parent_id FROM line l JOIN inventory_lineage a ON a.child_id = l.ancestor_id
)
"""
BEHIND = " JOIN inventory_unitsource s ON s.unit_id = m.unit_id JOIN inventory_donation d ON d.id = s.donation_id"
# What the medical director let go on although it was taken back is stopped neither by that nor by its hold.
WENT_ON = " AND NOT EXISTS (SELECT 1 FROM inventory_withdrawalreferral f WHERE f.decision = 'goes_on' AND f.unit_id = "
THE_CONSENT = f" LEFT JOIN consent_consent c ON {ITS_CONSENT}"


def what_moves_on_may(at: datetime) -> list[str]:
    """INV-04, asked anew of whatever was issued, picked or handed over at this instant."""
    moving = select(f"{MOVING} SELECT 1 FROM moving", at, at, at)
    return [problem for what, rest in _AGAINST.items() for problem in _moving(what, rest, at)] if moving else []


def _moving(what: str, rest: str, at: datetime) -> list[str]:
    times = rest.count("%s")
    return found(f"moves on although {what}", MOVING + rest, *[at] * (3 + times))


_AGAINST = {
    "a hold is open": "SELECT u.code, h.reference FROM line l JOIN inventory_unit u ON u.id = l.unit_id"
    " JOIN inventory_unitsource s ON s.unit_id = l.ancestor_id JOIN inventory_donation d ON d.id = s.donation_id"
    " JOIN inventory_unit w ON w.id = l.ancestor_id JOIN inventory_hold h ON h.unit_id = w.id OR h.lot_id = w.lot_id"
    " OR h.donation_id = d.id OR h.donor_id = d.donor_id"
    f" WHERE h.lifted_at IS NULL{WENT_ON}u.id AND f.hold_id = h.id)",
    "it has expired": "SELECT u.code FROM moving m JOIN inventory_unit u ON u.id = m.unit_id WHERE u.expires_at <= %s",
    "no consent is active": f"SELECT d.code FROM moving m{BEHIND}{THE_CONSENT}"
    f" WHERE (c.id IS NULL OR c.status <> 'active' OR c.ends_at <= %s){WENT_ON}m.unit_id)",
    "human application is not granted": f"SELECT d.code FROM moving m{BEHIND}{THE_CONSENT}"
    " JOIN inventory_release r ON r.id = m.release_id JOIN inventory_unitrequest q ON q.id = r.request_id"
    " JOIN inventory_protocol p ON p.id = q.protocol_id WHERE p.human_application AND NOT EXISTS"
    " (SELECT 1 FROM consent_answer a JOIN consent_statement t ON t.id = a.statement_id"
    " LEFT JOIN consent_takenback b ON b.answer_id = a.id"
    " WHERE a.consent_id = c.id AND t.human_application AND a.granted AND b.id IS NULL)"
    f"{WENT_ON}m.unit_id)",
    "a major deviation is open": "SELECT u.code, e.reference FROM line l JOIN inventory_unit u ON u.id = l.unit_id"
    " JOIN inventory_unit w ON w.id = l.ancestor_id JOIN inventory_unitsource s ON s.unit_id = w.id"
    " JOIN inventory_deviationitem i ON i.unit_id = w.id OR i.lot_id = w.lot_id OR i.donation_id = s.donation_id"
    " JOIN inventory_deviation e ON e.id = i.deviation_id"
    " WHERE e.closed_at IS NULL AND e.deviation_class IN ('major', 'critical')",
    "the donor is not determined eligible": f"SELECT d.code FROM moving m{BEHIND}"
    " JOIN inventory_release r ON r.id = m.release_id WHERE r.kind <> 'urgent' AND NOT EXISTS"
    " (SELECT 1 FROM inventory_eligibilitydetermination e WHERE e.donation_id = d.id AND e.verdict = 'eligible'"
    " AND e.reopened_at IS NULL)",
    "its acceptance does not stand": "SELECT u.code FROM moving m JOIN inventory_unit u ON u.id = m.unit_id"
    " JOIN inventory_release r ON r.id = m.release_id WHERE r.kind = 'normal' AND NOT EXISTS"
    " (SELECT 1 FROM inventory_acceptance a WHERE (a.unit_id = u.id OR a.lot_id = u.lot_id) AND a.withdrawn_at IS NULL"
    " AND a.use = 'human_application')",
    "a result against it is verified": "SELECT u.code, v.assay FROM moving m JOIN inventory_unit u ON u.id = m.unit_id"
    " JOIN inventory_release r ON r.id = m.release_id JOIN inventory_result v"
    " ON v.unit_id = u.id OR v.lot_id = u.lot_id"
    " WHERE r.kind = 'normal' AND v.verified_at IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM inventory_result y WHERE y.replaces_id = v.id) AND (v.text = 'growth' AND v.assay LIKE '%%culture'"
    " OR v.text = 'positive' AND v.assay = 'mycoplasma'"
    " OR v.assay = 'tnc' AND v.number < 500000000)",
    "it is not promised to this request": "SELECT u.code, u.state FROM moving m"
    " JOIN inventory_unit u ON u.id = m.unit_id JOIN inventory_release r ON r.id = m.release_id"
    " WHERE u.state NOT IN ('released', 'shipped') OR u.state = 'released' AND NOT EXISTS"
    " (SELECT 1 FROM inventory_reservation v WHERE v.unit_id = u.id AND v.request_id = r.request_id"
    " AND v.ended_at IS NULL)",
}


def gates_passed(snapshots: Iterable[tuple[str, str, str]]) -> list[str]:
    """INV-04 in what was signed: of each reference, kind and snapshot every gate passes, or is left open by name."""
    problems = []
    for reference, kind, text in snapshots:
        for unit in _units_in(json.loads(text)):
            open_gates = {each["gate"] for each in unit["gates"] if each["outcome"] != "pass"}
            named = {int(each["gate"]) for each in unit["waived"] if each["criteria"] or each["reason"]}
            if not open_gates <= MAY_LEAVE_OPEN[kind] or open_gates != named or len(unit["gates"]) < 8:
                problems.append(f"{reference} ({kind}) leaves {sorted(open_gates)} open and names {sorted(named)}")
    return problems


def _units_in(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what was signed of each unit; of a vial, what is its own and what is alike in all of its lot."""
    vials = [
        {each: [*lot["all"].get(each, []), *vial.get(each, [])] for each in ("gates", "waived")}
        for lot in content.get("lots", [])
        for vial in lot["vials"]
    ]
    return [*content["units"], *vials]


def releases_are_signed() -> list[str]:
    """INV-04 to INV-06 of every release that was ever issued."""
    issued = select(
        "SELECT reference, kind, snapshot, snapshot_sha256 FROM inventory_release WHERE issued_at IS NOT NULL"
    )
    return [
        *(f"INV-04 {problem}" for problem in gates_passed((row[0], row[1], row[2]) for row in issued)),
        *(f"INV-05 {problem}" for problem in _wrong_signers()),
        *(f"INV-06 {row[0]} is not what was hashed" for row in issued if _sha256(row[2]) != row[3]),
        *(f"INV-06 {problem}" for problem in _wrong_content()),
    ]


def _wrong_signers() -> list[str]:
    """Return each issued release without two lawful signers, and each signer who may not have been one."""
    signed = (
        "SELECT r.reference, x.signer_id FROM inventory_release r JOIN inventory_releasesignature x"
        " ON x.release_id = r.id JOIN biobank_signature s ON s.id = x.signature_id"
        " JOIN inventory_unitrequest q ON q.id = r.request_id WHERE "
    )
    role = ROLES.format(RELEASERS)
    return [
        *found(
            "issued without two signers and two meanings",
            "SELECT r.reference FROM inventory_release r LEFT JOIN inventory_releasesignature x ON x.release_id = r.id"
            " WHERE r.issued_at IS NOT NULL GROUP BY r.id, r.reference"
            " HAVING COUNT(DISTINCT x.signer_id) <> 2 OR COUNT(DISTINCT x.meaning) <> 2",
        ),
        *found("signed by who asked for it, or in another's name", f"{signed} x.signer_id IN (q.requested_by_id)"),
        *found("signed with another's signature", f"{signed} s.person_id <> x.signer_id"),
        *found(
            "signed without the role",
            f"{signed} NOT EXISTS (SELECT 1 FROM biobank_rolegrant g WHERE g.person_id = x.signer_id AND {role}"
            " AND g.granted_from <= s.signed_at AND (g.granted_until IS NULL OR g.granted_until > s.signed_at))",
        ),
        *found(
            "signed without training",
            f"{signed} NOT EXISTS (SELECT 1 FROM biobank_training t WHERE t.person_id = x.signer_id"
            " AND t.valid_from <= s.signed_at AND t.valid_until > s.signed_at)",
        ),
        *found(
            "released by exception by another than who weighed it",
            f"{signed} r.kind <> 'normal' AND x.meaning = 'released' AND NOT EXISTS (SELECT 1 FROM inventory_waiver w"
            " WHERE w.request_id = q.id AND w.stated_by_id = x.signer_id)",
        ),
    ]


def _wrong_content() -> list[str]:
    return [
        *found(
            "signed something else",
            "SELECT r.reference FROM inventory_releasesignature x JOIN inventory_release r ON r.id = x.release_id"
            " JOIN biobank_signature s ON s.id = x.signature_id"
            " WHERE x.content_sha256 <> r.snapshot_sha256 OR s.content_sha256 <> r.snapshot_sha256",
        ),
        *(
            f"signature {number} is not what was hashed"
            for number, content, stated in select("SELECT id, content, content_sha256 FROM biobank_signature")
            if _sha256(content) != stated
        ),
    ]


def _sha256(text: object) -> str:
    return sha256(str(text).encode()).hexdigest()
