"""Writing a corrected value: one column of one row, or what stands for it, with what is reckoned from it beside."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from biobank.models.person import Person
from consent.domain.donor import InfantFacts, Sex
from inventory.domain.correctable import OF_TEXTS, Fact, FactKind
from inventory.domain.receipt import judge_receipt
from inventory.domain.recovery import ischaemia_minutes
from inventory.models.container import Position
from inventory.models.correction import Correction
from inventory.queries.correction import Target
from inventory.services.correction_prepare import receipt_facts
from inventory.services.correction_row import Prepared
from inventory.services.correction_times import infant_named

InfantWriter = Callable[..., object]
# Consent's rows are written by consent: a door that may call its services declares which (receivers.py).
_infant_writer: list[InfantWriter] = []


def declare_infant_writer(writer: InfantWriter) -> None:
    """Say who writes an infant's facts."""
    _infant_writer[:] = [writer]


def write(fact: Fact, target: Target, prepared: Prepared, told: Mapping[str, Any], *, by: Person, at: datetime) -> None:
    """Write the new value to its row; ``told`` is the reason, and the codes the entry of an infant's names besides."""
    row = target.row
    if fact.noun == "infant":
        facts = InfantFacts(row.order, Sex(row.sex), row.born_at)
        changed: dict[str, Any] = {fact.field: Sex(prepared.raw) if fact.field == "sex" else prepared.raw}
        _infant_writer[0](row.pk, replace(facts, **changed), **told, by=by, at=at)
        return
    names = _written_with(fact, row, prepared)
    for name, value in names.items():
        setattr(row, name, value)
    row.save(update_fields=list(names))


def columns_of(correction: Correction, fact: Fact) -> Prepared:
    """Return the value that a waiting correction would write."""
    text = correction.new_value
    raw: Any
    if fact.kind is FactKind.INSTANT:
        raw = correction.new_time
    elif fact.kind in (FactKind.WHOLE, FactKind.DECIMAL):
        raw = _number(fact, correction)
    elif fact.kind in OF_TEXTS:
        raw = json.loads(text)
    else:
        raw = date.fromisoformat(text) if fact.kind is FactKind.DAY else text
    return Prepared(text, raw, correction.new_id)


def _number(fact: Fact, correction: Correction) -> Decimal | int | None:
    number = correction.new_number
    return int(number) if number is not None and fact.kind is FactKind.WHOLE else number


def _written_with(fact: Fact, row: Any, prepared: Prepared) -> dict[str, Any]:
    """Return the columns that a fact is written in, with those that are reckoned from it in the same row."""
    if fact.kind is FactKind.SOURCE:
        infant = infant_named(prepared.text)
        return {"donor": infant.donor if infant else None, "infant": infant}
    if fact.kind is FactKind.PLACE:
        return {"position": Position.objects.get(pk=prepared.id or 0)}
    if fact.kind is FactKind.NAMED:
        return {f"{fact.field}_id": prepared.id}
    if fact.kind is FactKind.FINDINGS and "product_class" in prepared.raw:
        verdict = judge_receipt(receipt_facts(prepared.raw))
        reason = "; ".join(verdict.reasons)[:500]
        return {"findings": prepared.raw, "decision": verdict.decision.value, "reason": reason}
    if fact.noun == "recovery" and fact.kind is FactKind.INSTANT:
        return {fact.field: prepared.raw, **_minutes(row, **{fact.field: prepared.raw})}
    return {fact.field: prepared.raw}


def _minutes(row: Any, **corrected: datetime) -> dict[str, int | None]:
    """Return how long a liver was warm and cold by its times as corrected."""
    times = {name: getattr(row, name) for name in ("died_at", "cross_clamp_at", "cold_ended_at")}
    warm, cold = ischaemia_minutes(**times | corrected)
    return {"warm_ischaemia_minutes": warm, "cold_ischaemia_minutes": cold}
