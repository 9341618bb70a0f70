"""A stocktake of the demo: the second site's box is counted, one unit lies elsewhere, and the count is signed."""

from datetime import datetime, timedelta

from inventory.management.demo.scene import Scene
from inventory.models.placement import Placement
from inventory.queries.placement import free_positions
from inventory.services.stocktake import Count, compare_stocktake, open_stocktake, record_counts
from inventory.services.stocktake_end import NewResolution, close_stocktake, resolve_differences

HOUR = timedelta(hours=1)


def count_a_box(scene: Scene, at: datetime) -> None:
    """Count a box in which one unit lies in another position than recorded, and put the record right."""
    bank, (box,) = scene.bank, scene.shelves.second
    storage, quality = bank.people["storage2"], bank.people["quality"]
    stocktake = open_stocktake(box, by=storage, at=at)
    inside = Placement.objects.filter(position__container=box, removed_at__isnull=True, unit__isnull=False)
    *others, moved = inside.select_related("position", "unit").order_by("position_id")
    elsewhere = free_positions([box], 1)[0]
    counts = [Count(each.position.code, each.unit.code) for each in others if each.unit is not None]
    counts += [Count(moved.position.code), Count(elsewhere.code, moved.unit.code if moved.unit else "")]
    record_counts(stocktake, counts, by=storage, at=at + HOUR)
    (difference,) = compare_stocktake(stocktake, by=storage, at=at + 2 * HOUR)
    found = NewResolution(difference.pk, "placed", elsewhere.pk, note="Looked at twice, by two people.")
    resolve_differences(stocktake, [found], by=storage, at=at + 3 * HOUR)
    close_stocktake(stocktake, credentials=bank.credentials("quality"), by=quality, at=at + 4 * HOUR)
