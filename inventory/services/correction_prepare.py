"""Reading a corrected value as it will be written, and everything for which it cannot be the fact's."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from biobank.domain.ledger import plain
from biobank.domain.refusal import Reason
from inventory.domain.container import PlacementFacts, obstacles_to_placing
from inventory.domain.correctable import Fact, FactKind, read_value, written
from inventory.domain.receipt import ReceiptFacts, obstacles_to_measured
from inventory.domain.recipient import canonical_typing, obstacles_to_typing
from inventory.domain.unit import ProductClass
from inventory.models.container import Position
from inventory.models.unit import Unit
from inventory.queries.correction import Target
from inventory.queries.correction_row import named_row
from inventory.queries.placement import taken_among
from inventory.services.correction_check import contradictions
from inventory.services.correction_row import Prepared
from inventory.services.correction_times import infant_named


def prepare(fact: Fact, target: Target, typed: str, *, at: datetime) -> tuple[Prepared, list[Reason]]:
    """Return the new value, and everything for which it cannot be one."""
    value, reasons = read_value(fact, typed)
    prepared = Prepared(written(value), value)
    if reasons:
        return prepared, reasons
    if fact.kind is FactKind.WHOLE and isinstance(value, Decimal):
        prepared = Prepared(written(value), int(value))
    special = _SPECIAL.get(fact.kind)
    if special is not None and isinstance(value, str):
        prepared, reasons = special(fact, target, value)
    return prepared, [*reasons, *contradictions(fact, target, prepared, at=at)]


def _source(_fact: Fact, _target: Target, typed: str) -> tuple[Prepared, list[Reason]]:
    infant = infant_named(typed)
    if infant is None:
        return Prepared(typed, typed), [Reason(f"{typed} is no infant of any donor.", "unknown", "source")]
    return Prepared(typed, typed, infant.pk), []


def _texts(_fact: Fact, _target: Target, typed: str) -> tuple[Prepared, list[Reason]]:
    value = json.loads(typed)
    return Prepared(written(value), value), []


def _findings(_fact: Fact, target: Target, typed: str) -> tuple[Prepared, list[Reason]]:
    """Take the findings that are named for new, and leave the others."""
    now, stated = target.row.findings, json.loads(typed)
    merged = {**now, **stated}
    reasons = [
        Reason(f"{name.replace('_', ' ')} was not looked at, or is not found like that.", "finding", "findings")
        for name, value in stated.items()
        if name not in now or not _is_like(now[name], value) or (name == "product_class" and value != now[name])
    ]
    if not reasons and "product_class" in merged:
        merged, reasons = _judgeable(merged)
    return Prepared(written(merged), merged), reasons


def _judgeable(findings: dict[str, Any]) -> tuple[dict[str, Any], list[Reason]]:
    """Return findings in the form in which a receipt keeps them, and which of them no receipt can be judged by."""
    try:
        facts = receipt_facts(findings)
    except (InvalidOperation, ValueError, TypeError):
        return findings, [Reason("A measured finding is a number.", "finding", "findings")]
    if reasons := obstacles_to_measured(facts):
        return findings, reasons
    return dict(plain(vars(facts))), []  # type: ignore[call-overload]


def _is_like(old: object, new: object) -> bool:
    """Whether a finding is of the shape that the old one had: yes or no, else a text or nothing."""
    if isinstance(old, bool) or isinstance(new, bool):
        return isinstance(old, bool) and isinstance(new, bool)
    return new is None or (isinstance(new, str) and len(new) <= 200)


def receipt_facts(findings: Mapping[str, Any]) -> ReceiptFacts:
    known = {each.name for each in fields(ReceiptFacts)}
    values: dict[str, Any] = {
        name: Decimal(value) if isinstance(value, str) and name != "product_class" else value
        for name, value in findings.items()
        if name in known
    }
    return ReceiptFacts(**{**values, "product_class": ProductClass(findings["product_class"])})


def _place(_fact: Fact, target: Target, typed: str) -> tuple[Prepared, list[Reason]]:
    row = target.row
    position = Position.objects.select_related("container__kind", "container__site").filter(code=typed).first()
    if position is None:
        return Prepared(typed, typed), [Reason(f"There is no position {typed}.", "unknown", "position")]
    if row.removed_at is not None:
        return Prepared(typed, typed), [Reason("It lies there no more: that it lay there stays.", "ended", "position")]
    thing, inside = row.unit or row.sample, taken_among([position.pk]).get(position.pk)
    taken_by = (inside.unit or inside.sample) if inside is not None else None
    facts = PlacementFacts(
        product=thing.product_class if isinstance(thing, Unit) else thing.role,
        accepts=frozenset(position.container.kind.accepts),
        taken_by=taken_by.code if taken_by else "",
        is_final=False,
    )
    reasons = obstacles_to_placing(facts) if position.pk != row.position_id else []
    if position.container.site.code != thing.holder:
        reasons.append(Reason(f"{thing.code} is held by {thing.holder}, not there.", "not-here", "position"))
    return Prepared(typed, typed, position.pk), reasons


def _named(fact: Fact, _target: Target, typed: str) -> tuple[Prepared, list[Reason]]:
    row = named_row(fact, typed)
    if row is None:
        return Prepared(typed, typed), [Reason(f"There is no {fact.label} {typed}.", "unknown", fact.field)]
    return Prepared(typed, typed, row.pk), []


def _typing(_fact: Fact, _target: Target, typed: str) -> tuple[Prepared, list[Reason]]:
    """Take a typing whole, in the form in which it is kept and compared."""
    value = json.loads(typed)
    if reasons := obstacles_to_typing(value):
        return Prepared(typed, value), reasons
    value = canonical_typing(value)
    return Prepared(written(value), value), []


_SPECIAL = {
    FactKind.SOURCE: _source,
    FactKind.TEXTS: _texts,
    FactKind.FINDINGS: _findings,
    FactKind.PLACE: _place,
    FactKind.NAMED: _named,
    FactKind.TYPING: _typing,
    FactKind.VALUES: _texts,
}
