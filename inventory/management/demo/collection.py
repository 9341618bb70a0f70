"""The journey of the demo's collections: packed by the maternity, carried by the courier, received by the bank."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from inventory.domain.receipt import ReceiptFacts
from inventory.domain.unit import ProductClass
from inventory.management.demo import means
from inventory.management.demo.people import Bank
from inventory.models.unit import Unit
from inventory.services.batch import name_batches_of_collection
from inventory.services.collected import Registered
from inventory.services.collection import CollectionShipment, hand_over_collection, pack_collection
from inventory.services.receipt import receive_collection

HOUR = timedelta(hours=1)


def bring_to_bank(bank: Bank, registered: Sequence[Registered], *, at: datetime, hours: int = 12) -> None:
    """Pack bags, tissue and tubes, hand them to the courier, and receive them hours after they were packed."""
    collection, lab = bank.people["collection"], bank.people["lab"]
    bags = means.batch_ids(means.COLLECTED_WITH)
    name_batches_of_collection([each.donation for each in registered], bags, by=collection, at=at)
    units = [unit for each in registered for unit in each.units]
    shipment = pack_collection(
        CollectionShipment(
            from_site=bank.sites["MATERNITY-1"],
            to_site=bank.sites["BANK-A"],
            unit_ids=tuple(unit.pk for unit in units),
            sample_ids=tuple(sample.pk for each in registered for sample in each.samples),
            box_code="BOX-07",
            logger_code="LOG-0311",
            courier="Demo Courier",
            seal_code=f"SEAL-{at:%y%m%d}",
        ),
        by=collection,
        at=at,
    )
    hand_over_collection(shipment, to="Demo Courier, desk 2", by=collection, at=at + HOUR)
    received_at = at + hours * HOUR
    receive_collection(shipment, {unit.pk: _seen(unit, received_at) for unit in units}, by=lab, at=received_at)


def _seen(unit: Unit, received_at: datetime) -> ReceiptFacts:
    collected_at = unit.donation.collected_at or received_at
    hours = Decimal(int((received_at - collected_at).total_seconds())) / 3600
    return ReceiptFacts(
        product_class=ProductClass(unit.product_class),
        label_matches=True,
        seal_intact=True,
        bag_intact=True,
        hours_since_collection=hours.quantize(Decimal("0.01")),
        coldest_celsius=Decimal(4),
        warmest_celsius=Decimal(8),
        volume_ml=unit.volume_ml,
    )
