"""Reading a corrected value as it will be written, and writing it: one column of one row, or what stands for it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from biobank.domain.ledger import plain
from biobank.domain.refusal import Reason
from biobank.models.person import Person
from consent.domain.donor import InfantFacts, Sex
from inventory.domain.container import PlacementFacts, obstacles_to_placing
from inventory.domain.correctable import Fact, FactKind, read_value, written
from inventory.domain.donation import DonationPurpose
from inventory.domain.kinship import Kin, obstacles_to_naming
from inventory.domain.receipt import ReceiptFacts, judge_receipt
from inventory.domain.recovery import ischaemia_minutes
from inventory.domain.unit import ProductClass
from inventory.models.container import Position
from inventory.models.correction import Correction
from inventory.models.unit import Unit
from inventory.queries.correction import Target, taken_from
from inventory.queries.placement import taken_among
from inventory.services.correction_times import disagreements_of_times, infant_named


@dataclass(frozen=True)
class Prepared:
    """A new value: the text by which it is kept, and what is written; ``id`` is the row that it names."""

    text: str
    raw: Any
    id: int | None = None

    @property
    def columns(self) -> dict[str, object]:
        """The value as the database compares it."""
        number = Decimal(self.raw) if isinstance(self.raw, Decimal | int) else None
        return {
            "new_value": self.text,
            "new_number": number,
            "new_time": self.raw if isinstance(self.raw, datetime) else None,
            "new_id": self.id,
        }


InfantWriter = Callable[..., object]
# Consent's rows are written by consent: a door that may call its services declares which (receivers.py).
_infant_writer: list[InfantWriter] = []


def declare_infant_writer(writer: InfantWriter) -> None:
    """Say who writes an infant's facts."""
    _infant_writer[:] = [writer]


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
        prepared, reasons = special(target, value)
    return prepared, [*reasons, *_disagreements(fact, target, prepared, at=at)]


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
    raw: Any = correction.new_time if fact.kind is FactKind.INSTANT else correction.new_number
    if fact.kind is FactKind.WHOLE and raw is not None:
        raw = int(raw)
    if fact.kind in (FactKind.WORD, FactKind.TEXT):
        raw = correction.new_value
    if fact.kind in (FactKind.TEXTS, FactKind.FINDINGS):
        raw = json.loads(correction.new_value)
    return Prepared(correction.new_value, raw, correction.new_id)


def _written_with(fact: Fact, row: Any, prepared: Prepared) -> dict[str, Any]:
    """Return the columns that a fact is written in, with those that are reckoned from it in the same row."""
    if fact.kind is FactKind.SOURCE:
        infant = infant_named(prepared.text)
        return {"donor": infant.donor if infant else None, "infant": infant}
    if fact.kind is FactKind.PLACE:
        return {"position": Position.objects.get(pk=prepared.id or 0)}
    if fact.kind is FactKind.FINDINGS and "product_class" in prepared.raw:
        verdict = judge_receipt(_receipt_facts(prepared.raw))
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


def _source(_target: Target, typed: str) -> tuple[Prepared, list[Reason]]:
    infant = infant_named(typed)
    if infant is None:
        return Prepared(typed, typed), [Reason(f"{typed} is no infant of any donor.", "unknown", "source")]
    return Prepared(typed, typed, infant.pk), []


def _texts(_target: Target, typed: str) -> tuple[Prepared, list[Reason]]:
    value = json.loads(typed)
    return Prepared(written(value), value), []


def _findings(target: Target, typed: str) -> tuple[Prepared, list[Reason]]:
    """Take the findings that are named for new, and leave the others."""
    now, stated = target.row.findings, json.loads(typed)
    merged = {**now, **stated}
    reasons = [
        Reason(f"{name.replace('_', ' ')} was not looked at, or is not found like that.", "finding", "findings")
        for name, value in stated.items()
        if name not in now or not _is_like(now[name], value) or (name == "product_class" and value != now[name])
    ]
    if not reasons and "product_class" in merged:
        try:
            merged = dict(plain(vars(_receipt_facts(merged))))  # type: ignore[call-overload]
        except (InvalidOperation, ValueError, TypeError):
            reasons = [Reason("A measured finding is a number.", "finding", "findings")]
    return Prepared(written(merged), merged), reasons


def _is_like(old: object, new: object) -> bool:
    """Whether a finding is of the shape that the old one had: yes or no, else a text or nothing."""
    if isinstance(old, bool) or isinstance(new, bool):
        return isinstance(old, bool) and isinstance(new, bool)
    return new is None or (isinstance(new, str) and len(new) <= 200)


def _receipt_facts(findings: Mapping[str, Any]) -> ReceiptFacts:
    known = {each.name for each in fields(ReceiptFacts)}
    values: dict[str, Any] = {
        name: Decimal(value) if isinstance(value, str) and name != "product_class" else value
        for name, value in findings.items()
        if name in known
    }
    return ReceiptFacts(**{**values, "product_class": ProductClass(findings["product_class"])})


def _place(target: Target, typed: str) -> tuple[Prepared, list[Reason]]:
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


_SPECIAL = {
    FactKind.SOURCE: _source,
    FactKind.TEXTS: _texts,
    FactKind.FINDINGS: _findings,
    FactKind.PLACE: _place,
}


def _disagreements(fact: Fact, target: Target, prepared: Prepared, *, at: datetime) -> list[Reason]:
    """Return what the new value contradicts: times out of order, a unit that holds less than was taken of it."""
    if fact.noun == "unit" and fact.field in ("volume_ml", "mass_g") and prepared.raw is not None:
        taken = taken_from(target.row.pk)[fact.field]
        more = f"{taken} was taken of {target.subject}, which would hold {prepared.raw}."
        return [Reason(more, "amount", fact.field)] if prepared.raw < taken else []
    if fact.noun == "kinship":
        return _strangers(fact, target.row, prepared)
    if fact.kind not in (FactKind.INSTANT, FactKind.SOURCE):
        return []
    return disagreements_of_times(fact, target, prepared.raw, at=at)


def _strangers(fact: Fact, row: Any, prepared: Prepared) -> list[Reason]:
    """Return why the donation would not name this recipient."""
    kin = Kin(row.recipient.protocol_code, row.recipient.code, row.degree, row.shown_by)
    return obstacles_to_naming(DonationPurpose(row.donation.purpose), replace(kin, **{fact.field: prepared.raw}))
