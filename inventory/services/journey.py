"""Journeys: packing, handing over and unpacking, written once for every kind of shipment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from biobank.domain.refusal import Reason
from biobank.domain.site import SiteKind
from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.journey import JOURNEYS, PackingFacts, check_packing, obstacles_to_hand_over
from inventory.domain.sample import FINAL as ENDED_SAMPLES
from inventory.domain.sample import SampleState
from inventory.domain.shipment import ShipmentKind, ShipmentRefused, Shipper
from inventory.domain.unit import FINAL, UnitState
from inventory.models.release import Release
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Unit
from inventory.queries.item import Item
from inventory.queries.journey import item_facts
from inventory.queries.sample import lock_samples
from inventory.queries.shipment import Loaded, lock_loaded, papers_in
from inventory.queries.unit import lock_units, with_codes_behind
from inventory.services.arrival import obstacles_to_acting_for
from inventory.services.paper import papers_due
from inventory.services.placement import take_out
from inventory.services.sample import change_holder
from inventory.services.unit import Change, change_states
from inventory.services.vessel import find_vessel, obstacles_to_vessel, use_vessel, vessel_of

LONGEST_NAME = 120


@dataclass(frozen=True, kw_only=True)
class NewShipment:
    """A box or dry shipper from one site to another, its logger, seal and courier, and what is inside (by id)."""

    kind: ShipmentKind
    from_site: Site
    to_site: Site
    unit_ids: tuple[int, ...] = ()
    sample_ids: tuple[int, ...] = ()
    shipper_code: str
    courier: str
    seal_code: str
    logger_code: str = ""
    shipper: Shipper = Shipper.BOX


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is packed, locked and fresh; of a release also what was released, picked and held, and whom to name."""

    new: NewShipment
    units: Sequence[Unit]
    samples: Sequence[ReferenceSample] = ()
    release: Release | None = None
    released: frozenset[str] = frozenset()
    picked: Collection[int] = ()
    held: Collection[int] = ()
    also: tuple[str, ...] = ()
    told: Mapping[str, object] = field(default_factory=dict)


@service
def pack_shipment(new: NewShipment, *, by: Person, at: datetime) -> Shipment:
    """Pack units and samples for any journey but a release, all or nothing; what lay in a position is taken out of it.

    Raises ``ShipmentRefused`` with everything that cannot be inside, is not here, or is packed already.
    """
    units, samples = lock_units(new.unit_ids), lock_samples(new.sample_ids)
    return pack_load(Load(new=new, units=units, samples=samples), by=by, at=at)


def pack_load(load: Load, *, by: Person, at: datetime) -> Shipment:
    """Pack what is locked. Raises ``ShipmentRefused`` with every obstacle of the journey, its items and its vessel."""
    new = load.new
    things: list[Item] = [*load.units, *load.samples]
    vessel, facts = find_vessel(new.shipper, new.shipper_code, new.logger_code), _packing_facts(load)
    reasons = [
        *obstacles_to_acting_for(new.from_site, by, field="from_site"),
        *obstacles_to_vessel(vessel, from_=at, until=at),
    ]
    if len(load.units) != len(set(new.unit_ids)) or len(load.samples) != len(set(new.sample_ids)):
        reasons.append(Reason("A unit or sample named does not exist.", "unknown", "items"))
    check_packing(facts, reasons)
    shipment = Shipment.objects.create(
        reference=new_code("SHP"),
        kind=new.kind.value,
        from_site=new.from_site,
        to_site=new.to_site,
        release=load.release,
        shipper=new.shipper.value,
        shipper_code=new.shipper_code,
        seal_code=new.seal_code,
        logger_code=new.logger_code,
        courier=new.courier,
        packed_at=at,
        packed_by=by,
    )
    _write_items(shipment, things)
    use_vessel(shipment, vessel)
    if JOURNEYS[new.kind].unshelves:
        shelved = [thing for thing, item in zip(things, facts.items, strict=True) if item.lies_in]
        take_out(shelved, reason=f"Packed in {shipment.reference}.", by=by, at=at)
    subjects = [shipment.reference, new.to_site.code, *load.also, *(thing.code for thing in things)]
    record("shipment.packed", subjects=subjects, by=by, at=at, new={**_told(shipment, load), **load.told})
    return shipment


