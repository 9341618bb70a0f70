"""Finding and locking units, and who stands behind them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from biobank.domain.role import Role, sees_own_site_only
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.queries.person import roles_of
from inventory.domain.donation import DonationEvent
from inventory.domain.request import OPEN
from inventory.models.donation import Donation
from inventory.models.request import RequestLine
from inventory.models.shipment import ShipmentItem
from inventory.models.unit import Lineage, Unit, UnitSource

# By unit id, the codes that an entry about the unit names beside it: its donations' and donors'.
Behind = Mapping[int, tuple[str, ...]]

# SQLite takes a limited number of values in one statement.
MOST_VALUES = 5000


def batched(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield ids in runs that one statement can take on either database."""
    for start in range(0, len(ids), MOST_VALUES):
        yield ids[start : start + MOST_VALUES]


def lock_units(unit_ids: Iterable[int]) -> list[Unit]:
    """Take the row locks of these units in id order and return them fresh; the ids may be a query of their own."""
    return list(Unit.objects.select_for_update().filter(pk__in=unit_ids).order_by("pk"))


def lock_unit(unit_id: int) -> Unit:
    """Take one unit's row lock and return it fresh."""
    return Unit.objects.select_for_update().get(pk=unit_id)


def donors_behind(unit_ids: Iterable[int], *, lot_ids: Collection[int] = ()) -> QuerySet[UnitSource, int]:
    """Return the ids of every donor behind these units and lots, in order, without a lock: sources never change."""
    sources = UnitSource.objects.filter(Q(unit_id__in=unit_ids) | Q(unit__lot_id__in=lot_ids))
    return sources.order_by("donation__donor_id").values_list("donation__donor_id", flat=True).distinct()


def units_of_donors(donor_ids: Collection[int]) -> list[int]:
    """Return the ids of every unit that has one of these donors behind it, in order."""
    rows = UnitSource.objects.filter(donation__donor_id__in=donor_ids).values_list("unit_id", flat=True)
    return sorted(set(rows))


def units_of_source(donor_id: int, infant_id: int | None, deceased_id: int | None = None) -> list[int]:
    """Return the ids of every unit with cells of one infant's birth, or of any of a donor's where none is named.

    A donation that does not say which infant it came from counts as each of them. With ``deceased_id`` they are the
    units of what was recovered after that infant's death, for which another answer speaks than for the births.
    """
    donations = donations_reached(donor_id, infant_id, deceased_id)
    return sorted(set(UnitSource.objects.filter(donation_id__in=donations).values_list("unit_id", flat=True)))


def units_of_donations(donation_ids: Collection[int]) -> list[int]:
    """Return the ids of every unit with cells of one of these donations, in order."""
    rows = UnitSource.objects.filter(donation_id__in=donation_ids).values_list("unit_id", flat=True)
    return sorted(set(rows))


def donations_reached(donor_id: int, infant_id: int | None, deceased_id: int | None = None) -> list[int]:
    """Return the ids of the donations that one strand of a donor's consents speaks for, in order."""
    after_death = Q(event=DonationEvent.RECOVERY_AFTER_DEATH.value)
    if deceased_id is not None:
        which = after_death & Q(infant_id=deceased_id)
    elif infant_id is not None:
        which = ~after_death & (Q(infant_id=infant_id) | Q(infant__isnull=True))
    else:
        which = ~after_death
    return list(Donation.objects.filter(which, donor_id=donor_id).order_by("pk").values_list("pk", flat=True))


def made_from(unit_ids: Collection[int]) -> list[int]:
    """Return the ids of these units and of every unit made from them, however far down, in order."""
    found: set[int] = set()
    level = set(unit_ids)
    while level:
        found |= level
        level = set(Lineage.objects.filter(parent_id__in=level).values_list("child_id", flat=True)) - found
    return sorted(found)


def with_codes_behind(units: Iterable[Unit]) -> dict[int, tuple[str, ...]]:
    """Return, by unit id, the codes an entry about the unit names beside it: its donations' and donors'."""
    found: dict[int, set[str]] = {unit.pk: set() for unit in units}
    rows = UnitSource.objects.filter(unit_id__in=found).values_list(
        "unit_id", "donation__code", "donation__donor__donor_code"
    )
    for unit_id, donation, donor in rows:
        found[unit_id] |= {donation, donor}
    return {unit_id: tuple(sorted(codes)) for unit_id, codes in found.items()}


def units_by_code(codes: Collection[str]) -> QuerySet[Unit]:
    """Return the units of these codes."""
    return Unit.objects.filter(code__in=codes)


def units_visible_to(person: Person, at: datetime, *, roles: frozenset[Role] | None = None) -> QuerySet[Unit]:
    """Return the units that exist for this person; a door that knows the person's ``roles`` already says so.

    Collection staff see what their own site collected; coordinators what stands requested by their own site, and what
    was last shipped to it; others see all.
    """
    if roles is None:
        roles = roles_of(person, at)
    if not sees_own_site_only(roles):
        return Unit.objects.all()
    seen = Q(pk__in=[])
    if Role.COLLECTION_STAFF in roles:
        seen |= Q(donation__collection_site_id=person.site_id)
    if Role.COORDINATOR in roles:
        seen |= Q(pk__in=_requested_by(person.site)) | Q(last_shipped_to=person.site_id)
    return Unit.objects.alias(last_shipped_to=_last_shipped_to()).filter(seen)


def unit_visible_to(code: str, person: Person, at: datetime, *, roles: frozenset[Role] | None = None) -> Unit | None:
    """Return the unit of this code, if it exists for this person."""
    return units_visible_to(person, at, roles=roles).filter(code=code).first()


def _requested_by(site: Site | None) -> QuerySet[RequestLine, int]:
    """Return the ids of the units that stand requested by a site: neither taken out nor come to nothing."""
    standing = RequestLine.objects.filter(removed_at__isnull=True, request__status__in=OPEN)
    return standing.filter(request__site=site).values_list("unit_id", flat=True)


def _last_shipped_to() -> Subquery:
    """Return the site to which a unit was last handed over: what came back and went elsewhere is no more its own."""
    journeys = ShipmentItem.objects.filter(unit=OuterRef("pk"), shipment__kind="release")
    handed_over = journeys.filter(shipment__handed_over_at__isnull=False).order_by("-shipment__handed_over_at", "-pk")
    return Subquery(handed_over.values("shipment__to_site_id")[:1])
