"""What the database itself refuses of voidings and labels: a unit that was there, a label of two rolls, one reused."""

from biobank.services.trigger import Guard
from inventory.domain.recovery import RECKONED
from inventory.services.guard_row import status, stays

# Rows that are written once: rolls of labels, and labels that were spoiled.
APPEND_ONLY = ("inventory.DinRange", "inventory.SpoiledDin")

_WAS_THERE = (
    "EXISTS (SELECT 1 FROM inventory_placement p WHERE p.unit_id = NEW.id)"  # noqa: S608 - names of our own
    " OR EXISTS (SELECT 1 FROM inventory_receipt r WHERE r.unit_id = NEW.id)"
    " OR EXISTS (SELECT 1 FROM inventory_shipmentitem s WHERE s.unit_id = NEW.id)"
    " OR EXISTS (SELECT 1 FROM inventory_lineage l WHERE l.child_id = NEW.id OR l.parent_id = NEW.id)"
    " OR EXISTS (SELECT 1 FROM inventory_result m WHERE m.unit_id = NEW.id"
    f" AND m.assay NOT IN {RECKONED})"
)
_CONFIRMED = (
    "EXISTS (SELECT 1 FROM inventory_voiding v WHERE v.status = 'confirmed'"
    " AND (v.unit_id = NEW.id OR v.donation_id = NEW.donation_id))"
)

GUARDS = (
    stays("voiding", ("reference", "unit_id", "donation_id", "reason", "asked_by_id", "asked_at"), ended_by="ended_at"),
    status("voiding", (("proposed", "confirmed"), ("proposed", "rejected"))),
    Guard(
        name="unit_that_was_there_is_not_voided",
        table="inventory_unit",
        event="UPDATE",
        condition=f"NEW.state = 'voided' AND OLD.state <> 'voided' AND ({_WAS_THERE} OR NOT {_CONFIRMED})",
        message="Only what two persons say was never there is voided.",
    ),
    Guard(
        name="label_is_issued_once",
        table="inventory_dinrange",
        event="INSERT",
        condition=(
            "EXISTS (SELECT 1 FROM inventory_dinrange r WHERE r.prefix = NEW.prefix"
            " AND r.first_serial <= NEW.last_serial AND r.last_serial >= NEW.first_serial)"
        ),
        message="A label is issued once.",
    ),
    Guard(
        name="donation_takes_no_spoiled_label",
        table="inventory_donation",
        event="INSERT",
        condition="EXISTS (SELECT 1 FROM inventory_spoileddin d WHERE d.din = NEW.din)",
        message="A spoiled label is no donation's.",
    ),
)
