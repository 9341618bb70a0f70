"""The demo's storage tree: two tanks of racks and boxes at the main site, one with a box at the second."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from inventory.domain.container import Grid
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass
from inventory.management.demo.people import Bank
from inventory.models.container import Container
from inventory.services.container import NewContainer, NewContainerKind, register_container_kind, register_containers

BOX = Grid(rows=8, columns=12)
VAPOUR = Decimal(-150)
PRODUCTS = (ProductClass.CORD_BLOOD, ProductClass.PLACENTA, ProductClass.CORD_TISSUE)
VIALS = (ProductClass.MSC, ProductClass.HEPATOCYTE)
# How long each may be too warm, while it is filled or opened, before what is inside is held.
MINUTES, MINUTES_OF_TUBES = 20, 60
SAMPLES = tuple(SampleRole)
# The mother's two tubes, and a vial of DNA and two viable ones kept beside the bag.
TUBES_A_UNIT = 5
KINDS = {
    "room": NewContainerKind("Room", "room", Grid()),
    "tank": NewContainerKind("Vapour-phase tank", "tank", Grid(), warmest_celsius=VAPOUR, minutes_allowed=MINUTES),
    "rack": NewContainerKind("Rack", "rack", Grid(), warmest_celsius=VAPOUR, minutes_allowed=MINUTES),
    "box": NewContainerKind(
        "Canister box 8 x 12", "box", BOX, accepts=PRODUCTS, warmest_celsius=VAPOUR, minutes_allowed=MINUTES
    ),
    "vials": NewContainerKind(
        "Vial box 8 x 12", "box", BOX, accepts=VIALS, warmest_celsius=VAPOUR, minutes_allowed=MINUTES
    ),
    "tubes": NewContainerKind(
        "Tube rack 8 x 12",
        "box",
        BOX,
        accepts=SAMPLES,
        warmest_celsius=Decimal(-70),
        minutes_allowed=MINUTES_OF_TUBES,
    ),
    "shelf": NewContainerKind("Receiving shelf", "shelf", Grid(capacity=40), accepts=PRODUCTS),
}


@dataclass(frozen=True)
class Shelves:
    """Where the demo puts things away: boxes for product and for vials of lots, racks for tubes, the second site's."""

    boxes: Sequence[Container]
    lots: Sequence[Container]
    tubes: Sequence[Container]
    second_tank: Container
    second: Sequence[Container]


def build_shelves(bank: Bank, *, units: int, at: datetime) -> Shelves:
    """Register rooms, tanks, racks and as many boxes and tube racks as the units need."""
    by, site = bank.people["admin"], bank.sites["BANK-A"]
    kinds = {name: register_container_kind(kind, by=by, at=at) for name, kind in KINDS.items()}
    room, other = register_containers(
        [NewContainer("A-R1", kinds["room"], site), NewContainer("B-R1", kinds["room"], bank.sites["BANK-B"])],
        by=by,
        at=at,
    )
    standing = (("A-T01", "tank", room), ("A-T02", "tank", room), ("A-S01", "shelf", room), ("B-T01", "tank", other))
    tanks = register_containers(
        [NewContainer(code, kinds[kind], parent.site, parent) for code, kind, parent in standing], by=by, at=at
    )
    boxes, tubes = boxes_for(units), boxes_for(units * TUBES_A_UNIT)
    racks = register_containers(
        [NewContainer(f"A-T01-R{each + 1:02d}", kinds["rack"], site, tanks[0]) for each in range(boxes // 10 + 1)],
        by=by,
        at=at,
    )
    news = [NewContainer(f"{rack.code}-{box:02d}", kinds["box"], site, rack) for rack, box in _slots(racks, boxes)]
    places = [NewContainer(f"A-T02-S{each + 1:03d}", kinds["tubes"], site, tanks[1]) for each in range(tubes)]
    vials = [NewContainer("A-T02-L01", kinds["vials"], site, tanks[1])]
    second = [NewContainer("B-T01-01", kinds["box"], bank.sites["BANK-B"], tanks[3])]
    made = [register_containers(each, by=by, at=at) for each in (news, vials, places, second)]
    return Shelves(boxes=made[0], lots=made[1], tubes=made[2], second_tank=tanks[3], second=made[3])


def boxes_for(things: int) -> int:
    """How many boxes hold this many things, with one to spare."""
    return -(-things // BOX.size) + 1


def _slots(racks: Sequence[Container], boxes: int) -> Iterator[tuple[Container, int]]:
    for number in range(boxes):
        yield racks[number // 10], number % 10 + 1
