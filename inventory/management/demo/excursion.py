"""An excursion of the demo: the second site's tank warms up at night, and quality says what becomes of each unit."""

from datetime import datetime, timedelta
from decimal import Decimal

from inventory.domain.excursion import ExcursionVerdict, Group, Reading, warming_of
from inventory.management.demo.scene import Scene
from inventory.models.unit import Unit
from inventory.queries.container import limit_of
from inventory.services.excursion import NewExcursion, assess_excursion, open_excursion

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
# What the sensor wrote every quarter of an hour.
NIGHT = ("-168.0", "-161.0", "-149.5", "-141.0", "-132.5", "-139.0", "-151.0", "-160.0")


def warm_up_at_night(scene: Scene, at: datetime) -> None:
    """Report a warm night from the sensor's readings, and assess what was held in one signature."""
    bank, tank = scene.bank, scene.shelves.second_tank
    readings = [Reading(at + number * QUARTER, Decimal(each)) for number, each in enumerate(NIGHT)]
    warming = warming_of(readings, limit_of(tank.pk))
    if warming is None:
        raise LookupError("The night of the demo is not warm enough.")
    new = NewExcursion(tank, warming, "The valve of the automatic filling had stuck.")
    excursion = open_excursion(new, by=bank.people["storage2"], at=at + 8 * HOUR)
    inside = Unit.objects.filter(excursions__excursion=excursion).order_by("-state", "pk")
    *cleared, last = [unit.code for unit in inside]
    groups = (
        Group(ExcursionVerdict.CLEARED.value, tuple(cleared), "In the lower rack, where it stayed below -150 °C."),
        Group(ExcursionVerdict.TEST_FIRST.value, (last,), "Under the lid: thaw a segment before it is used."),
    )
    quality, credentials = bank.people["quality"], bank.credentials("quality")
    assess_excursion(excursion, groups, credentials=credentials, by=quality, at=at + 12 * HOUR)
