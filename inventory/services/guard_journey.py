"""What the database itself refuses of journeys, batches and equipment."""

from biobank.services.trigger import Guard
from inventory.services.guard_row import once, status, stays

# Rows that are written once: what papers say, when a device was checked.
APPEND_ONLY = (
    "inventory.ShipmentPaper",
    "inventory.EquipmentCheck",
)

_WITHOUT_PAPERS = (
    "EXISTS (SELECT 1 FROM inventory_shipmentitem i, inventory_unit u WHERE i.shipment_id = NEW.id"
    " AND i.ended_at IS NULL AND u.id = i.unit_id AND u.state = 'quarantined'"
    " AND NOT EXISTS (SELECT 1 FROM inventory_shipmentpaper p WHERE p.shipment_id = NEW.id AND p.unit_id = u.id))"
)
_PACKED = "EXISTS (SELECT 1 FROM inventory_shipmentitem i WHERE i.unit_id = NEW.unit_id AND i.ended_at IS NULL)"
_TRAVELLING = (
    "EXISTS (SELECT 1 FROM inventory_shipmentitem i, inventory_shipment s WHERE s.id = i.shipment_id"
    " AND (i.unit_id = NEW.unit_id OR i.sample_id = NEW.sample_id) AND i.ended_at IS NULL"
    " AND s.handed_over_at IS NOT NULL)"
)
_UNUSABLE = (
    "NOT EXISTS (SELECT 1 FROM inventory_batch b WHERE b.id = NEW.batch_id AND b.state = 'released'"
    " AND b.inspected_at <= NEW.used_at AND b.expires_at > NEW.used_at)"
)

GUARDS = (
    stays("shipmentitem", ("shipment_id", "unit_id", "sample_id"), ended_by="ended_at"),
    Guard(
        name="shipment_in_quarantine_leaves_with_its_papers",
        table="inventory_shipment",
        event="UPDATE",
        condition=(
            "OLD.handed_over_at IS NULL AND NEW.handed_over_at IS NOT NULL AND NEW.kind = 'transfer'"
            f" AND {_WITHOUT_PAPERS}"
        ),
        message="A unit in quarantine is transferred only with its papers.",
    ),
    Guard(
        name="shipment_is_filled_before_it_is_handed_over",
        table="inventory_shipmentitem",
        event="INSERT",
        condition=(
            "NOT EXISTS (SELECT 1 FROM inventory_shipment s WHERE s.id = NEW.shipment_id AND s.handed_over_at IS NULL)"
        ),
        message="Nothing is added to a shipment that was handed over.",
    ),
    Guard(
        name="reservation_is_of_what_is_here",
        table="inventory_reservation",
        event="INSERT",
        condition=_PACKED,
        message="A unit that is packed or travelling is not reserved.",
    ),
    Guard(
        name="placement_is_of_what_is_here",
        table="inventory_placement",
        event="INSERT",
        condition=_TRAVELLING,
        message="What travels has no position.",
    ),
    stays(
        "batch",
        (
            *("reference", "kind", "manufacturer", "catalogue_number", "lot_number", "serial_number", "gtin"),
            *("site_id", "expires_on", "expires_at", "received_at", "received_by_id"),
        ),
    ),
    once("batch", ("inspected_at", "inspected_by_id")),
    status("batch", (("quarantined", "released"), ("quarantined", "rejected"), ("released", "rejected")), "state"),
    Guard(
        name="batch_is_rejected_after_its_release_with_the_reason",
        table="inventory_batch",
        event="UPDATE",
        condition=(
            "OLD.inspected_at IS NOT NULL AND ((NEW.state = OLD.state AND NEW.note <> OLD.note)"
            " OR (NEW.state <> OLD.state AND NEW.note = ''))"
        ),
        message="What an inspection found of a batch stays, but for its rejection with the reason.",
    ),
    Guard(
        name="batch_is_released_and_good_when_it_is_used",
        table="inventory_batchuse",
        event="INSERT",
        condition=_UNUSABLE,
        message="A batch is used while it is released and not expired.",
    ),
    stays("batchuse", ("processing_id", "donation_id")),
    stays("equipmentuse", ("processing_id", "shipment_id")),
    stays("equipment", ("code", "kind", "manufacturer", "serial_number", "registered_at")),
    stays("equipmentoutage", ("equipment_id", "began_at", "reason", "opened_by_id"), ended_by="until"),
)
