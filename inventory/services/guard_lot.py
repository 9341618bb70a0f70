"""What the database itself refuses of lots: one that changes, a vial that changes lots, what is not recorded once."""

from biobank.services.trigger import Guard
from inventory.services.guard_row import changed, stays

GUARDS = (
    stays("lot", ("code", "pool_din", "processing_id", "product_code", "product_class", "size", "made_at")),
    Guard(
        name="vial_stays_in_its_lot",
        table="inventory_unit",
        event="UPDATE",
        condition=changed("lot_id"),
        message="A vial's lot never changes.",
    ),
    Guard(
        name="vial_is_of_its_lots_product",
        table="inventory_unit",
        event="INSERT",
        condition=(
            "NEW.lot_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM inventory_lot l WHERE l.id = NEW.lot_id"
            " AND l.product_class = NEW.product_class AND l.product_code = substr(NEW.product_code, 1, 6))"
        ),
        message="A vial is of the product of its lot.",
    ),
    Guard(
        name="vial_is_accepted_with_its_lot",
        table="inventory_acceptance",
        event="INSERT",
        condition="EXISTS (SELECT 1 FROM inventory_unit v WHERE v.id = NEW.unit_id AND v.lot_id IS NOT NULL)",
        message="A vial is accepted with its lot, never alone.",
    ),
    Guard(
        name="pool_takes_a_din_that_is_free",
        table="inventory_lot",
        event="INSERT",
        condition="EXISTS (SELECT 1 FROM inventory_donation d WHERE d.code = NEW.pool_din)",
        message="A pool has a DIN of its own.",
    ),
    Guard(
        name="donation_takes_a_din_that_is_free",
        table="inventory_donation",
        event="INSERT",
        condition="EXISTS (SELECT 1 FROM inventory_lot l WHERE l.pool_din = NEW.code)",
        message="The DIN of a pool is no donation's.",
    ),
)
