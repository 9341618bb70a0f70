"""What a scanned or typed code leads to, among what exists for the person who asks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db.models import Q, QuerySet

from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.domain.identifier import Scan, ScanKind
from inventory.models.unit import Unit
from inventory.queries.unit import units_visible_to

MOST = 50

# The ids of some units, as a query of their own.
Ids = QuerySet[Unit, int]


@dataclass(frozen=True)
class Found:
    """The units a code leads to; ``is_cut`` says that there are more than are shown."""

    units: tuple[Unit, ...]
    is_cut: bool = False

    @property
    def only(self) -> Unit | None:
        """The one unit, when there is exactly one."""
        return self.units[0] if len(self.units) == 1 else None


def units_found(scan: Scan, person: Person, at: datetime, *, sees_all_sites: bool) -> Found:
    """Return the units that the code names: its own, those of its donation, lot, request, shipment, hold or place.

    For people of one site, what belongs to other sites and where a unit lies lead nowhere.
    """
    leads_to = LEADS_TO if sees_all_sites else LEADS_TO_FROM_ONE_SITE
    ways = leads_to[scan.kind](scan, person.site_id) if scan.kind in leads_to else ()
    # A union of short look-ups, each by its index: joined, they would multiply each other's rows.
    named = Unit.objects.filter(code=scan.text).values_list("pk", flat=True).union(_with_identifier(scan), *ways)
    found = units_visible_to(person, at).filter(pk__in=named).select_related("donation").order_by("code")
    shown = list(found[: MOST + 1])
    return Found(tuple(shown[:MOST]), is_cut=len(shown) > MOST)


def _with_identifier(scan: Scan) -> Ids:
    return Unit.objects.filter(identifiers__value=scan.text).values_list("pk", flat=True)


def _of_donation(scan: Scan, _site_id: int | None) -> Iterable[Ids]:
    """What has cells of the donation, or, where the number is a pool's, is a vial of it."""
    if scan.din:
        yield Unit.objects.filter(sources__donation__code=scan.din.text).values_list("pk", flat=True)
        yield Unit.objects.filter(lot__pool_din=scan.din.text).values_list("pk", flat=True)


def _of_reference(scan: Scan, _site_id: int | None) -> Iterable[Ids]:
    """What belongs to a request, release, shipment, lot or donor, is the bag of a sample, or quality speaks of."""
    wanted = (
        Q(request_lines__request__reference=scan.text),
        Q(releases__release__reference=scan.text),
        Q(journeys__shipment__reference=scan.text),
        Q(lot__code=scan.text),
        Q(samples__code=scan.text),
        Q(sources__donation__donor__donor_code=scan.text),
        Q(sources__donation__donor__holds__reference=scan.text),
        Q(sources__donation__holds__reference=scan.text),
        Q(lot__holds__reference=scan.text),
        Q(holds__reference=scan.text),
        Q(deviations__deviation__reference=scan.text),
        Q(lot__deviations__deviation__reference=scan.text),
        Q(excursions__excursion__reference=scan.text),
        Q(notices__notice__reference=scan.text),
    )
    return (Unit.objects.filter(each).values_list("pk", flat=True) for each in wanted)


def _of_own_reference(scan: Scan, site_id: int | None) -> Iterable[Ids]:
    """What belongs to a request, release, shipment or notice of the site, to a lot, or is the bag of a sample."""
    wanted = (
        Q(request_lines__request__reference=scan.text, request_lines__request__site_id=site_id),
        Q(releases__release__reference=scan.text, releases__release__request__site_id=site_id),
        Q(journeys__shipment__reference=scan.text, journeys__shipment__to_site_id=site_id),
        Q(journeys__shipment__reference=scan.text, journeys__shipment__from_site_id=site_id),
        Q(notices__notice__reference=scan.text, notices__notice__site_id=site_id),
        Q(lot__code=scan.text),
        Q(samples__code=scan.text),
    )
    return (Unit.objects.filter(each).values_list("pk", flat=True) for each in wanted)


def _in_place(scan: Scan, _site_id: int | None) -> Iterable[Ids]:
    inside = Q(placements__position__code=scan.text) | Q(placements__position__container__code=scan.text)
    yield Unit.objects.filter(inside & Q(placements__removed_at__isnull=True)).values_list("pk", flat=True)


def _of_sample(scan: Scan, _site_id: int | None) -> Iterable[Ids]:
    yield Unit.objects.filter(samples__code=scan.text).values_list("pk", flat=True)
    yield Unit.objects.filter(samples__identifiers__value=scan.text).values_list("pk", flat=True)


LEADS_TO: Mapping[ScanKind, Callable[[Scan, int | None], Iterable[Ids]]] = MappingProxyType(
    {
        ScanKind.DIN: _of_donation,
        ScanKind.REFERENCE: _of_reference,
        ScanKind.PLACE: _in_place,
        ScanKind.BARCODE: _of_sample,
    }
)

LEADS_TO_FROM_ONE_SITE: Mapping[ScanKind, Callable[[Scan, int | None], Iterable[Ids]]] = MappingProxyType(
    {
        ScanKind.DIN: _of_donation,
        ScanKind.REFERENCE: _of_own_reference,
        ScanKind.BARCODE: _of_sample,
    }
)


def units_in_state(
    person: Person, at: datetime, *, roles: frozenset[Role], state: str, after: int, most: int
) -> tuple[list[Unit], bool]:
    """Return one page of units in the order of their registration, and whether there are more."""
    units: QuerySet[Unit] = units_visible_to(person, at, roles=roles).filter(pk__gt=after).order_by("pk")
    if state:
        units = units.filter(state=state)
    page = list(units[: most + 1])
    return page[:most], len(page) > most
