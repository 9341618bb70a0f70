"""Open holds, and what they lie on."""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import Prefetch, Q

from inventory.domain.hold import HoldFacts, HoldKind
from inventory.models.hold import Hold
from inventory.models.referral import WithdrawalReferral
from inventory.models.unit import Unit
from inventory.queries.ancestry import Ancestry, ancestries_of

LIES_ON = ("unit", "lot", "sample", "donation", "donor")


def lock_holds(hold_ids: Collection[int]) -> list[Hold]:
    """Take the row locks of these holds in id order and return them fresh."""
    rows = Hold.objects.select_for_update(of=("self",)).select_related("placed_by")
    return list(rows.filter(pk__in=hold_ids).order_by("pk"))


def open_holds_on(unit_ids: Collection[int]) -> dict[int, tuple[HoldFacts, ...]]:
    """Return, by unit id, the open holds on the unit, its ancestors, their donations and the mothers."""
    return open_holds_in(ancestries_of(unit_ids))


def open_holds_of_consent(donor_id: int, donation_ids: Collection[int]) -> dict[int | None, Hold]:
    """Return the open holds for a consent taken back, by donation id; a hold on the donor stands under None."""
    rows = Hold.objects.filter(kind=HoldKind.CONSENT_WITHDRAWN.value, lifted_at__isnull=True).order_by("-pk")
    return {each.donation_id: each for each in rows.filter(Q(donor_id=donor_id) | Q(donation_id__in=donation_ids))}


def open_holds_in(ancestries: Mapping[int, Ancestry]) -> dict[int, tuple[HoldFacts, ...]]:
    """Return the same of units whose ancestry is known: one query, and one more where there are holds.

    A unit that the medical director let go on is no longer stopped by the hold of the withdrawal it was referred for.
    """
    behind = ancestries.values()
    on = (
        Q(unit_id__in=set().union(*(each.member_ids for each in behind)))
        | Q(lot_id__in=set().union(*(each.lot_ids for each in behind)))
        | Q(donation_id__in=set().union(*(each.donation_ids for each in behind)))
        | Q(donor_id__in=set().union(*(each.donor_ids for each in behind)))
    )
    holds = list(
        Hold.objects.filter(on, lifted_at__isnull=True)
        .select_related("unit", "lot", "donation", "donor")
        .prefetch_related(Prefetch("referrals", WithdrawalReferral.objects.filter(decision="goes_on")))
        .order_by("placed_at", "pk")
    )
    return {
        unit_id: tuple(_facts(hold) for hold in holds if _lies_in(each, hold)) for unit_id, each in ancestries.items()
    }


def _lies_in(ancestry: Ancestry, hold: Hold) -> bool:
    if any(referral.unit_id == ancestry.unit_id for referral in hold.referrals.all()):
        return False
    return (
        hold.unit_id in ancestry.member_ids
        or hold.lot_id in ancestry.lot_ids
        or hold.donation_id in ancestry.donation_ids
        or hold.donor_id in ancestry.donor_ids
    )


def _facts(hold: Hold) -> HoldFacts:
    return HoldFacts(code=hold.reference, kind=HoldKind(hold.kind), lies_on=_lies_on(hold), reason=hold.reason)


def _lies_on(hold: Hold) -> str:
    if hold.unit is not None:
        return hold.unit.code
    if hold.lot is not None:
        return hold.lot.code
    if hold.sample is not None:
        return hold.sample.code
    if hold.donation is not None:
        return hold.donation.code
    return hold.donor.donor_code if hold.donor is not None else ""


def codes_of(holds: Iterable[Hold]) -> dict[int, list[str]]:
    """Return, by hold id, the code of what it lies on and the codes of every unit that it stops."""
    known = Hold.objects.filter(pk__in=[hold.pk for hold in holds]).select_related(*LIES_ON)
    found = {hold.pk: [_lies_on(hold)] for hold in known}
    by_donation, by_donor = _stopped(known)
    by_lot = _vials({hold.lot_id for hold in known if hold.lot_id is not None})
    for hold in known:
        found[hold.pk] += by_donation.get(hold.donation_id or 0, []) + by_donor.get(hold.donor_id or 0, [])
        found[hold.pk] += by_lot.get(hold.lot_id or 0, [])
    return found


def _vials(lot_ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = Unit.objects.filter(lot_id__in=lot_ids).order_by("code").values_list("lot_id", "code")
    for lot_id, code in rows:
        found.setdefault(lot_id or 0, []).append(code)
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
