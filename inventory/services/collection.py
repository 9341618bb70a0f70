"""The collection journey: what a collection site packs for the bank."""

from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.service import service
from inventory.domain.shipment import ShipmentKind, ShipmentRefused
from inventory.models.shipment import Shipment
from inventory.services.journey import NewShipment, hand_over_shipment, pack_shipment


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
    """Pack collected units and their tubes. Raises ``ShipmentRefused`` as for every journey."""
    packed = NewShipment(
        kind=ShipmentKind.COLLECTION,
        from_site=new.from_site,
        to_site=new.to_site,
        unit_ids=new.unit_ids,
        sample_ids=new.sample_ids,
        shipper_code=new.box_code,
        seal_code=new.seal_code,
        logger_code=new.logger_code,
        courier=new.courier,
    )
    return pack_shipment(packed, by=by, at=at)


@service
def hand_over_collection(shipment: Shipment, *, to: str, by: Person, at: datetime) -> Shipment:
    """Give a packed collection to the courier. Raises ``ShipmentRefused`` as for every journey, and for another."""
    if shipment.kind != ShipmentKind.COLLECTION:
        raise ShipmentRefused(f"{shipment.reference} is no collection: it is handed over another way.")
    return hand_over_shipment(shipment, to=to, by=by, at=at)
