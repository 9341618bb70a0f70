"""Lots: their locks, their vials, who stands behind them, and what they carry."""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import Exists, OuterRef, QuerySet

from inventory.domain.din import LENGTH
from inventory.domain.lot import BASE_LENGTH, VialFacts
from inventory.domain.unit import UnitState
from inventory.models.donation import Donation
from inventory.models.hold import Hold
from inventory.models.lot import Lot
from inventory.models.placement import Placement
from inventory.models.result import Result
from inventory.models.unit import Lineage, Unit, UnitSource


def lock_lots(lot_ids: Collection[int]) -> list[Lot]:
    """Take the row locks of these lots in id order, after requests and releases and before units."""
    return list(Lot.objects.select_for_update().filter(pk__in=lot_ids).order_by("pk"))


def vial_ids_of(lot_ids: Collection[int]) -> list[int]:
    """Return the ids of every vial of these lots, in order: a vial's lot never changes."""
    return list(Unit.objects.filter(lot_id__in=lot_ids).order_by("pk").values_list("pk", flat=True))


def donors_behind_lots(lot_ids: Collection[int]) -> QuerySet[UnitSource, int]:
    """Return the ids of every donor behind these lots, in order, without a lock."""
    sources = UnitSource.objects.filter(unit__lot_id__in=lot_ids).order_by("donation__donor_id")
    return sources.values_list("donation__donor_id", flat=True).distinct()


def donations_behind_lots(lot_ids: Collection[int]) -> dict[int, list[Donation]]:
    """Return, by lot id, the donations that each lot names, in order."""
    pairs = sorted(set(UnitSource.objects.filter(unit__lot_id__in=lot_ids).values_list("unit__lot_id", "donation_id")))
    rows = Donation.objects.select_related("donor").in_bulk({donation_id for _, donation_id in pairs})
    found: dict[int, list[Donation]] = {lot_id: [] for lot_id in lot_ids}
    for lot_id, donation_id in pairs:
        found[lot_id].append(rows[donation_id])
    return found


def codes_behind_lots(lots: Iterable[Lot]) -> dict[int, tuple[str, ...]]:
    """Return, by lot id, the codes that an entry about the lot names: its own, its donations' and donors'."""
    lots = list(lots)
    behind = donations_behind_lots([lot.pk for lot in lots])
    return {
        lot.pk: (
            lot.code,
            *sorted({code for each in behind[lot.pk] for code in (each.code, each.donor.donor_code)}),
        )
        for lot in lots
    }


def lots_of(vials: Iterable[Unit]) -> dict[int, Lot]:
    """Return, by lot id, the lots that these units are of."""
    return Lot.objects.in_bulk({vial.lot_id for vial in vials if vial.lot_id is not None})


def choosable(vials: Collection[Unit]) -> dict[int, list[VialFacts]]:
    """Return, by lot id, what decides which of these locked vials go first. Two queries."""
    ids = [vial.pk for vial in vials]
    placed = Placement.objects.filter(unit_id__in=ids, removed_at__isnull=True)
    places = {
        unit_id: (at, position) for unit_id, at, position in placed.values_list("unit_id", "placed_at", "position")
    }
    held = set(Hold.objects.filter(unit_id__in=ids, lifted_at__isnull=True).values_list("unit_id", flat=True))
    found: dict[int, list[VialFacts]] = {}
    for vial in vials:
        at, position = places.get(vial.pk, (None, 0))
        facts = VialFacts(vial.pk, UnitState(vial.state), at, position, held=vial.pk in held)
        found.setdefault(vial.lot_id or 0, []).append(facts)
    return found


def unplaced_vials(lot: Lot, *, states: Collection[UnitState]) -> list[Unit]:
    """Return the vials of a lot in these states that are in no position, in the order of their divisions."""
    lies = Placement.objects.filter(unit=OuterRef("pk"), removed_at__isnull=True)
    return list(Unit.objects.filter(~Exists(lies), lot=lot, state__in=states).order_by("pk"))


def divisions_taken(din: str, base: str) -> list[str]:
    """Return the divisions that units with this DIN and these six characters have, as they end the units' codes."""
    codes = Unit.objects.filter(code__startswith=f"{din}{base}").values_list("code", flat=True)
    return [code[LENGTH + BASE_LENGTH :] for code in codes]


def is_din_taken(din: str) -> bool:
    """Whether a donation or a pool has this DIN."""
    return Donation.objects.filter(code=din).exists() or Lot.objects.filter(pool_din=din).exists()


def drawn_of(unit_ids: Collection[int]) -> set[int]:
    """Return the ids of those of these units of which a part was taken, or all."""
    return set(Lineage.objects.filter(parent_id__in=unit_ids).values_list("parent_id", flat=True))


def assays_carried(lot_ids: Collection[int]) -> Mapping[int, frozenset[str]]:
    """Return, by lot id, the assays of which a current result is the lot's."""
    found: dict[int, set[str]] = {}
    rows = Result.objects.filter(lot_id__in=lot_ids, replaced_by__isnull=True)
    for lot_id, assay in rows.values_list("lot_id", "assay"):
        found.setdefault(lot_id or 0, set()).add(assay)
    return {lot_id: frozenset(assays) for lot_id, assays in found.items()}
