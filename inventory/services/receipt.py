"""Receipt: what came against what was sent, written once for every kind of shipment; each difference holds its item."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from biobank.domain.ledger import plain
from biobank.domain.text import obstacles_to_text
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.journey import JOURNEYS
from inventory.domain.receipt import (
    Condition,
    ReceiptDecision,
    ReceiptFacts,
    judge_condition,
    judge_receipt,
    obstacles_to_measured,
    told_differing,
)
from inventory.domain.shipment import ShipmentKind, ShipmentRefused
from inventory.domain.unit import Event, UnitState
from inventory.models.receipt import Receipt
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Unit
from inventory.queries.item import Item
from inventory.queries.shipment import Loaded, lock_loaded
from inventory.services.arrival import Besides, Travelled, check_arrival, doubts_of, hold_doubts, read_extra
from inventory.services.journey import change_unit_holders, end_items
from inventory.services.sample import change_holder
from inventory.services.unit import Change, change_states


@dataclass(frozen=True, kw_only=True)
class Seen:
    """How one thing was found: the decision with its reason, what was looked at, and the doubt that holds it, if any.

    ``change`` is what receiving does to a unit's state, where it does.
    """

    decision: ReceiptDecision = ReceiptDecision.ACCEPT
    reason: str = ""
    findings: object = field(default_factory=dict)
    doubt: str = ""
    change: Change | None = None


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What a laboratory or another site of the bank received: the condition of each unit and sample, by id."""

    units: Mapping[int, Condition] = field(default_factory=dict)
    samples: Mapping[int, Condition] = field(default_factory=dict)
    besides: Besides = field(default_factory=Besides)


@service
def receive_collection(
    shipment: Shipment, found: Mapping[int, ReceiptFacts], *, besides: Besides | None = None, by: Person, at: datetime
) -> list[Receipt]:
    """Receive a collection shipment: ``found`` says, by unit id, what was looked at on each item.

    The bank's criteria decide each: accept, accept for laboratory use, or reject; every difference places a hold.
    Raises ``ShipmentRefused`` unless every unit sent, but for those recorded as lost since, is stated or said missing,
    and what was measured of it is a number.
    """
    loaded = lock_loaded(shipment.pk)
    if loaded.shipment.kind != ShipmentKind.COLLECTION:
        raise ShipmentRefused(f"{loaded.shipment.reference} is no collection shipment.", field="shipment")
    if reasons := [each for facts in found.values() for each in obstacles_to_measured(facts)]:
        raise ShipmentRefused(f"{loaded.shipment.reference} cannot be received as stated.", reasons=reasons)
    change = Change(
        kind="shipment.received",
        event=Event.RECEIVED_AT_BANK,
        to=UnitState.QUARANTINED,
        reason="received at the bank",
        also=(loaded.shipment.reference,),
        holder=loaded.shipment.to_site.code,
    )
    seen = {unit_id: _judged(facts, change) for unit_id, facts in found.items()}
    return arrive(loaded, seen, {}, besides or Besides(), by=by, at=at)


@service
def receive_shipment(shipment: Shipment, arrival: Arrival, *, by: Person, at: datetime) -> list[Receipt]:
    """Receive samples at a laboratory, or a transfer: each thing keeps its state, and its new holder has it.

    Raises ``ShipmentRefused`` unless everything sent is stated or said missing.
    """
    loaded = lock_loaded(shipment.pk)
    if JOURNEYS[ShipmentKind(loaded.shipment.kind)].arrives_by is not None:
        raise ShipmentRefused(f"{loaded.shipment.reference} is received another way.", field="shipment")
    conditions = {**arrival.units, **arrival.samples}.values()
    if reasons := [each for found in conditions for each in obstacles_to_text(found.note, "note", longest=200)]:
        raise ShipmentRefused(f"{loaded.shipment.reference} cannot be received as stated.", reasons=reasons)
    units = {pk: _conditioned(condition) for pk, condition in arrival.units.items()}
    samples = {pk: _conditioned(condition) for pk, condition in arrival.samples.items()}
    return arrive(loaded, units, samples, arrival.besides, by=by, at=at)


