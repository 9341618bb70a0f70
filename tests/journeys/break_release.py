"""What would have to stop a unit that moves on, or its release: each done behind the services' back."""
# ruff: noqa: S608  The questions are made of constants of ours; nothing in them is typed by anyone.

from django.db import connection

from tests.journeys.breaks import EXPIRED_AT_ONCE, LOT, SECOND_DONATION, SECOND_DONOR, SHIPPED, VIAL, Breaks

HOLD = (
    "INSERT INTO inventory_hold (reference, kind, reason, {}, placed_by_id, placed_at, lifted_because)"
    " SELECT 'HLD-CANARY', 'mix_up', 'odd', {}, MIN(p.id), MIN(p.created_at), '' FROM biobank_person p"
)
DONATION = f"(SELECT donation_id FROM inventory_unit WHERE id = {SHIPPED})"
PARENT = f"(SELECT parent_id FROM inventory_lineage WHERE child_id = {SHIPPED})"
A_FAILED_GATE = """UPDATE inventory_release SET snapshot = replace(snapshot, '"outcome":"pass"', '"outcome":"fail"')"""

RELEASE_BREAKS: Breaks = {
    "held unit": ("INV-04 moves on although a hold", [HOLD.format("unit_id", SHIPPED)]),
    "held ancestor": ("INV-04 moves on although a hold", [HOLD.format("unit_id", PARENT)]),
    "held donation": ("INV-04 moves on although a hold", [HOLD.format("donation_id", DONATION)]),
    "held mother": (
        "INV-04 moves on although a hold",
        [HOLD.format("donor_id", f"(SELECT donor_id FROM inventory_donation WHERE id = {DONATION})")],
    ),
    "expired": (
        "INV-04 moves on although it has expired",
        [EXPIRED_AT_ONCE],
    ),
    "no consent": (
        "INV-04 moves on although no consent",
        ["UPDATE consent_consent SET status = 'superseded'"],
    ),
    "no human application": (
        "INV-04 moves on although human application",
        ["UPDATE consent_statement SET human_application = %s" % ("0" if connection.vendor == "sqlite" else "false")],
    ),
    "not eligible": (
        "INV-04 moves on although the donor",
        ["UPDATE inventory_eligibilitydetermination SET verdict = 'ineligible'"],
    ),
    "not accepted": (
        "INV-04 moves on although its acceptance",
        ["UPDATE inventory_acceptance SET withdrawn_at = accepted_at"],
    ),
    "a result against it": (
        "INV-04 moves on although a result",
        ["UPDATE inventory_result SET text = 'growth' WHERE assay = 'bacterial_culture'"],
    ),
    "promised to another": (
        "INV-04 moves on although it is not promised",
        [f"UPDATE inventory_unit SET state = 'quarantined' WHERE id = {SHIPPED}"],
    ),
    "a deviation": (
        "INV-04 moves on although a major deviation",
        [f"UPDATE inventory_deviationitem SET unit_id = {SHIPPED}"],
    ),
    "a gate that failed": (
        "INV-04 REL-",
        [A_FAILED_GATE],
    ),
    "signed by the requester": (
        "INV-05 signed by who asked",
        ["UPDATE inventory_unitrequest SET requested_by_id = (SELECT MIN(signer_id) FROM inventory_releasesignature)"],
    ),
    "signed once": (
        "INV-05 issued without two",
        ["DELETE FROM inventory_releasesignature WHERE meaning = 'reviewed'"],
    ),
    "signed without the role": ("INV-05 signed without the role", ["DELETE FROM biobank_rolegrant"]),
    "signed without training": ("INV-05 signed without training", ["DELETE FROM biobank_training"]),
    "signed for another": (
        "INV-05 signed with another's",
        ["UPDATE biobank_signature SET person_id = (SELECT MIN(id) FROM biobank_person)"],
    ),
    "an exception nobody weighed": (
        "INV-05 released by exception",
        ["UPDATE inventory_release SET kind = 'exceptional'"],
    ),
    "another snapshot": ("INV-06 REL-", ["UPDATE inventory_release SET snapshot = snapshot || ' '"]),
    "another content": ("INV-06 signature", ["UPDATE biobank_signature SET content = content || ' '"]),
    "another hash": ("INV-06 signed something", ["UPDATE inventory_releasesignature SET content_sha256 = 'x'"]),
    "held lot": ("INV-04 moves on although a hold", [HOLD.format("lot_id", LOT)]),
    "held pool": ("INV-04 moves on although a hold", [HOLD.format("donation_id", SECOND_DONATION)]),
    "held mother of a pool": ("INV-04 moves on although a hold", [HOLD.format("donor_id", SECOND_DONOR)]),
    "one of a pool without consent": (
        "INV-04 moves on although no consent",
        [f"UPDATE consent_consent SET status = 'superseded' WHERE donor_id = {SECOND_DONOR}"],
    ),
    "one of a pool not eligible": (
        "INV-04 moves on although the donor",
        [f"UPDATE inventory_eligibilitydetermination SET verdict = 'ineligible' WHERE donation_id = {SECOND_DONATION}"],
    ),
    "a lot not accepted": (
        "INV-04 moves on although its acceptance",
        [f"UPDATE inventory_acceptance SET withdrawn_at = accepted_at WHERE lot_id = {LOT}"],
    ),
    "growth in a lot": (
        "INV-04 moves on although a result",
        [f"UPDATE inventory_result SET text = 'growth' WHERE assay = 'bacterial_culture' AND lot_id = {LOT}"],
    ),
    "mycoplasma in a lot": (
        "INV-04 moves on although a result",
        [f"UPDATE inventory_result SET text = 'positive' WHERE assay = 'mycoplasma' AND lot_id = {LOT}"],
    ),
    "too few cells": (
        "INV-04 moves on although a result",
        [f"UPDATE inventory_result SET number = 499999999 WHERE assay = 'tnc' AND unit_id = {SHIPPED}"],
    ),
    "a deviation of a lot": (
        "INV-04 moves on although a major deviation",
        [f"UPDATE inventory_deviationitem SET unit_id = NULL, lot_id = {LOT}"],
    ),
    "a deviation of a pool": (
        "INV-04 moves on although a major deviation",
        [f"UPDATE inventory_deviationitem SET unit_id = NULL, donation_id = {SECOND_DONATION}"],
    ),
    "a gate of a lot that failed": (
        "INV-04 REL-",
        [f"{A_FAILED_GATE} WHERE id = (SELECT release_id FROM inventory_releaseunit WHERE unit_id = {VIAL})"],
    ),
}
