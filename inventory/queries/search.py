"""What a scanned or typed code leads to, among what exists for the person who asks."""

from collections.abc import Callable, Mapping
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
    """Return the units that the code names: its own, those of its donation, request, shipment or place.

    For people of one site, what belongs to other sites and where a unit lies lead nowhere.
    """
    wanted = Q(code=scan.text) | Q(identifiers__value=scan.text)
    leads_to = LEADS_TO if sees_all_sites else LEADS_TO_FROM_ONE_SITE
    if scan.kind in leads_to:
        wanted |= leads_to[scan.kind](scan, person.site_id)
    found = units_visible_to(person, at).filter(wanted).select_related("donation").distinct().order_by("code")
    shown = list(found[: MOST + 1])
    return Found(tuple(shown[:MOST]), is_cut=len(shown) > MOST)


def _of_donation(scan: Scan, _site_id: int | None) -> Q:
    return Q(sources__donation__code=scan.din.text) if scan.din else Q(pk__in=[])


def _itself(scan: Scan, _site_id: int | None) -> Q:
    return Q(code=scan.text)


def _of_reference(scan: Scan, _site_id: int | None) -> Q:
    """What belongs to a request, release or shipment, lies under a hold, or is the bag of a sample."""
    return (
        Q(request_lines__request__reference=scan.text)
        | Q(releases__release__reference=scan.text)
        | Q(journeys__shipment__reference=scan.text)
        | Q(holds__reference=scan.text)
        | Q(samples__code=scan.text)
    )


def _of_own_reference(scan: Scan, site_id: int | None) -> Q:
    """What belongs to a request, release or shipment of the site, or is the bag of a sample."""
    return (
        Q(request_lines__request__reference=scan.text, request_lines__request__site_id=site_id)
        | Q(releases__release__reference=scan.text, releases__release__request__site_id=site_id)
        | Q(journeys__shipment__reference=scan.text, journeys__shipment__to_site_id=site_id)
        | Q(journeys__shipment__reference=scan.text, journeys__shipment__from_site_id=site_id)
        | Q(samples__code=scan.text)
    )


def _in_place(scan: Scan, _site_id: int | None) -> Q:
    inside = Q(placements__position__code=scan.text) | Q(placements__position__container__code=scan.text)
    return inside & Q(placements__removed_at__isnull=True)


def _of_sample(scan: Scan, _site_id: int | None) -> Q:
    return Q(samples__code=scan.text) | Q(samples__identifiers__value=scan.text)


LEADS_TO: Mapping[ScanKind, Callable[[Scan, int | None], Q]] = MappingProxyType(
    {
        ScanKind.DIN: _of_donation,
        ScanKind.UNIT: _itself,
        ScanKind.REFERENCE: _of_reference,
        ScanKind.PLACE: _in_place,
        ScanKind.BARCODE: _of_sample,
    }
)

LEADS_TO_FROM_ONE_SITE: Mapping[ScanKind, Callable[[Scan, int | None], Q]] = MappingProxyType(
    {
        ScanKind.DIN: _of_donation,
        ScanKind.UNIT: _itself,
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
