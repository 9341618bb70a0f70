"""What a story of the demo is told with, and the births that a story has of its own."""

from dataclasses import dataclass
from datetime import datetime

from inventory.domain.unit import ProductClass
from inventory.management.demo import stock
from inventory.management.demo.birth import consent_mothers, one_birth, register_births
from inventory.management.demo.people import Bank
from inventory.management.demo.results import Lucky
from inventory.management.demo.rules import Studies
from inventory.management.demo.storage import Shelves
from inventory.models.unit import Unit


@dataclass(frozen=True)
class Scene:
    """The bank, its studies and its shelves."""

    bank: Bank
    studies: Studies
    shelves: Shelves


def born(scene: Scene, at: datetime, *gifts: ProductClass, accepted: bool = True, **otherwise: str) -> list[Unit]:
    """Take one birth to stock in the six days after ``at``; results are good but for those named."""
    bank, month, lucky = scene.bank, one_birth(at, *gifts), Lucky(at.toordinal())
    registered = register_births(bank, month, consent_mothers(bank, month), lucky)
    units = stock.freeze(bank, month, registered, scene.shelves, lucky)
    stock.judge(bank, month, registered, units, lucky, otherwise, accepted=accepted)
    return list(Unit.objects.filter(pk__in=[unit.pk for unit in units]).order_by("pk"))
