"""The collection journey: packing at the collection site and handing over to the courier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.sample import SampleState
from inventory.domain.shipment import ItemFacts, PackingFacts, ShipmentKind, Shipper, obstacles_to_packing
from inventory.domain.unit import UnitState
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Unit
from inventory.queries.sample import lock_samples
from inventory.queries.shipment import in_collection_shipments, lock_shipment, sample_ids_inside, unit_ids_inside
from inventory.queries.unit import lock_units, with_codes_behind
from inventory.services.sample import change_holder


class CollectionRefused(RuleViolation):
    """A collection shipment cannot be packed or handed over as asked."""

    code = "collection-refused"
    title = "The shipment was not changed"
    mend = "Look at the shipment's page, then pack again what stands at the collection site."


@dataclass(frozen=True)
class CollectionShipment:
    """A box from a collection site to the bank, its logger and courier, and what is inside (by id)."""

    from_site: Site
    to_site: Site
    unit_ids: tuple[int, ...]
    sample_ids: tuple[int, ...]
    box_code: str
    logger_code: str
    courier: str
    seal_code: str = ""


@service
def pack_collection(new: CollectionShipment, *, by: Person, at: datetime) -> Shipment:
    """Pack collected units and their tubes, all or nothing.

    Raises ``CollectionRefused`` with everything that is not at the collection site, or is packed already.
    """
    units, samples = lock_units(new.unit_ids), lock_samples(new.sample_ids)
    _check(new, units, samples)
    shipment = Shipment.objects.create(
        reference=new_code("SHP"),
        kind="collection",
        from_site=new.from_site,
        to_site=new.to_site,
        shipper="box",
        shipper_code=new.box_code,
        seal_code=new.seal_code,
        logger_code=new.logger_code,
        courier=new.courier,
        packed_at=at,
        packed_by=by,
    )
    _write_items(shipment, units, samples)
    record(
        "shipment.packed",
        subjects=[shipment.reference, *_codes(units), *(sample.code for sample in samples)],
        by=by,
        at=at,
        new={
            "shipment": shipment.reference,
            "from": new.from_site.code,
            "to": new.to_site.code,
            "box": new.box_code,
            "seal": new.seal_code,
            "logger": new.logger_code,
            "units": len(units),
            "samples": len(samples),
        },
    )
    return shipment


@service
def hand_over_collection(shipment: Shipment, *, to: str, by: Person, at: datetime) -> Shipment:
    """Give a packed box to the courier, who holds what is inside from now on."""
    check_text(to, "to", longest=120)
    shipment = lock_shipment(shipment.pk)
    if shipment.kind != ShipmentKind.COLLECTION:
        raise CollectionRefused(f"{shipment.reference} is no collection: it is handed over another way.")
    if shipment.handed_over_at is not None:
        raise CollectionRefused(f"{shipment.reference} was handed over already.")
    # What was discarded since it was packed does not travel.
    units = [each for each in lock_units(unit_ids_inside(shipment.pk)) if each.state == UnitState.COLLECTED]
    samples = [each for each in lock_samples(sample_ids_inside(shipment.pk)) if each.state == SampleState.STORED]
    shipment.handed_over_at, shipment.handed_over_by, shipment.handed_over_to = at, by, to
    shipment.save(update_fields=["handed_over_at", "handed_over_by", "handed_over_to"])
    behind = with_codes_behind(units)
    for unit in units:
        record(
            "shipment.handed_over",
            subjects=[shipment.reference, *behind[unit.pk]],
            item=unit.code,
            by=by,
            at=at,
            old={"holder": unit.holder},
            new={"holder": shipment.reference, "courier": shipment.courier, "to": to},
        )
        unit.holder = shipment.reference
    Unit.objects.bulk_update(units, ["holder"])
    change_holder(samples, shipment.reference, kind="shipment.handed_over", also=[shipment.reference], by=by, at=at)
    return shipment


def _check(new: CollectionShipment, units: Sequence[Unit], samples: Sequence[ReferenceSample]) -> None:
    facts = PackingFacts(
        kind=ShipmentKind.COLLECTION,
        shipper=Shipper.BOX,
        from_site=new.from_site.code,
        to_site=new.to_site.code,
        items=tuple(ItemFacts(unit.code, UnitState(unit.state)) for unit in units),
        samples=len(samples),
        shipper_code=new.box_code,
        seal_code=new.seal_code,
        logger_code=new.logger_code,
        courier=new.courier,
    )
    reasons = obstacles_to_packing(facts)
    if len(units) != len(set(new.unit_ids)) or len(samples) != len(set(new.sample_ids)):
        reasons.append(Reason("A unit or sample named does not exist.", "unknown", "units"))
    holders = {thing.code: thing.holder for things in (units, samples) for thing in things}
    reasons += [
        Reason(f"{code} is at {holder}, not here.", "not-here", "units")
        for code, holder in holders.items()
        if holder != new.from_site.code
    ]
    gone = [sample for sample in samples if sample.state != SampleState.STORED]
    reasons += [Reason(f"{sample.code} is {sample.state}.", "state", "samples") for sample in gone]
    packed = in_collection_shipments(unit_ids=[unit.pk for unit in units], sample_ids=[sample.pk for sample in samples])
    reasons += [
        Reason(f"{code} is packed in {reference}.", "packed", "units") for code, reference in sorted(packed.items())
    ]
    if reasons:
        raise CollectionRefused("Nothing was packed.", reasons=reasons)


def _write_items(shipment: Shipment, units: Sequence[Unit], samples: Sequence[ReferenceSample]) -> None:
    ShipmentItem.objects.bulk_create(
        [
            *(ShipmentItem(shipment=shipment, unit=unit) for unit in units),
            *(ShipmentItem(shipment=shipment, sample=sample) for sample in samples),
        ]
    )


def _codes(units: Sequence[Unit]) -> list[str]:
    return [unit.code for unit in units]
