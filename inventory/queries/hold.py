"""Open holds, and what they lie on."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from inventory.domain.hold import HoldFacts, HoldKind
from inventory.models.hold import Hold
from inventory.models.unit import Unit, UnitSource
from inventory.queries.unit import ancestors


def open_holds_on(unit_ids: Collection[int]) -> dict[int, tuple[HoldFacts, ...]]:
    """Return, by unit id, the open holds on the unit, its ancestors, their donations and the mothers."""
    above = ancestors(unit_ids)
    line = {unit_id: {unit_id, *above[unit_id]} for unit_id in unit_ids}
    everyone = set().union(*line.values())
    donations: dict[int, set[int]] = {}
    donors: dict[int, set[int]] = {}
    rows = UnitSource.objects.filter(unit_id__in=everyone).values_list("unit_id", "donation_id", "donation__donor_id")
    for unit_id, donation_id, donor_id in rows:
        donations.setdefault(unit_id, set()).add(donation_id)
        donors.setdefault(unit_id, set()).add(donor_id)
    holds = _open(everyone, _all(donations), _all(donors))
    return {
        unit_id: tuple(
            _facts(hold)
            for hold in holds
            if hold.unit_id in members
            or hold.donation_id in _of(donations, members)
            or hold.donor_id in _of(donors, members)
        )
        for unit_id, members in line.items()
    }


def _open(units: set[int], donations: set[int], donors: set[int]) -> list[Hold]:
    on = Q(unit_id__in=units) | Q(donation_id__in=donations) | Q(donor_id__in=donors)
    return list(
        Hold.objects.filter(on, lifted_at__isnull=True)
        .select_related("unit", "donation", "donor")
        .order_by("placed_at", "pk")
    )


def _facts(hold: Hold) -> HoldFacts:
    return HoldFacts(code=hold.reference, kind=HoldKind(hold.kind), lies_on=_lies_on(hold), reason=hold.reason)


def _lies_on(hold: Hold) -> str:
    if hold.unit is not None:
        return hold.unit.code
    if hold.donation is not None:
        return hold.donation.code
    return hold.donor.donor_code if hold.donor is not None else ""


def _all(found: dict[int, set[int]]) -> set[int]:
    return set().union(*found.values())


def _of(found: dict[int, set[int]], unit_ids: set[int]) -> set[int]:
    return set().union(*(found.get(unit_id, set()) for unit_id in unit_ids))


def codes_of(holds: Iterable[Hold]) -> dict[int, list[str]]:
    """Return, by hold id, the code of what it lies on and the codes of every unit that it stops."""
    known = Hold.objects.filter(pk__in=[hold.pk for hold in holds]).select_related("unit", "donation", "donor")
    found = {hold.pk: [_lies_on(hold)] for hold in known}
    by_donation, by_donor = _stopped(known)
    for hold in known:
        found[hold.pk] += by_donation.get(hold.donation_id or 0, []) + by_donor.get(hold.donor_id or 0, [])
    return found


def _stopped(holds: Iterable[Hold]) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    by_donation: dict[int, list[str]] = {}
    by_donor: dict[int, list[str]] = {}
    on = Q(sources__donation__in=[hold.donation_id for hold in holds if hold.donation_id]) | Q(
        sources__donation__donor__in=[hold.donor_id for hold in holds if hold.donor_id]
    )
    rows = Unit.objects.filter(on).values_list("code", "sources__donation_id", "sources__donation__donor_id").distinct()
    for code, donation_id, donor_id in rows:
        by_donation.setdefault(donation_id, []).append(code)
        by_donor.setdefault(donor_id, []).append(code)
    return by_donation, by_donor
