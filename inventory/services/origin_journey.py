"""The journey that brought units from another bank, written once it is over, with what was found on each."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal

from biobank.domain.ledger import plain
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from inventory.domain.receipt import Condition, ReceiptDecision, judge_condition
from inventory.domain.sample import SampleRole
from inventory.domain.shipment import FROZEN_KINDS, ShipmentKind, Shipper, kept_frozen, why_not_kept_frozen
from inventory.domain.unit import ProductClass, UnitKind
from inventory.models.receipt import Receipt
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Unit
from inventory.queries.item import Item
from inventory.services.arrival import hold_doubts


@dataclass(frozen=True, kw_only=True)
class ForeignUnit:
    """One unit as it came: its number and product code as scanned, what its papers say, and how it was found.

    ``donor`` is the other bank's code of the donor, by which her units are known to be hers; it is not kept. Reference
    samples came ``attached`` to it, or beside it, to be ``kept``.
    """

    din: str
    product_code: str
    product_class: ProductClass
    kind: UnitKind
    donor: str
    volume_ml: Decimal | None = None
    mass_g: Decimal | None = None
    tnc: int | None = None
    collected_at: datetime | None = None
    frozen_at: datetime | None = None
    condition: Condition = field(default_factory=Condition)
    attached: tuple[SampleRole, ...] = ()
    kept: tuple[SampleRole, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """The journey from another bank: vessel, courier, when it left there, how warm it was, and what was inside."""

    from_site: Site
    to_site: Site
    units: tuple[ForeignUnit, ...]
    shipper_code: str
    courier: str
    handed_over_at: datetime
    logger_code: str = ""
    seal_code: str = ""
    shipper: Shipper = Shipper.DRY_SHIPPER
    warmest_celsius: Decimal | None = None


def depart(inbound: Inbound, *, by: Person, at: datetime) -> Shipment:
    """Write the journey as it was packed there: by nobody of this bank, so the row names who wrote it."""
    shipment = Shipment.objects.create(
        reference=new_code("SHP"),
        kind=ShipmentKind.INBOUND.value,
        from_site=inbound.from_site,
        to_site=inbound.to_site,
        shipper=inbound.shipper.value,
        shipper_code=inbound.shipper_code,
        seal_code=inbound.seal_code,
        logger_code=inbound.logger_code,
        courier=inbound.courier,
        packed_at=inbound.handed_over_at,
        packed_by=by,
    )
    record(
        "shipment.received",
        subjects=[shipment.reference, inbound.from_site.code, inbound.to_site.code],
        by=by,
        at=at,
        new={
            "shipment": shipment.reference,
            "from": inbound.from_site.code,
            "to": inbound.to_site.code,
            "handed_over_at": inbound.handed_over_at,
            "warmest_celsius": inbound.warmest_celsius,
            "shipper": inbound.shipper,
            "shipper_code": inbound.shipper_code,
        },
    )
    return shipment


def arrive(inbound: Inbound, shipment: Shipment, units: Sequence[Unit], *, by: Person, at: datetime) -> None:
    """Write what was found on each, and hold what differs from its papers or was not kept cold."""
    doubts: dict[Item, str] = {}
    receipts = []
    for new, unit in zip(inbound.units, units, strict=True):
        why = _doubt(new, inbound)
        if why:
            doubts[unit] = why
        findings = plain(asdict(new.condition))
        receipts.append(
            Receipt(
                shipment=shipment,
                unit=unit,
                decision=(ReceiptDecision.REJECT if why else ReceiptDecision.ACCEPT).value,
                findings=findings,
                reason=why,
                received_at=at,
                received_by=by,
            )
        )
        record(
            "receipt.recorded",
            subjects=[shipment.reference, unit.code],
            by=by,
            at=at,
            reason=why,
            new={"decision": receipts[-1].decision, "found": findings},
        )
    ShipmentItem.objects.bulk_create((ShipmentItem(shipment=shipment, unit=unit) for unit in units), batch_size=500)
    shipment.handed_over_at, shipment.handed_over_by = inbound.handed_over_at, by
    shipment.received_at, shipment.received_by, shipment.warmest_celsius = at, by, inbound.warmest_celsius
    shipment.save()
    ShipmentItem.objects.filter(shipment=shipment).update(ended_at=at, outcome="received")
    Receipt.objects.bulk_create(receipts, batch_size=500)
    hold_doubts(shipment, doubts, by=by, at=at)


def _doubt(new: ForeignUnit, inbound: Inbound) -> str:
    differences = judge_condition(new.condition)
    said = [f"differs from its papers: {', '.join(differences)}" if differences else ""]
    if new.kind in FROZEN_KINDS and not kept_frozen(inbound.warmest_celsius):
        said.append(why_not_kept_frozen(inbound.warmest_celsius))
    return "; ".join(filter(None, said))