@service
def hand_over_shipment(shipment: Shipment, *, to: str, by: Person, at: datetime) -> Shipment:
    """Give a packed shipment of any kind but a release to the courier, who holds what is inside from now on.

    What came to an end since it was packed does not travel. Raises ``ShipmentRefused`` with every obstacle.
    """
    check_text(to, "to", longest=LONGEST_NAME)
    loaded = lock_loaded(shipment.pk)
    if loaded.shipment.kind == ShipmentKind.RELEASE:
        raise ShipmentRefused(f"{loaded.shipment.reference} is a release: it is handed over past its gates.")
    return depart(loaded, to=to, by=by, at=at)


def check_packed(shipment: Shipment) -> None:
    """Raise ``ShipmentRefused`` for a locked shipment that was handed over already."""
    if shipment.handed_over_at is not None:
        raise ShipmentRefused(f"{shipment.reference} was handed over already.")


def depart(loaded: Loaded, *, to: str, also: tuple[str, ...] = (), by: Person, at: datetime) -> Shipment:
    """Hand over a locked shipment, and write with each thing inside that the courier holds it."""
    shipment, kind = loaded.shipment, ShipmentKind(loaded.shipment.kind)
    check_packed(shipment)
    over = [unit for unit in loaded.units if UnitState(unit.state) in FINAL]
    spent = [sample for sample in loaded.samples if SampleState(sample.state) in ENDED_SAMPLES]
    units = [unit for unit in loaded.units if unit not in over]
    samples = [sample for sample in loaded.samples if sample not in spent]
    reasons = obstacles_to_hand_over(
        kind, item_facts([*units, *samples]), said=papers_in(shipment.pk), true=papers_due(kind, units)
    )
    reasons += obstacles_to_vessel(vessel_of(shipment), from_=at, until=at)
    reasons += obstacles_to_acting_for(shipment.from_site, by, field="shipment")
    if reasons:
        raise ShipmentRefused(f"{shipment.reference} cannot be handed over.", reasons=reasons)
    end_items([*over, *spent], "taken_out", at=at)
    shipment.handed_over_at, shipment.handed_over_by, shipment.handed_over_to = at, by, to
    shipment.save(update_fields=["handed_over_at", "handed_over_by", "handed_over_to"])
    new = {"shipment": shipment.reference, "courier": shipment.courier, "to": to, "items": len(units) + len(samples)}
    subjects = [shipment.reference, shipment.to_site.code, *also]
    record("shipment.handed_over", subjects=subjects, by=by, at=at, new=new)
    _leave(loaded, units, samples, also=(shipment.reference, *also), by=by, at=at)
    return shipment


@service
def unpack_shipment(shipment: Shipment, *, because: str, by: Person, at: datetime) -> Shipment:
    """Take everything out of a shipment that was not handed over: the journey is given up."""
    check_text(because, "because", longest=500)
    loaded = lock_loaded(shipment.pk)
    check_packed(loaded.shipment)
    if reasons := obstacles_to_acting_for(loaded.shipment.from_site, by, field="shipment"):
        raise ShipmentRefused(f"{loaded.shipment.reference} stays packed.", reasons=reasons)
    unpack(loaded.shipment, because=because, by=by, at=at)
    return loaded.shipment


def unpack(shipment: Shipment, *, because: str, by: Person, at: datetime) -> None:
    """End the journey of all that is in a shipment that was not handed over."""
    items = list(shipment.items.filter(ended_at__isnull=True).select_related("unit", "sample"))
    if not items:
        return
    codes = [thing.code for item in items if (thing := item.unit or item.sample)]
    ShipmentItem.objects.filter(pk__in=[item.pk for item in items]).update(ended_at=at, outcome="taken_out")
    new = {"shipment": shipment.reference, "taken_out": sorted(codes)}
    record("shipment.unpacked", subjects=[shipment.reference, *codes], by=by, at=at, reason=because, new=new)


def unpack_release(release: Release, *, because: str, by: Person, at: datetime) -> None:
    """End the journey of what was packed for a release that came to nothing, before it was handed over."""
    for shipment in Shipment.objects.filter(release=release, handed_over_at__isnull=True):
        unpack(shipment, because=because, by=by, at=at)


