"""Current results, and what of them counts for a unit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from inventory.domain.assay import ASSAYS, Qualifier
from inventory.domain.criterion import ADDABLE
from inventory.domain.donation import is_one_birth
from inventory.domain.sample import SampleRole
from inventory.domain.specification import Measurement, SampleSource
from inventory.models.donation import Donation
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
OF_A_BIRTH = (SampleSource.MOTHER, SampleSource.INFANT)
# Why an amount of more than is left counts no more.
OF_MORE = "measured before a part was taken: measure what is left"


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

    These are its own, its segments', its lot's, its source's, the infant's and the mother's. What was measured of some
    of several sources, infants or mothers stands there as not done of the others; and so does an amount of the unit
    that was measured before a part was taken of it.
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
        unit_id: _that_count(ancestry, [each for one in _subjects_behind(ancestry) for each in found.get(one, ())])
        for unit_id, ancestry in ancestries.items()
    }


def _that_count(ancestry: Ancestry, results: Sequence[Result]) -> tuple[Measurement, ...]:
    """Return the results behind one unit as measurements, with what is not known beside them."""
    measured = [measurement(each, for_unit=ancestry.unit_id, of_lot=ancestry.lot_id) for each in results]
    of_more = [_is_of_more(ancestry, result, each) for result, each in zip(results, measured, strict=True)]
    anew: dict[tuple[str, SampleSource], list[Measurement]] = {}
    for each, old in zip(measured, of_more, strict=True):
        if not old:
            anew.setdefault((each.assay, each.taken_from), []).append(each)
    known = [
        counted
        for each, old in zip(measured, of_more, strict=True)
        for counted in (_in_place_of(each, anew) if old else [each])
    ]
    missing = _not_measured(ancestry, results, measured) if ancestry.is_of_several else ()
    return (*dict.fromkeys(known), *missing)


def _in_place_of(old: Measurement, anew: Mapping[tuple[str, SampleSource], Sequence[Measurement]]) -> list[Measurement]:
    """Return what counts in place of an amount of more than is left: what was measured since, or that it is missing.

    What is measured of a vial itself is, of this vial, what its lot's amount is of the others.
    """
    if (old.assay, old.taken_from) in anew:
        return []
    own = anew.get((old.assay, SampleSource.UNIT), ()) if old.taken_from is SampleSource.LOT else ()
    if own:
        return [replace(each, taken_from=SampleSource.LOT) for each in own]
    return [replace(old, number=None, qualifier=Qualifier.NOT_DONE, lacking=OF_MORE)]


def _is_of_more(ancestry: Ancestry, result: Result, measured: Measurement) -> bool:
    """Whether an amount was measured of a unit, or of its lot, before a part was taken of it: of more than is left."""
    of_unit = measured.taken_from in (SampleSource.UNIT, SampleSource.LOT)
    if ancestry.drawn_at is None or not of_unit or ASSAYS[result.assay].unit not in ADDABLE:
        return False
    entered_at = _first_entered(result)
    return min(entered_at, result.specimen_at or entered_at) <= ancestry.drawn_at


def _first_entered(result: Result) -> datetime:
    """Return when what was measured was entered first: a correction says anew what was measured then."""
    first = result
    while first.replaces is not None:
        first = first.replaces
    return first.entered_at


def _not_measured(
    ancestry: Ancestry, results: Sequence[Result], measured: Sequence[Measurement]
) -> Iterable[Measurement]:
    """Yield what was measured of some of the things that went into a unit, as not done of the others."""
    known: dict[tuple[str, SampleSource], list[Result]] = {}
    for result, each in zip(results, measured, strict=True):
        known.setdefault((each.assay, each.taken_from), []).append(result)
    lacking = {SampleSource.SOURCE: _sources_without, **dict.fromkeys(OF_A_BIRTH, _births_without)}
    for (assay, taken_from), those in known.items():
        if taken_from in lacking and (codes := lacking[taken_from](ancestry, those)):
            told = f"no result of {', '.join(codes)}"
            missing = Measurement(assay, taken_from, verified=False, qualifier=Qualifier.NOT_DONE, reference=told)
            yield replace(missing, lacking=told)


def _sources_without(ancestry: Ancestry, results: Iterable[Result]) -> list[str]:
    """Return the codes of what the unit was made from, where neither it nor what was made of it has such a result."""
    things = {_subject_of(each) for each in results}
    above = {each.unit_id: each.unit for each in ancestry.sources if each.unit_id != ancestry.unit_id}
    having = {unit_id for unit_id, unit in above.items() if things & {("unit", unit_id), ("lot", unit.lot_id)}}
    return [above[unit_id].code for unit_id in ancestry.lines_without(having)]


def _births_without(ancestry: Ancestry, results: Iterable[Result]) -> list[str]:
    """Return the donations without such a result; what was found in a mother counts for all of one birth."""
    having = [donation for each in results for donation in ancestry.donations if donation.pk == each.donation_id]
    of_mother = any(each.subject == SampleSource.MOTHER for each in results)
    return [
        donation.code
        for donation in ancestry.donations
        if donation not in having and not (of_mother and any(_shares_birth(donation, other) for other in having))
    ]


def _shares_birth(donation: Donation, other: Donation) -> bool:
    return donation.donor_id == other.donor_id and is_one_birth(donation.collected_at, other.collected_at)


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
