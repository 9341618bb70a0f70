"""A pool of the demo: two cords grown into one lot under a DIN of its own, which waits to be judged."""

from datetime import datetime, timedelta

from inventory.domain.unit import ProductClass
from inventory.management.demo import stock
from inventory.management.demo.birth import Month, consent_mothers, next_serial, register_births, typed_din
from inventory.management.demo.collection import bring_to_bank
from inventory.management.demo.lot import grow
from inventory.management.demo.results import Lucky
from inventory.management.demo.scene import Scene
from inventory.services.lot_placement import put_away_lot

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Serials of pools lie far from those of births.
FIRST_OF_POOLS, VIALS = 900_001, 8


def pool_two_cords(scene: Scene, at: datetime) -> None:
    """Make eight vials of the cords of two mothers: each of the two is behind every vial."""
    bank, month = scene.bank, Month(at, next_serial(), 2, (ProductClass.CORD_TISSUE,))
    registered = register_births(bank, month, consent_mothers(bank, month), Lucky(2))
    bring_to_bank(bank, registered, at=at + 10 * HOUR)
    stock.store_tubes(bank, [each.donation.pk for each in registered], scene.shelves, at=at + 23 * HOUR)
    cords, frozen_at = [unit for each in registered for unit in each.units], at + 10 * DAY
    din = typed_din(at.year, FIRST_OF_POOLS)
    lot = grow(bank, cords, VIALS, pool_din=din, started_at=at + DAY, frozen_at=frozen_at)
    put_away_lot(
        lot,
        scene.shelves.lots,
        reason="put away after freezing",
        by=bank.people["storage"],
        at=frozen_at + 2 * HOUR,
    )