def end_items(things: Collection[Item], outcome: str, *, at: datetime) -> None:
    """Write how the journeys of these things ended: received, taken out or lost."""
    units = [thing.pk for thing in things if isinstance(thing, Unit)]
    samples = [thing.pk for thing in things if isinstance(thing, ReferenceSample)]
    ended = Q(unit_id__in=units) | Q(sample_id__in=samples)
    ShipmentItem.objects.filter(ended, ended_at__isnull=True).update(ended_at=at, outcome=outcome)


def change_unit_holders(
    units: Sequence[Unit],
    holder: str,
    *,
    kind: str,
    also: Collection[str],
    told: Mapping[str, object],
    by: Person,
    at: datetime,
) -> None:
    """Write who holds locked units that travel without a change of state, and record each."""
    behind = with_codes_behind(units)
    for unit in units:
        old, new = {"holder": unit.holder}, {"holder": holder, **told}
        record(kind, subjects=[*also, *behind[unit.pk]], item=unit.code, by=by, at=at, old=old, new=new)
        unit.holder = holder
    Unit.objects.bulk_update(units, ["holder"], batch_size=500)


def _leave(
    loaded: Loaded,
    units: Sequence[Unit],
    samples: Sequence[ReferenceSample],
    *,
    also: tuple[str, ...],
    by: Person,
    at: datetime,
) -> None:
    shipment, to = loaded.shipment, loaded.shipment.handed_over_to
    here, entry = shipment.reference, "shipment.handed_over"
    row = JOURNEYS[ShipmentKind(shipment.kind)]
    if row.leaves_by is not None:
        reason = f"Handed over to {to} in {here}."
        change = Change("unit.shipped", row.leaves_by, UnitState.SHIPPED, reason, also=also, holder=here)
        change_states(units, change, by=by, at=at)
    else:
        told = {"courier": shipment.courier, "to": to}
        change_unit_holders(units, here, kind=entry, also=also, told=told, by=by, at=at)
    gone = {unit.pk for unit in units}
    attached = [sample for sample in loaded.attached if sample.unit_id in gone]
    change_holder([*samples, *attached], here, kind=entry, also=also, by=by, at=at)


def _write_items(shipment: Shipment, things: Sequence[Item]) -> None:
    """Write what is inside; the index has the last word on what is in another shipment, and is told by name."""
    ShipmentItem.objects.bulk_create(
        (
            ShipmentItem(
                shipment=shipment,
                unit=thing if isinstance(thing, Unit) else None,
                sample=thing if isinstance(thing, ReferenceSample) else None,
            )
            for thing in things
        ),
        ignore_conflicts=True,
        batch_size=500,
    )
    inside = shipment.items.values_list("unit__code", "sample__code")
    if missing := sorted({thing.code for thing in things} - {unit or sample for unit, sample in inside}):
        reasons = [Reason(f"{code} is packed in another shipment.", "packed", "items") for code in missing]
        raise ShipmentRefused("This shipment cannot be packed as stated.", reasons=reasons)


def _told(shipment: Shipment, load: Load) -> dict[str, object]:
    return {
        "shipment": shipment.reference,
        "kind": shipment.kind,
        "from": shipment.from_site.code,
        "to": shipment.to_site.code,
        "shipper": shipment.shipper_code,
        "logger": shipment.logger_code,
        "seal": shipment.seal_code,
        "courier": shipment.courier,
        "units": sorted(unit.code for unit in load.units),
        "samples": sorted(sample.code for sample in load.samples),
    }


def _packing_facts(load: Load) -> PackingFacts:
    new = load.new
    return PackingFacts(
        kind=new.kind,
        shipper=new.shipper,
        from_=new.from_site.code,
        to=new.to_site.code,
        route=(SiteKind(new.from_site.kind), SiteKind(new.to_site.kind)),
        items=item_facts([*load.units, *load.samples], picked=load.picked, held=load.held),
        logger_code=new.logger_code,
        release=load.release.reference if load.release else "",
        released_units=load.released,
        shipper_code=new.shipper_code,
        seal_code=new.seal_code,
        courier=new.courier,
    )
