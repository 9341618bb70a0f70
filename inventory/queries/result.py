"""Current results, and what of them counts for a unit."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from django.db.models import Q, QuerySet

from inventory.domain.assay import Qualifier
from inventory.domain.specification import Measurement, SampleSource
from inventory.models.result import Result
from inventory.models.unit import Lineage, UnitSource
from inventory.queries.ancestry import Ancestry, ancestries_of
from inventory.queries.unit import made_from


def lock_results(result_ids: Collection[int]) -> list[Result]:
    """Take the row locks of these results in id order and return them fresh."""
    return list(
        Result.objects.select_for_update(of=("self",))
        .filter(pk__in=result_ids)
        .select_related("entered_by", "unit", "sample", "donation__donor")
        .order_by("pk")
    )


def current_results() -> QuerySet[Result]:
    """Return the results that no correction has replaced."""
    return Result.objects.filter(replaced_by__isnull=True)


def results_behind(results: QuerySet[Result], ancestries: Mapping[int, Ancestry]) -> QuerySet[Result]:
    """Return, of some results, those of units, of what they were made from, and of the births behind them."""
    members = set().union(*(each.member_ids for each in ancestries.values()))
    donations = {donation.pk for each in ancestries.values() for donation in each.donations}
    return results.filter(Q(unit_id__in=members) | Q(donation_id__in=donations)).select_related("sample")


def measurements_of(unit_ids: Collection[int]) -> dict[int, tuple[Measurement, ...]]:
    """Return, by unit id, every current result that could count for it.

    These are its own, its segments', its source's, the infant's and the mother's.
    """
    ancestries = ancestries_of(unit_ids)
    return measurements_from(results_behind(current_results(), ancestries), ancestries)


def measurements_from(
    current: Iterable[Result], ancestries: Mapping[int, Ancestry]
) -> dict[int, tuple[Measurement, ...]]:
    """Return the same from the current results behind units whose ancestry is known, without a query of its own."""
    by_unit: dict[int, list[Result]] = {}
    by_donation: dict[int, list[Result]] = {}
    for result in sorted(current, key=lambda each: each.pk):
        index, key = (by_unit, result.unit_id) if result.unit_id else (by_donation, result.donation_id)
        index.setdefault(key or 0, []).append(result)
    return {
        unit_id: tuple(
            measurement(result, for_unit=unit_id)
            for found, keys in (
                (by_unit, [unit_id, *sorted(ancestry.ancestor_ids)]),
                (by_donation, [donation.pk for donation in ancestry.donations]),
            )
            for key in keys
            for result in found.get(key, ())
        )
        for unit_id, ancestry in ancestries.items()
    }


def measurement(result: Result, *, for_unit: int = 0) -> Measurement:
    """Return one result as a measurement, seen from the unit it is asked for."""
    return Measurement(
        assay=result.assay,
        taken_from=_taken_from(result, for_unit),
        verified=result.verified_at is not None,
        number=result.number,
        text=result.text,
        qualifier=Qualifier(result.qualifier),
        reference=f"result {result.pk}",
    )


def _taken_from(result: Result, for_unit: int) -> SampleSource:
    if result.subject == "mother":
        return SampleSource.MOTHER
    if result.subject == "infant":
        return SampleSource.INFANT
    if result.sample is not None and result.sample.role == "segment":
        return SampleSource.ATTACHED_SEGMENT
    return SampleSource.UNIT if result.unit_id == for_unit else SampleSource.SOURCE


def counts_before_processing(unit_ids: Collection[int]) -> dict[int, Decimal]:
    """Return, by unit id, the nucleated cells counted in its one parent, where there is one and it was counted."""
    parents: dict[int, list[int]] = {}
    for child_id, parent_id in Lineage.objects.filter(child_id__in=unit_ids).values_list("child_id", "parent_id"):
        parents.setdefault(child_id, []).append(parent_id)
    counted = _counts(set().union(*parents.values())).filter(number__gt=0)
    counts = {row.unit_id: row.number for row in counted.order_by("pk") if row.number is not None}
    return {child_id: counts[above[0]] for child_id, above in parents.items() if len(above) == 1 and above[0] in counts}


def recoveries_resting_on(unit_id: int) -> list[tuple[Result, Decimal | None, Decimal | None]]:
    """Return each current recovery computed from a count of this unit, with the counts before and after as they are."""
    children = [unit_id, *Lineage.objects.filter(parent_id=unit_id).values_list("child_id", flat=True)]
    before = counts_before_processing(children)
    after = {row.unit_id: row.number for row in _counts(children).order_by("pk")}
    recoveries = current_results().filter(assay="tnc_recovery_percent", unit_id__in=children).select_related("unit")
    return [(row, before.get(row.unit_id or 0), after.get(row.unit_id)) for row in recoveries.order_by("pk")]


def donors_of_results(result_ids: Collection[int]) -> list[int]:
    """Return the ids of every donor behind the subjects of these results, in order."""
    rows = Result.objects.filter(pk__in=result_ids).values_list(
        "donation__donor_id", "unit__sources__donation__donor_id"
    )
    return sorted({of_birth or of_unit for of_birth, of_unit in rows})


def units_judged_by(results: Iterable[Result]) -> list[int]:
    """Return the ids of every unit for which one of these results could count, in order."""
    results = list(results)
    own = [result.unit_id for result in results if result.unit_id is not None]
    births = {result.donation_id for result in results if result.donation_id is not None}
    from_births = UnitSource.objects.filter(donation_id__in=births).values_list("unit_id", flat=True)
    return sorted({*made_from(own), *from_births})


def _counts(unit_ids: Collection[int]) -> QuerySet[Result]:
    """Return the current counts of nucleated cells of these units, not of their samples."""
    return current_results().filter(assay="tnc", sample__isnull=True, unit_id__in=unit_ids)
