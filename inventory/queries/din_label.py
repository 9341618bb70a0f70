"""DIN labels: which range one was issued in, and what became of all of a range."""

from collections.abc import Collection

from inventory.domain.din import Din
from inventory.domain.din_label import Reconciliation, Roll
from inventory.models.din_label import DinRange, SpoiledDin
from inventory.models.donation import Donation


def ranges_overlapping(roll: Roll) -> list[str]:
    """Return the references of the ranges in which some label of a roll was issued."""
    same = DinRange.objects.select_for_update().filter(prefix=roll.prefix)
    overlapping = same.filter(first_serial__lte=int(roll.last.serial), last_serial__gte=int(roll.first.serial))
    return [each.reference for each in overlapping.order_by("pk")]


def is_issued(din: Din) -> bool:
    """Whether a label with this DIN was ever issued."""
    serial = int(din.serial)
    known = DinRange.objects.filter(prefix=din.text[:7], first_serial__lte=serial, last_serial__gte=serial)
    return known.exists()


def spoiled_among(dins: Collection[str]) -> frozenset[str]:
    """Return those of these DINs whose label is spoiled."""
    return frozenset(SpoiledDin.objects.filter(din__in=dins).values_list("din", flat=True))


def reconciliations() -> list[Reconciliation]:
    """Return, for each range, how many labels were issued, used and spoiled. Three queries in all."""
    ranges = list(DinRange.objects.order_by("prefix", "first_serial"))
    spoiled = set(SpoiledDin.objects.values_list("din", flat=True))
    used = set(Donation.objects.filter(din__isnull=False).values_list("din", flat=True)) - spoiled
    return [
        Reconciliation(
            reference=each.reference,
            issued=each.last_serial - each.first_serial + 1,
            used=_inside(each, used),
            spoiled=_inside(each, spoiled),
        )
        for each in ranges
    ]


def used_without_issue() -> list[str]:
    """Return the DINs of the bank's own donations whose label no range names, in order."""
    ranges: dict[str, list[tuple[int, int]]] = {}
    for each in DinRange.objects.order_by("pk"):
        ranges.setdefault(each.prefix, []).append((each.first_serial, each.last_serial))
    own = Donation.objects.filter(origin="own", din__isnull=False).order_by("din").values_list("din", flat=True)
    return [
        din for din in own if din and not any(first <= int(din[7:]) <= last for first, last in ranges.get(din[:7], ()))
    ]


def _inside(issued: DinRange, dins: Collection[str | None]) -> int:
    serials = (int(din[7:]) for din in dins if din and din[:7] == issued.prefix)
    return sum(issued.first_serial <= serial <= issued.last_serial for serial in serials)