def arrive(
    loaded: Loaded,
    units: Mapping[int, Seen],
    samples: Mapping[int, Seen],
    besides: Besides,
    *,
    also: tuple[str, ...] = (),
    by: Person,
    at: datetime,
) -> list[Receipt]:
    """Receive what is locked: write what came, hold what differs, and leave open what is missing.

    What was missing at a first receipt is received by another one, once it has come.
    """
    travelled = check_arrival(loaded, units, samples, besides, by=by, at=at)
    extra = read_extra(travelled, besides)
    shipment = loaded.shipment
    came: list[Item] = [*travelled.units, *travelled.samples]
    seen = {**{each.code: units[each.pk] for each in travelled.units}, **_of_samples(travelled, samples)}
    _write_shipment(shipment, besides, travelled, by=by, at=at)
    end_items(came, "received", at=at)
    end_items(travelled.over, "lost", at=at)
    _open(travelled)
    receipts = _receipts(shipment, came, seen, by=by, at=at)
    told = {
        "shipment": shipment.reference,
        "warmest_celsius": travelled.warmest_celsius,
        "received": sorted(thing.code for thing in came),
        "missing": sorted(thing.code for thing in travelled.missing),
        "extra": sorted(besides.extra),
        "seal_intact": besides.seal_intact,
        "logger_file": shipment.logger_file_sha256,
    }
    subjects = [shipment.reference, shipment.to_site.code, *also, *(thing.code for thing in travelled.missing)]
    record("shipment.received", subjects=subjects, by=by, at=at, new=told)
    # Judged as things travelled: what was collected fresh is in quarantine, and no more to be told from frozen, then.
    doubts = doubts_of(travelled, besides, {code: each.doubt for code, each in seen.items()})
    _change(loaded, travelled, seen, also=also, by=by, at=at)
    hold_doubts(shipment, {**doubts, **extra}, by=by, at=at)
    return receipts


def _judged(facts: ReceiptFacts, change: Change) -> Seen:
    verdict = judge_receipt(facts)
    return Seen(
        decision=verdict.decision,
        reason="; ".join(verdict.reasons),
        findings=plain(asdict(facts)),
        doubt=verdict.doubt,
        change=change,
    )


def _conditioned(condition: Condition) -> Seen:
    differences = judge_condition(condition)
    doubt = told_differing(differences)
    decision = ReceiptDecision.REJECT if differences else ReceiptDecision.ACCEPT
    return Seen(decision=decision, reason=doubt, findings=plain(asdict(condition)), doubt=doubt)


def _of_samples(travelled: Travelled, samples: Mapping[int, Seen]) -> dict[str, Seen]:
    return {each.code: samples[each.pk] for each in travelled.samples if each.pk in samples}


def _write_shipment(shipment: Shipment, besides: Besides, travelled: Travelled, *, by: Person, at: datetime) -> None:
    if shipment.received_at is not None:
        return
    shipment.received_at, shipment.received_by = at, by
    shipment.warmest_celsius = travelled.warmest_celsius
    shipment.logger_file_sha256 = besides.logger.content_sha256 if besides.logger else ""
    shipment.save(update_fields=["received_at", "received_by", "warmest_celsius", "logger_file_sha256"])


def _open(travelled: Travelled) -> None:
    """Write what did not come: its journey goes on, and the courier answers for it."""
    units = [thing.pk for thing in travelled.missing if isinstance(thing, Unit)]
    samples = [thing.pk for thing in travelled.missing if isinstance(thing, ReferenceSample)]
    open_ones = ShipmentItem.objects.filter(ended_at__isnull=True)
    open_ones.filter(unit_id__in=units).update(outcome="missing")
    open_ones.filter(sample_id__in=samples).update(outcome="missing")


def _receipts(
    shipment: Shipment, came: Sequence[Item], seen: Mapping[str, Seen], *, by: Person, at: datetime
) -> list[Receipt]:
    rows = []
    for thing in came:
        if (found := seen.get(thing.code)) is None:
            continue
        rows.append(
            Receipt(
                shipment=shipment,
                unit=thing if isinstance(thing, Unit) else None,
                sample=thing if isinstance(thing, ReferenceSample) else None,
                decision=found.decision.value,
                findings=found.findings,
                reason=found.reason,
                received_at=at,
                received_by=by,
            )
        )
        new = {"decision": found.decision, "found": found.findings}
        subjects = [shipment.reference, thing.code]
        record("receipt.recorded", subjects=subjects, by=by, at=at, reason=found.reason, new=new)
    return Receipt.objects.bulk_create(rows, batch_size=500)


def _change(
    loaded: Loaded, travelled: Travelled, seen: Mapping[str, Seen], *, also: tuple[str, ...], by: Person, at: datetime
) -> None:
    """Write the new state and holder of each thing that came, and of what is attached to it."""
    shipment, here = loaded.shipment, loaded.shipment.to_site.code
    kind, named = "shipment.received", (shipment.reference, *also)
    changed: dict[int, tuple[Change, list[Unit]]] = {}
    for unit in travelled.units:
        if (change := seen[unit.code].change) is not None:
            changed.setdefault(id(change), (change, []))[1].append(unit)
    for change, units in changed.values():
        change_states(units, change, by=by, at=at)
    kept = [unit for unit in travelled.units if seen[unit.code].change is None]
    change_unit_holders(kept, here, kind=kind, also=named, told={}, by=by, at=at)
    came = {unit.pk for unit in travelled.units}
    attached = [sample for sample in loaded.attached if sample.unit_id in came]
    change_holder([*travelled.samples, *attached], here, kind=kind, also=named, by=by, at=at)
