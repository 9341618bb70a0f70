"""Current results, and what of them counts for a unit."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from inventory.domain.assay import Qualifier
from inventory.domain.sample import SampleRole
from inventory.domain.specification import Measurement, SampleSource
from inventory.models.result import Result
from inventory.models.unit import Lineage, Unit, UnitSource
from inventory.queries.ancestry import Ancestry, ancestries_of
from inventory.queries.attested import mark_of
from inventory.queries.unit import made_from

# A count of nucleated cells of a unit itself, not of one of its samples.
TNC = Q(assay="tnc", sample__isnull=True)
# Samples that speak for their unit or lot wherever they are tested.
TESTED_FOR_THEIR_UNIT: Mapping[str, SampleSource] = {
    SampleRole.SEGMENT.value: SampleSource.ATTACHED_SEGMENT,
    SampleRole.VIABLE_VIAL.value: SampleSource.QC_VIAL,
}


def lock_results(result_ids: Collection[int]) -> list[Result]:
    """Take the row locks of these results in id order and return them fresh."""
    return list(
        Result.objects.select_for_update(of=("self",))
        .filter(pk__in=result_ids)
        .select_related("unit", "lot", "sample", "donation__donor")
        .order_by("pk")
    )


def current_results() -> QuerySet[Result]:
    """Return the results that no correction has replaced."""
    return Result.objects.filter(replaced_by__isnull=True)


def results_behind(results: QuerySet[Result], ancestries: Mapping[int, Ancestry]) -> QuerySet[Result]:
    """Return, of some results, those of units and their lots, of what they were made from, and of their births."""
    members = set().union(*(each.member_ids for each in ancestries.values()))
    donations = {donation.pk for each in ancestries.values() for donation in each.donations}
    lots = set().union(*(each.lot_ids for each in ancestries.values()))
    of_these = Q(unit_id__in=members) | Q(lot_id__in=lots) | Q(donation_id__in=donations)
    return results.filter(of_these).select_related("sample", "attestation")


def measurements_of(unit_ids: Collection[int]) -> dict[int, tuple[Measurement, ...]]:
    """Return, by unit id, every current result that could count for it.

    These are its own, its segments', its lot's, its source's, the infant's and the mother's.
    """
    ancestries = ancestries_of(unit_ids)
    return measurements_from(results_behind(current_results(), ancestries), ancestries)


def measurements_from(
    current: Iterable[Result], ancestries: Mapping[int, Ancestry]
) -> dict[int, tuple[Measurement, ...]]:
    """Return the same from the current results behind units whose ancestry is known, without a query of its own."""
    found: dict[tuple[str, int | None], list[Result]] = {}
    for result in sorted(current, key=lambda each: each.pk):
        found.setdefault(_subject_of(result), []).append(result)
    return {
        unit_id: tuple(
            measurement(result, for_unit=unit_id, of_lot=ancestry.lot_id)
            for subject in _subjects_behind(ancestry)
            for result in found.get(subject, ())
        )
        for unit_id, ancestry in ancestries.items()
    }


def _subject_of(result: Result) -> tuple[str, int | None]:
    if result.unit_id is not None:
        return "unit", result.unit_id
    return ("lot", result.lot_id) if result.lot_id is not None else ("donation", result.donation_id)


def _subjects_behind(ancestry: Ancestry) -> list[tuple[str, int | None]]:
    """Return whose results could count for a unit: its own first, then what it was made from, lots and births."""
    return [
        ("unit", ancestry.unit_id),
        *(("unit", each) for each in sorted(ancestry.ancestor_ids)),
        *(("lot", each) for each in sorted(ancestry.lot_ids)),
        *(("donation", donation.pk) for donation in ancestry.donations),
    ]


def measurement(result: Result, *, for_unit: int = 0, of_lot: int | None = None) -> Measurement:
    """Return one result as a measurement, seen from the unit it is asked for, and the lot that this is a vial of."""
    return Measurement(
        assay=result.assay,
        taken_from=_taken_from(result, for_unit, of_lot),
        verified=result.verified_at is not None,
        number=result.number,
        text=result.text,
        qualifier=Qualifier(result.qualifier),
        reference=", ".join(filter(None, (f"result {result.pk}", mark_of(result.attestation)))),
    )


def _taken_from(result: Result, for_unit: int, of_lot: int | None) -> SampleSource:
    if result.subject in ("mother", "infant"):
        return SampleSource(result.subject)
    if result.sample is not None and result.sample.role in TESTED_FOR_THEIR_UNIT:
        return TESTED_FOR_THEIR_UNIT[result.sample.role]
    if result.lot_id is not None:
        return SampleSource.LOT if result.lot_id == of_lot else SampleSource.SOURCE
    return SampleSource.UNIT if result.unit_id == for_unit else SampleSource.SOURCE


def counts_before_processing(unit_ids: Collection[int]) -> dict[int, Decimal]:
    """Return, by unit id, the nucleated cells counted in its one parent, where there is one and it was counted."""
    counted = current_results().filter(TNC, unit_id=OuterRef("parent_id"), number__gt=0).order_by("-pk")
    steps = Lineage.objects.filter(child_id__in=unit_ids).annotate(counted=Subquery(counted.values("number")[:1]))
    parents: dict[int, list[Decimal | None]] = {}
    for child_id, count in steps.values_list("child_id", "counted"):
        parents.setdefault(child_id, []).append(count)
    return {child_id: above[0] for child_id, above in parents.items() if len(above) == 1 and above[0] is not None}


def recoveries_resting_on(unit_id: int) -> list[tuple[Result, Decimal | None, Decimal | None]]:
    """Return each current recovery computed from a count of this unit, with the counts before and after as they are."""
    children = [unit_id, *Lineage.objects.filter(parent_id=unit_id).values_list("child_id", flat=True)]
    before = counts_before_processing(children)
    after = {row.unit_id: row.number for row in _counts(children).order_by("pk")}
    recoveries = current_results().filter(assay="tnc_recovery_percent", unit_id__in=children).select_related("unit")
    return [(row, before.get(row.unit_id or 0), after.get(row.unit_id)) for row in recoveries.order_by("pk")]


def donors_of_results(result_ids: Collection[int]) -> QuerySet[Result, int]:
    """Return the ids of every donor behind the subjects of these results, in order."""
    donor = Coalesce(
        "donation__donor_id", "unit__sources__donation__donor_id", "lot__vials__sources__donation__donor_id"
    )
    rows = Result.objects.filter(pk__in=result_ids).annotate(behind=donor).order_by("behind")
    return rows.values_list("behind", flat=True).distinct()


def units_judged_by(results: Iterable[Result]) -> list[int]:
    """Return the ids of every unit for which one of these results could count, in order."""
    results = list(results)
    own = [result.unit_id for result in results if result.unit_id is not None]
    lots = {result.lot_id for result in results if result.lot_id is not None}
    vials = Unit.objects.filter(lot_id__in=lots).values_list("pk", flat=True)
    births = {result.donation_id for result in results if result.donation_id is not None}
    from_births = UnitSource.objects.filter(donation_id__in=births).values_list("unit_id", flat=True)
    return sorted({*made_from([*own, *vials]), *from_births})


def _counts(unit_ids: Collection[int]) -> QuerySet[Result]:
    """Return the current counts of nucleated cells of these units, not of their samples."""
    return current_results().filter(TNC, unit_id__in=unit_ids)
