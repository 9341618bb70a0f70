"""Voidings: what would be voided, and everything physical that was ever recorded of it."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from inventory.domain.recovery import RECKONED
from inventory.models.donation import Donation
from inventory.models.placement import Placement
from inventory.models.receipt import Receipt
from inventory.models.result import Result
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import ShipmentItem
from inventory.models.stocktake import StocktakeScan
from inventory.models.unit import Lineage, Unit
from inventory.models.voiding import Voiding


def units_voided_with(unit: Unit | None, donation: Donation | None) -> list[int]:
    """Return the ids of the units that a voiding ends, in order."""
    if unit is not None:
        return [unit.pk]
    return list(Unit.objects.filter(donation=donation).order_by("pk").values_list("pk", flat=True))


def samples_voided_with(unit: Unit | None, donation: Donation | None) -> list[int]:
    """Return the ids of the samples that a voiding ends: of the unit, or all of the donation."""
    samples = ReferenceSample.objects.filter(unit=unit) if unit is not None else donation_samples(donation)
    return list(samples.filter(state="stored").order_by("pk").values_list("pk", flat=True))


def donation_samples(donation: Donation | None) -> QuerySet[ReferenceSample]:
    """Return the samples of a donation and of its units."""
    return ReferenceSample.objects.filter(donation=donation)


def lock_voiding(voiding_id: int) -> Voiding:
    """Take one voiding's row lock, after the donors', and return it fresh."""
    rows = Voiding.objects.select_for_update(of=("self",)).select_related("asked_by", "unit", "donation")
    return rows.get(pk=voiding_id)


def physical_of(
    unit_ids: Collection[int], sample_ids: Collection[int], donation: Donation | None
) -> dict[str, tuple[str, ...]]:
    """Return, by code, what shows that a unit or sample was there: a place, a journey, a receipt, a run, a result."""
    units, samples = Q(unit_id__in=unit_ids), Q(sample_id__in=sample_ids)
    either = units | samples
    found: dict[str, dict[str, None]] = {}
    for what, codes in (
        ("it was put away", _codes(Placement.objects.filter(either))),
        ("it was packed", _codes(ShipmentItem.objects.filter(either))),
        ("it was received", _codes(Receipt.objects.filter(either))),
        ("it has a result", _codes(Result.objects.filter(either).exclude(assay__in=RECKONED))),
        ("it was processed", _of_runs(unit_ids)),
        ("it was counted", _counted(unit_ids, sample_ids)),
    ):
        for code in codes:
            found.setdefault(code, {})[what] = None
    if donation is not None and Result.objects.filter(donation=donation).exists():
        found.setdefault(donation.code, {})["it has a result"] = None
    return {code: tuple(what) for code, what in found.items()}


def _codes(rows: QuerySet[Placement] | QuerySet[ShipmentItem] | QuerySet[Receipt] | QuerySet[Result]) -> set[str]:
    return {sample or unit for unit, sample in rows.values_list("unit__code", "sample__code") if unit or sample}


def _of_runs(unit_ids: Collection[int]) -> set[str]:
    steps = Lineage.objects.filter(Q(parent_id__in=unit_ids) | Q(child_id__in=unit_ids))
    ids = {unit_id for pair in steps.values_list("parent_id", "child_id") for unit_id in pair} & set(unit_ids)
    return set(Unit.objects.filter(pk__in=ids).values_list("code", flat=True))


def _counted(unit_ids: Collection[int], sample_ids: Collection[int]) -> set[str]:
    codes = {
        *Unit.objects.filter(pk__in=unit_ids).values_list("code", flat=True),
        *ReferenceSample.objects.filter(pk__in=sample_ids).values_list("code", flat=True),
    }
    return set(StocktakeScan.objects.filter(text__in=codes).values_list("text", flat=True))
