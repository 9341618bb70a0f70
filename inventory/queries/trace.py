"""Tracing a unit from donor to consignee and back, by codes alone."""

from collections.abc import Collection
from dataclasses import dataclass

from inventory.models.shipment import ShipmentItem
from inventory.models.unit import Unit, UnitSource
from inventory.queries.unit import units_of_donors


@dataclass(frozen=True)
class Trace:
    """One unit between the donors it came from and where it went; empty where it never left."""

    unit: str
    state: str
    donors: tuple[str, ...]
    donations: tuple[str, ...]
    shipment: str = ""
    site: str = ""
    request: str = ""
    protocol: str = ""
    recipient: str = ""


def trace_units(unit_ids: Collection[int]) -> list[Trace]:
    """Return the trace of each unit, by unit code, in a constant number of queries."""
    donors: dict[int, set[str]] = {}
    donations: dict[int, set[str]] = {}
    sources = UnitSource.objects.filter(unit_id__in=unit_ids)
    for unit_id, din, donor in sources.values_list("unit_id", "donation__code", "donation__donor__donor_code"):
        donors.setdefault(unit_id, set()).add(donor)
        donations.setdefault(unit_id, set()).add(din)
    left = _journeys(unit_ids)
    return [
        Trace(
            unit=unit.code,
            state=unit.state,
            donors=tuple(sorted(donors.get(unit.pk, ()))),
            donations=tuple(sorted(donations.get(unit.pk, ()))),
            **left.get(unit.pk, {}),
        )
        for unit in Unit.objects.filter(pk__in=unit_ids).order_by("code")
    ]


def trace_donor(donor_id: int) -> list[Trace]:
    """Return where everything went that came from a donor."""
    return trace_units(units_of_donors([donor_id]))


def trace_protocol(protocol_code: str) -> list[Trace]:
    """Return the donors behind everything that went to a study."""
    rows = ShipmentItem.objects.filter(
        shipment__release__request__protocol__code=protocol_code, shipment__handed_over_at__isnull=False
    )
    return trace_units(list(rows.values_list("unit_id", flat=True)))


def _journeys(unit_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return, by unit id, the words of the last release shipment that was handed over."""
    rows = (
        ShipmentItem.objects.filter(
            unit_id__in=unit_ids, shipment__kind="release", shipment__handed_over_at__isnull=False
        )
        .select_related(
            "shipment__to_site", "shipment__release__request__protocol", "shipment__release__request__recipient"
        )
        .order_by("shipment__handed_over_at", "pk")
    )
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        release = row.shipment.release
        if row.unit_id is None or release is None:
            continue
        recipient = release.request.recipient
        found[row.unit_id] = {
            "shipment": row.shipment.reference,
            "site": row.shipment.to_site.code,
            "request": release.request.reference,
            "protocol": release.request.protocol.code,
            "recipient": recipient.code if recipient else "",
        }
    return found
