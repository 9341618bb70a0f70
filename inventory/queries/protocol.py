"""Protocols: their locks, the version in force, and how much of their caps is taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from biobank.models.site import Site
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.protocol import ProtocolFacts, Validity
from inventory.domain.specification import Operator
from inventory.domain.unit import ProductClass
from inventory.models.protocol import Protocol, ProtocolSite
from inventory.models.request import UnitRequest

# A request counts against the caps until it comes to nothing.
CAME_TO_NOTHING = ("rejected", "cancelled", "lapsed", "void")


@dataclass(frozen=True)
class Taken:
    """How much of a study's caps is taken by other requests."""

    recipients: frozenset[int]
    units_of_recipient: int
    open_reservations: int


def lock_protocols(codes: Iterable[str]) -> list[Protocol]:
    """Take the row locks of every version of these protocols in id order: the lock of a study's caps and totals."""
    return list(Protocol.objects.select_for_update().filter(code__in=codes).order_by("pk"))


def protocol_in_force(code: str) -> Protocol | None:
    """Return the version of a protocol that is in force."""
    return Protocol.objects.filter(code=code, status="in_force").first()


def latest_version(code: str) -> int:
    """Return the number of a protocol's latest version; 0 where there is none."""
    return Protocol.objects.filter(code=code).order_by("-version").values_list("version", flat=True).first() or 0


def caps_taken(code: str, *, recipient_id: int | None, besides: int | None) -> Taken:
    """Return what the study's other requests take; ``besides`` is the request that is being asked about."""
    standing = UnitRequest.objects.filter(protocol__code=code).exclude(status__in=CAME_TO_NOTHING)
    if besides is not None:
        standing = standing.exclude(pk=besides)
    kept = Count("reservations", filter=Q(reservations__ended_at__isnull=True), distinct=True)
    lines = Count("lines", filter=Q(lines__removed_at__isnull=True), distinct=True)
    rows = list(standing.values("recipient_id").annotate(kept=kept, units=lines).order_by())
    # Requests for the laboratory, which name no recipient, are one row among them.
    units: dict[int | None, int] = {row["recipient_id"]: row["units"] for row in rows}
    return Taken(
        recipients=frozenset(each for each in units if each is not None),
        units_of_recipient=units.get(recipient_id, 0) if recipient_id is not None else 0,
        open_reservations=sum(row["kept"] for row in rows),
    )


def protocol_facts(protocol: Protocol, *, site: Site) -> ProtocolFacts:
    """Return a protocol as the gates ask of it for one site, without the caps."""
    on_it = ProtocolSite.objects.filter(protocol=protocol, site=site).first()
    return ProtocolFacts(
        code=protocol.code,
        version=str(protocol.version),
        signed=protocol.status == "in_force" and protocol.signature_id is not None,
        human_application=protocol.human_application,
        product_classes=frozenset(ProductClass(each) for each in protocol.product_classes),
        ethics=Validity(protocol.ethics_number, protocol.ethics_from, protocol.ethics_until),
        regulatory=_regulatory(protocol),
        site=site.code,
        site_on_protocol=on_it is not None,
        agreement=Validity(on_it.agreement, on_it.agreed_from, on_it.agreed_until) if on_it else None,
        criteria=criteria_of(protocol),
    )


def criteria_of(protocol: Protocol) -> tuple[Criterion, ...]:
    """Return a protocol's criteria in the order they were written."""
    return tuple(
        Criterion(
            scope=Scope(row.scope),
            attribute=row.attribute,
            operator=Operator(row.operator),
            limit=row.limit,
            words=tuple(row.words),
        )
        for row in protocol.criteria.order_by("pk")
    )


def ethics_in_force(protocol: Protocol, at: datetime) -> bool:
    """Whether the protocol's ethics approval is in force on that day; both of its days count."""
    return protocol.ethics_from <= at.date() <= protocol.ethics_until


def protocols_of_site(site_id: int) -> list[Protocol]:
    """Return the protocols in force that a study site is on, by code."""
    on_site = Q(sites__site_id=site_id, status="in_force")
    return list(Protocol.objects.filter(on_site).distinct().order_by("code"))


def _regulatory(protocol: Protocol) -> Validity | None:
    if not protocol.authorisation or protocol.authorisation_from is None:
        return None
    return Validity(protocol.authorisation, protocol.authorisation_from, protocol.authorisation_until)
