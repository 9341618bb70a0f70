"""What a corrected value would contradict: other times, what was taken of a unit, other rows, what a report can say."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from biobank.domain.refusal import Reason
from inventory.domain.amount import measured_by
from inventory.domain.correctable import Fact, FactKind
from inventory.domain.donation import DonationPurpose
from inventory.domain.kinship import Kin, obstacles_to_naming
from inventory.domain.outcome import OutcomeFacts, OutcomeKind, obstacles_to_report
from inventory.domain.unit import UnitState
from inventory.models.batch import BatchUse
from inventory.models.equipment import Equipment, EquipmentUse
from inventory.models.identifier import Identifier
from inventory.models.unit import Lineage
from inventory.queries.correction import Target, taken_from, taken_in_run, using_up
from inventory.queries.shipment import last_release_shipments
from inventory.services.amount import amounts_of
from inventory.services.correction_row import Prepared
from inventory.services.correction_times import disagreements_of_times

VESSEL = ("shipper_code", "logger_code")


def contradictions(fact: Fact, target: Target, prepared: Prepared, *, at: datetime) -> list[Reason]:
    """Return everything else on record that the new value contradicts."""
    if fact.kind in (FactKind.INSTANT, FactKind.SOURCE):
        return disagreements_of_times(fact, target, prepared.raw, at=at)
    check = _CHECKS.get(fact.noun)
    return check(fact, target.row, prepared) if check is not None else []


def vessel_used(shipment: Any, code: str) -> EquipmentUse | None:
    """Return the use of the device of this code by a shipment, if one is written."""
    return EquipmentUse.objects.filter(shipment=shipment, equipment__code=code).select_related("equipment").first()


def is_drawn(step: Lineage) -> bool:
    """Whether a step took its part of a parent that lived on after it."""
    last = using_up(step.parent)
    return step.processing_id is not None and (last is None or last.processing_id != step.processing_id)


def _of_unit(fact: Fact, row: Any, prepared: Prepared) -> list[Reason]:
    """Return that a unit would have held less than was taken of it."""
    if fact.field not in ("volume_ml", "mass_g") or prepared.raw is None:
        return []
    taken = taken_from(row.pk)[fact.field]
    more = f"{taken} was taken of {row.code}, which would hold {prepared.raw}."
    return [Reason(more, "amount", fact.field)] if prepared.raw < taken else []


def _of_lineage(fact: Fact, row: Any, prepared: Prepared) -> list[Reason]:
    """Return that more would be taken of a parent than it held, or by another measure than its own."""
    parent = row.parent
    own = "taken_g" if parent.volume_ml is None else "taken_ml"
    if fact.field != own:
        return [Reason(f"What is taken of {parent.code} is its {own.removeprefix('taken_')}.", "measure", fact.field)]
    holds = measured_by(amounts_of(parent))
    if holds is None:
        return []
    moved = prepared.raw - (getattr(row, fact.field) or Decimal(0))
    last = using_up(parent)
    if is_drawn(row):
        needed = taken_in_run(last)[own] if last is not None else Decimal("0.01")
        enough = holds - moved >= needed
    else:
        enough = taken_in_run(row)[own] + moved <= holds
    more = f"{parent.code} did not hold so much: {prepared.raw} cannot have been taken of it."
    return [] if enough else [Reason(more, "amount", fact.field)]


def _of_kinship(fact: Fact, row: Any, prepared: Prepared) -> list[Reason]:
    """Return why the donation would not name this recipient."""
    kin = Kin(row.recipient.protocol_code, row.recipient.code, row.degree, row.shown_by)
    return obstacles_to_naming(DonationPurpose(row.donation.purpose), replace(kin, **{fact.field: prepared.raw}))


def _of_request(fact: Fact, row: Any, prepared: Prepared) -> list[Reason]:
    if fact.field == "needed_by" and prepared.raw is not None and prepared.raw < row.requested_at.date():
        return [Reason("It was asked for after the day it would be needed by.", "past", fact.field)]
    if fact.field == "recipient_typing" and prepared.raw and row.recipient is None:
        return [Reason("A typing is somebody's, and the request names no recipient.", "missing", fact.field)]
    return []


def _of_outcome(fact: Fact, row: Any, prepared: Prepared) -> list[Reason]:
    """Return what the report cannot have said, on the day on which it was made."""
    journey = last_release_shipments([row.unit_id], until=row.reported_at).get(row.unit_id)
    said = {"kind": row.kind, "outcome_date": row.outcome_date, "values": row.values} | {fact.field: prepared.raw}
    facts = OutcomeFacts(
        kind=OutcomeKind(said["kind"]),
        outcome_date=said["outcome_date"],
        values=said["values"],
        state=UnitState(row.unit.state),
        shipped_on=journey.handed_over_at.date() if journey and journey.handed_over_at else None,
        has_recipient=row.recipient is not None,
    )
    return obstacles_to_report(facts, today=row.reported_at.date())


def _of_batch_use(fact: Fact, row: Any, prepared: Prepared) -> list[Reason]:
    same = BatchUse.objects.filter(processing=row.processing_id, donation=row.donation_id).exclude(pk=row.pk)
    return _named_already(fact, prepared, named=same.filter(batch=prepared.id or 0).exists())


def _of_equipment_use(fact: Fact, row: Any, prepared: Prepared) -> list[Reason]:
    if row.shipment_id is not None:
        text = "The device of a shipment follows the code of its shipper or logger: correct that."
        return [Reason(text, "follows", fact.field)]
    same = EquipmentUse.objects.filter(processing=row.processing_id).exclude(pk=row.pk)
    return _named_already(fact, prepared, named=same.filter(equipment=prepared.id or 0).exists())


def _named_already(fact: Fact, prepared: Prepared, *, named: bool) -> list[Reason]:
    return [Reason(f"{prepared.text} is named there already.", "named", fact.field)] if named else []


def _of_shipment(fact: Fact, row: Any, prepared: Prepared) -> list[Reason]:
    """Return that what would have travelled is no device of the bank's, or another one than travels so."""
    used = vessel_used(row, getattr(row, fact.field)) if fact.field in VESSEL else None
    if used is None:
        return []
    wanted = used.equipment.kind
    if Equipment.objects.filter(code=prepared.text, kind=wanted).exists():
        return []
    text = f"{prepared.text} is no {wanted.replace('_', ' ')} of the bank: register it first."
    return [Reason(text, "unknown-device", fact.field)]


def _of_identifier(fact: Fact, row: Any, prepared: Prepared) -> list[Reason]:
    """Return that the code is another thing's from the same issuer."""
    named = {"issuer": row.issuer, "value": row.value} | {fact.field: prepared.text}
    other = Identifier.objects.filter(**named).exclude(pk=row.pk).select_related("unit", "sample").first()
    if other is None:
        return []
    return [Reason(f"{other} is {(other.unit or other.sample)}.", "taken", fact.field)]


_CHECKS: Mapping[str, Callable[[Fact, Any, Prepared], list[Reason]]] = {
    "unit": _of_unit,
    "lineage": _of_lineage,
    "kinship": _of_kinship,
    "request": _of_request,
    "outcome": _of_outcome,
    "batch_use": _of_batch_use,
    "equipment_use": _of_equipment_use,
    "shipment": _of_shipment,
    "identifier": _of_identifier,
}
