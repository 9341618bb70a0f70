"""A transfer of the demo: two units in stock and one in quarantine, with its papers, go to the bank's second site."""

from datetime import datetime, timedelta
from decimal import Decimal

from inventory.domain.receipt import Condition
from inventory.domain.shipment import ShipmentKind, Shipper
from inventory.domain.unit import Use
from inventory.management.demo.scene import Scene, born
from inventory.management.demo.unit import available
from inventory.queries.placement import free_positions
from inventory.services.arrival import Besides
from inventory.services.journey import NewShipment, hand_over_shipment, pack_shipment
from inventory.services.paper import enclose_papers
from inventory.services.placement import PutAway, put_away
from inventory.services.receipt import Arrival, receive_shipment

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fill_the_second_site(scene: Scene, at: datetime) -> None:
    """Send three units to the second site, where each is looked at, received and put away."""
    bank, storage, there = scene.bank, scene.bank.people["storage"], scene.bank.people["storage2"]
    units = [*born(scene, at, accepted=False), *available(Use.HUMAN_APPLICATION, 2)]
    new = NewShipment(
        kind=ShipmentKind.TRANSFER,
        from_site=bank.sites["BANK-A"],
        to_site=bank.sites["BANK-B"],
        unit_ids=tuple(unit.pk for unit in units),
        shipper=Shipper.DRY_SHIPPER,
        shipper_code="DRY-0107",
        logger_code="LOG-0412",
        seal_code=f"SEAL-T{at:%y%m%d}",
        courier="Demo Courier",
    )
    packed_at = at + 7 * DAY
    shipment = pack_shipment(new, by=storage, at=packed_at)
    enclose_papers(shipment, by=storage, at=packed_at + HOUR)
    hand_over_shipment(shipment, to="Demo Courier, desk 2", by=storage, at=packed_at + HOUR)
    as_sent = Arrival(
        units={unit.pk: Condition() for unit in units}, besides=Besides(warmest_celsius=Decimal("-181.0"))
    )
    receive_shipment(shipment, as_sent, by=there, at=packed_at + DAY)
    places = free_positions(scene.shelves.second, len(units))
    wanted = [PutAway(place.pk, unit_id=unit.pk) for place, unit in zip(places, units, strict=True)]
    put_away(wanted, reason="put away after the transfer", by=there, at=packed_at + DAY + HOUR)
