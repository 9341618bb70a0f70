"""What excursions and deviations left of units, and of what they were made from, that no test has settled since."""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import BigIntegerField, Q, Value

from inventory.domain.assay import Qualifier
from inventory.domain.deviation import TAKES_BACK as DEVIATION_LEAVES
from inventory.domain.excursion import TAKES_BACK as EXCURSION_LEAVES
from inventory.domain.retest import DISCARD, MEASURED, Inquiry, Left, Retest, settles
from inventory.models.deviation import DeviationItem
from inventory.models.excursion import ExcursionItem
from inventory.models.result import Result
from inventory.queries.ancestry import Ancestry

# A unit or a lot, by noun and id.
Thing = tuple[str, int]
# An excursion holds units alone.
NO_LOT = Value(None, output_field=BigIntegerField())


def unsettled(ancestries: Mapping[int, Ancestry]) -> dict[int, tuple[Left, ...]]:
    """Return, by unit id, what still keeps it from being accepted: one query, and one more where anything was left.

    *Discard* does for ever. *Test first* does until a result was measured and verified since: of the lot where the lot
    was left so, else of the unit left so, of the one made from it, or of the lot that carries a vial's results.
    """
    lefts = _lefts(ancestries.values())
    touched = {
        unit_id: [(thing, left) for thing in _things_behind(each) for left in lefts.get(thing, ())]
        for unit_id, each in ancestries.items()
    }
    asked = {
        of for unit_id, found in touched.items() for thing, _ in found for of in _tested(thing, ancestries[unit_id])
    }
    tests = _tests_of(asked)
    return {
        unit_id: tuple(
            dict.fromkeys(
                left for thing, left in found if not _is_settled(left, _tested(thing, ancestries[unit_id]), tests)
            )
        )
        for unit_id, found in touched.items()
    }


def _is_settled(left: Left, things: Iterable[Thing], tests: Mapping[Thing, Iterable[Retest]]) -> bool:
    return any(settles(test, left) for thing in things for test in tests.get(thing, ()))


def _lefts(behind: Iterable[Ancestry]) -> dict[Thing, list[Left]]:
    """Return, by what it is of, everything that an assessment or a closing left to be discarded or tested first."""
    things = {thing for each in behind for thing in _things_behind(each)}
    units, lots = _ids(things, "unit"), _ids(things, "lot")
    warm = ExcursionItem.objects.filter(unit_id__in=units, excursion__assessed_at__isnull=False)
    told = DeviationItem.objects.filter(Q(unit_id__in=units) | Q(lot_id__in=lots), deviation__closed_at__isnull=False)
    rows = told.filter(disposition__in=DEVIATION_LEAVES).values_list(
        Value(Inquiry.DEVIATION.value),
        "unit_id",
        "lot_id",
        "disposition",
        "deviation__reference",
        "deviation__closed_at",
    )
    found: dict[Thing, list[Left]] = {}
    for inquiry, unit_id, lot_id, word, reference, since in rows.union(
        warm.filter(verdict__in=EXCURSION_LEAVES).values_list(
            Value(Inquiry.EXCURSION.value),
            "unit_id",
            NO_LOT,
            "verdict",
            "excursion__reference",
            "excursion__assessed_at",
        )
    ):
        left = Left(Inquiry(inquiry), reference, word == DISCARD, since)
        found.setdefault(_thing(unit_id, lot_id), []).append(left)
    return {thing: sorted(lefts, key=lambda left: left.since) for thing, lefts in found.items()}


def _tests_of(things: Collection[Thing]) -> dict[Thing, list[Retest]]:
    """Return, by what they are of, the results of units and lots, each line of corrections as one."""
    if not things:
        return {}
    rows = Result.objects.filter(Q(unit_id__in=_ids(things, "unit")) | Q(lot_id__in=_ids(things, "lot")))
    first: dict[int, Result] = {}
    lines: dict[int, list[Result]] = {}
    for row in rows.order_by("pk"):
        first[row.pk] = first.get(row.replaces_id or 0, row)
        lines.setdefault(first[row.pk].pk, []).append(row)
    found: dict[Thing, list[Retest]] = {}
    for line in lines.values():
        found.setdefault(_thing(line[0].unit_id, line[0].lot_id), []).append(_test(line[0], line[-1]))
    return found


def _test(first: Result, last: Result) -> Retest:
    return Retest(
        assay=first.assay,
        stands=last.verified_at is not None and Qualifier(last.qualifier) in MEASURED,
        entered_at=first.entered_at,
        verified_at=first.verified_at,
        specimen_at=first.specimen_at,
    )


def _thing(unit_id: int | None, lot_id: int | None) -> Thing:
    return ("unit", unit_id) if unit_id is not None else ("lot", lot_id or 0)


def _things_behind(ancestry: Ancestry) -> list[Thing]:
    return [
        *(("unit", each) for each in sorted(ancestry.member_ids)),
        *(("lot", each) for each in sorted(ancestry.lot_ids)),
    ]


def _own(ancestry: Ancestry) -> set[Thing]:
    """Return the unit itself, and the lot it is a vial of."""
    of_lot: set[Thing] = {("lot", ancestry.lot_id)} if ancestry.lot_id is not None else set()
    return {("unit", ancestry.unit_id)} | of_lot


def _tested(left_on: Thing, ancestry: Ancestry) -> set[Thing]:
    """Return what is to be tested where this was left so: the lot itself, or the unit, or what was made of it."""
    return {left_on} if left_on == ("lot", ancestry.lot_id) else {left_on, *_own(ancestry)}


def _ids(things: Collection[Thing], noun: str) -> list[int]:
    return sorted(each for named, each in things if named == noun)
