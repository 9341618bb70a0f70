"""The demo's storage tree: two tanks of racks and boxes at the main site, one at the second."""

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
SAMPLES = tuple(SampleRole)
# The mother's two tubes, and a vial of DNA and two viable ones kept beside the bag.
TUBES_A_UNIT = 5


@dataclass(frozen=True)
class Shelves:
    """Where the demo puts things away: boxes for product, racks for tubes."""

    boxes: Sequence[Container]
    tubes: Sequence[Container]


def build_shelves(bank: Bank, *, units: int, at: datetime) -> Shelves:
    """Register rooms, tanks, racks and as many boxes and tube racks as the units need."""
    by = bank.people["admin"]
    kinds = {
        "room": NewContainerKind("Room", "room", Grid()),
        "tank": NewContainerKind("Vapour-phase tank", "tank", Grid(), warmest_celsius=VAPOUR),
        "rack": NewContainerKind("Rack", "rack", Grid(), warmest_celsius=VAPOUR),
        "box": NewContainerKind("Canister box 8 x 12", "box", BOX, accepts=PRODUCTS, warmest_celsius=VAPOUR),
        "tubes": NewContainerKind("Tube rack 8 x 12", "box", BOX, accepts=SAMPLES, warmest_celsius=Decimal(-70)),
        "shelf": NewContainerKind("Receiving shelf", "shelf", Grid(capacity=40), accepts=PRODUCTS),
    }
    made = {name: register_container_kind(kind, by=by, at=at) for name, kind in kinds.items()}
    site, other = bank.sites["BANK-A"], bank.sites["BANK-B"]
    rooms = register_containers(
        [NewContainer("A-R1", made["room"], site), NewContainer("B-R1", made["room"], other)], by=by, at=at
    )
    tanks = register_containers(
        [
            NewContainer("A-T01", made["tank"], site, rooms[0]),
            NewContainer("A-T02", made["tank"], site, rooms[0]),
            NewContainer("B-T01", made["tank"], other, rooms[1]),
            NewContainer("A-S01", made["shelf"], site, rooms[0]),
        ],
        by=by,
        at=at,
    )
    boxes = -(-units // BOX.size) + 1
    racks = register_containers(
        [NewContainer(f"A-T01-R{number:02d}", made["rack"], site, tanks[0]) for number in range(1, boxes // 10 + 2)],
        by=by,
        at=at,
    )
    racks_of_tubes = -(-units * TUBES_A_UNIT // BOX.size) + 1
    tubes = register_containers(
        [
            NewContainer(f"A-T02-S{number:03d}", made["tubes"], site, tanks[1])
            for number in range(1, racks_of_tubes + 1)
        ],
        by=by,
        at=at,
    )
    news = [NewContainer(f"{rack.code}-{box:02d}", made["box"], site, rack) for rack, box in _slots(racks, boxes)]
    return Shelves(boxes=register_containers(news, by=by, at=at), tubes=tubes)


def _slots(racks: list[Container], boxes: int) -> Iterator[tuple[Container, int]]:
    for number in range(boxes):
        yield racks[number // 10], number % 10 + 1
