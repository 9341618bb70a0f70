"""Judging receipts again once it is known when something was really collected, or how warm it was on its way."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from biobank.models.person import Person
from inventory.domain.correctable import FACTS
from inventory.domain.correction import CorrectionRefused
from inventory.domain.hold import HoldKind
from inventory.domain.receipt import Condition, ReceiptDecision, judge_condition, judge_receipt, told_differing
from inventory.domain.sample import FINAL as ENDED_SAMPLES
from inventory.domain.shipment import FROZEN_KINDS, kept_frozen, why_not_kept_frozen
from inventory.domain.unit import FINAL, UnitState
from inventory.models.correction import Correction
from inventory.models.receipt import Receipt
from inventory.models.shipment import ShipmentItem
from inventory.queries.correction import Target, target_of
from inventory.queries.correction_row import value_now
from inventory.services.correction_follow import follow_correction
from inventory.services.correction_prepare import prepare, receipt_facts
from inventory.services.hold import NewHold, place_holds

FINDINGS = FACTS["receipt", "findings"]
HOURS = "hours_since_collection"
HUNDREDTH = Decimal("0.01")
MICROSECONDS_AN_HOUR = 3_600_000_000


def judge_receipts_again(correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    """Correct the hours since collection of every receipt of a donation, and decide each anew by the bank's criteria.

    Each is a correction of its own, in the name of who asked for the first one. What is rejected now is held.
    """
    if (correction.noun, correction.field) != ("donation", "collected_at") or correction.new_time is None:
        return
    rows = Receipt.objects.filter(unit__donation_id=target.row.pk, shipment__kind="collection").order_by("pk")
    for receipt in rows:
        before = receipt.decision
        followed = _follow(receipt, correction, because=because, by=by, at=at) if HOURS in receipt.findings else None
        if followed is not None and followed != before and followed == ReceiptDecision.REJECT:
            hold = NewHold(HoldKind.RECEIPT, f"{because} It is rejected at receipt now."[:500], unit_id=receipt.unit_id)
            place_holds([hold], by=by, at=at)


def hold_what_differed(correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    """Hold what was not as it was sent, or is rejected, once a corrected finding says so, as its receipt would have."""
    receipt, doubt = target.row, _doubt(target.row.findings)
    thing = receipt.unit or receipt.sample
    is_over = thing.state in FINAL - {UnitState.CONSUMED} if receipt.unit else thing.state in ENDED_SAMPLES
    if not doubt or is_over or doubt == _doubt(json.loads(correction.old_value)):
        return
    on = {"unit_id": receipt.unit_id, "sample_id": receipt.sample_id}
    place_holds([NewHold(HoldKind.RECEIPT, f"{because} {thing.code}: {doubt}."[:500], **on)], by=by, at=at)


def hold_what_was_warm(correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    """Hold what travelled frozen once a logger is known to have seen it warmer than was told at its receipt.

    What was made of it since is stopped by the same hold; whoever received it fresh judged it by findings of its own.
    """
    if (correction.noun, correction.field) != ("shipment", "warmest_celsius"):
        return
    told = Decimal(correction.old_value) if correction.old_value else None
    if not kept_frozen(told) or kept_frozen(correction.new_number):
        return
    frozen = ShipmentItem.objects.filter(shipment=target.row, unit__kind__in=FROZEN_KINDS)
    here = frozen.exclude(shipment__kind="collection").exclude(unit__state__in=FINAL - {UnitState.CONSUMED})
    reason = f"{because} {target.subject}: {why_not_kept_frozen(correction.new_number)}."[:500]
    travelled = here.order_by("unit_id").values_list("unit_id", flat=True)
    if news := [NewHold(HoldKind.RECEIPT, reason, unit_id=unit_id) for unit_id in travelled]:
        place_holds(news, by=by, at=at)


def _follow(receipt: Receipt, correction: Correction, *, because: str, by: Person, at: datetime) -> str | None:
    """Write the new hours and the decision they lead to; return it, or None where they are as they were."""
    target = target_of(FINDINGS.noun, receipt.pk)
    stated = json.dumps({HOURS: f"{_hours(receipt, correction)}"})
    if target is None:
        return None
    prepared, wrong = prepare(FINDINGS, target, stated, at=at)
    if wrong:
        raise CorrectionRefused(f"{target.subject}: its receipt cannot be judged again.", reasons=wrong)
    if prepared.text == value_now(FINDINGS, target.row):
        return None
    follow_correction(correction, FINDINGS, target, prepared, beside=["decision"], because=because, by=by, at=at)
    decision: str = target.row.decision
    return decision


def _doubt(findings: Mapping[str, Any]) -> str:
    """Return why something found like that is held; nothing where all is as it was sent."""
    if "product_class" in findings:
        return judge_receipt(receipt_facts(findings)).doubt
    known = {each.name for each in fields(Condition)}
    return told_differing(judge_condition(Condition(**{name: findings[name] for name in known & set(findings)})))


def _hours(receipt: Receipt, correction: Correction) -> Decimal:
    """Return the hours from the corrected collection to the receipt, never rounded to within a limit.

    What was told at the receipt is moved by as much as the collection was; told by the clock where it was not known.
    """
    collected_at = correction.new_time or receipt.received_at
    since, told = receipt.received_at - collected_at, Decimal(0)
    if correction.old_value:
        since = datetime.fromisoformat(correction.old_value) - collected_at
        told = Decimal(str(receipt.findings[HOURS]))
    moved = Decimal(since // timedelta(microseconds=1)) / MICROSECONDS_AN_HOUR
    return (told + moved).quantize(HUNDREDTH, ROUND_CEILING)
