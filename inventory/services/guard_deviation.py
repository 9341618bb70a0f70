"""What the database itself refuses of deviations: a story rewritten, a closing by who opened it, parts added late."""

from biobank.services.trigger import Guard
from inventory.services.guard_row import changed, stays

GUARDS = (
    stays(
        "deviation",
        (
            *("reference", "deviation_class", "what_happened", "immediate_action", "occurred_at"),
            *("opened_by_id", "opened_at"),
        ),
        ended_by="closed_at",
    ),
    Guard(
        name="deviation_is_closed_by_another_person",
        table="inventory_deviation",
        event="UPDATE",
        condition=(
            "EXISTS (SELECT 1 FROM biobank_signature g WHERE g.id = NEW.signature_id AND"
            " (g.person_id = NEW.opened_by_id OR g.person_id IN"
            " (SELECT i.person_id FROM inventory_deviationitem i WHERE i.deviation_id = NEW.id)))"
        ),
        message="Who opened a deviation, or is named in it, does not close it.",
    ),
    Guard(
        name="deviation_is_closed_with_every_disposition",
        table="inventory_deviation",
        event="UPDATE",
        condition=(
            "NEW.closed_at IS NOT NULL AND EXISTS (SELECT 1 FROM inventory_deviationitem i"
            " WHERE i.deviation_id = NEW.id AND (i.unit_id IS NOT NULL OR i.lot_id IS NOT NULL) AND i.disposition = '')"
        ),
        message="A deviation is closed once each unit and lot that it touched has a disposition.",
    ),
    Guard(
        name="deviation_item_is_added_while_it_is_open",
        table="inventory_deviationitem",
        event="INSERT",
        condition=(
            "NOT EXISTS (SELECT 1 FROM inventory_deviation d WHERE d.id = NEW.deviation_id AND d.closed_at IS NULL)"
        ),
        message="Nothing is added to a deviation that is closed.",
    ),
    Guard(
        name="deviation_item_stays_what_it_is",
        table="inventory_deviationitem",
        event="UPDATE",
        condition=(
            "OLD.disposition <> '' OR "
            + changed(
                *("deviation_id", "unit_id", "lot_id", "donation_id", "shipment_id", "container_id", "person_id"),
            )
        ),
        message="What a deviation touched stays so, and its disposition is given once.",
    ),
)
