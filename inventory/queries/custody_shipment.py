"""The journeys of a unit and of what it was made from, as the chain-of-custody document states them."""

from inventory.domain.custody import ShipmentRow
from inventory.models.shipment import Shipment
from inventory.queries.custody_line import Line


def shipment_rows(line: Line) -> tuple[ShipmentRow, ...]:
    """Return every journey, in the order of packing."""
    shipments = (
        Shipment.objects.filter(items__unit_id__in=line.own_and_ancestors)
        .select_related("from_site", "to_site", "received_by")
        .order_by("packed_at", "pk")
        .distinct()
    )
    return tuple(map(_row, shipments))


def _row(shipment: Shipment) -> ShipmentRow:
    return ShipmentRow(
        reference=shipment.reference,
        kind=shipment.kind,
        origin=f"{shipment.from_site.code} {shipment.from_site.name}",
        destination=f"{shipment.to_site.code} {shipment.to_site.name}",
        courier=shipment.courier,
        equipment=f"{shipment.shipper.replace('_', ' ')} {shipment.shipper_code}, logger {shipment.logger_code}",
        packed_at=shipment.packed_at,
        handed_over_at=shipment.handed_over_at,
        received_at=shipment.received_at,
        received_by=shipment.received_by.printed_name if shipment.received_by else "",
    )
