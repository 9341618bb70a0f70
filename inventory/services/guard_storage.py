"""What the database itself refuses of the storage tree, of excursions and of stocktakes."""

from biobank.services.trigger import Guard
from inventory.services.guard_row import once, part, status, stays

# Rows that are written once: what was read in a count.
APPEND_ONLY = ("inventory.StocktakeScan",)

_SAME_SIGNER = (
    "NEW.signature_id IS NOT NULL AND EXISTS (SELECT 1 FROM biobank_signature g WHERE g.id = NEW.signature_id AND ("
)
_COUNTED = (
    "g.person_id IN (SELECT c.scanned_by_id FROM inventory_stocktakescan c WHERE c.stocktake_id = NEW.id)"
    " OR g.person_id IN (SELECT d.resolved_by_id FROM inventory_stocktakedifference d WHERE d.stocktake_id = NEW.id)"
)
_UNRESOLVED = (
    "EXISTS (SELECT 1 FROM inventory_stocktakedifference d WHERE d.stocktake_id = NEW.id AND d.resolution = '')"
)
_AWAITED = (
    "EXISTS (SELECT 1 FROM inventory_excursionitem i, inventory_excursion e WHERE i.hold_id = NEW.id"
    " AND e.id = i.excursion_id AND e.assessed_at IS NULL)"
)
_WITHOUT_VERDICT = (
    "EXISTS (SELECT 1 FROM inventory_excursionitem i, inventory_hold h WHERE i.excursion_id = NEW.id"
    " AND h.id = i.hold_id AND i.verdict = '')"
)

GUARDS = (
    stays("container", ("code", "kind_id", "site_id", "parent_id", "registered_at")),
    stays("position", ("container_id", "label", '"row"', '"column"', "code")),
    stays(
        "excursion",
        (
            *("reference", "container_id", "started_at", "ended_at", "extreme_celsius", "minutes_beyond"),
            *("warmest_celsius", "coldest_celsius", "minutes_allowed", "is_beyond", "note"),
            *("reported_by_id", "reported_at"),
        ),
        ended_by="assessed_at",
    ),
    stays("excursionitem", ("excursion_id", "unit_id", "sample_id", "position_id", "hold_id")),
    Guard(
        name="excursion_verdict_is_given_once",
        table="inventory_excursionitem",
        event="UPDATE",
        condition="OLD.verdict <> ''",
        message="What was said of a unit in an excursion stays so.",
    ),
    Guard(
        name="excursion_is_assessed_by_another_person",
        table="inventory_excursion",
        event="UPDATE",
        condition=f"{_SAME_SIGNER}g.person_id = NEW.reported_by_id))",
        message="Who reported an excursion does not sign its assessment.",
    ),
    Guard(
        name="excursion_is_assessed_for_every_unit",
        table="inventory_excursion",
        event="UPDATE",
        condition=f"NEW.assessed_at IS NOT NULL AND {_WITHOUT_VERDICT}",
        message="An excursion is assessed once each unit that it holds has a verdict.",
    ),
    Guard(
        name="excursion_hold_awaits_its_assessment",
        table="inventory_hold",
        event="UPDATE",
        condition=f"OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL AND {_AWAITED}",
        message="The hold of an excursion is lifted by its assessment.",
    ),
    stays("stocktake", ("reference", "container_id", "opened_by_id", "opened_at"), ended_by="ended_at"),
    once("stocktake", ("compared_at",)),
    status(
        "stocktake",
        (
            ("counting", "compared"),
            ("counting", "abandoned"),
            ("compared", "closed"),
            ("compared", "abandoned"),
        ),
    ),
    part("stocktakescan", "stocktake", "stocktake_id", "counting"),
    part("stocktakedifference", "stocktake", "stocktake_id", "counting"),
    stays(
        "stocktakedifference",
        ("stocktake_id", "kind", "code", "unit_id", "sample_id", "found_position_id", "recorded_position_id"),
    ),
    Guard(
        name="difference_is_resolved_while_its_stocktake_is_open",
        table="inventory_stocktakedifference",
        event="UPDATE",
        condition=(
            "NOT EXISTS (SELECT 1 FROM inventory_stocktake s WHERE s.id = NEW.stocktake_id AND s.status = 'compared')"
        ),
        message="A difference is resolved between the comparison and the closing of its stocktake.",
    ),
    Guard(
        name="stocktake_is_closed_by_who_did_not_count",
        table="inventory_stocktake",
        event="UPDATE",
        condition=f"{_SAME_SIGNER}g.person_id = NEW.opened_by_id OR {_COUNTED}))",
        message="Who opened, counted or resolved a stocktake does not sign its closing.",
    ),
    Guard(
        name="stocktake_is_closed_with_every_difference_resolved",
        table="inventory_stocktake",
        event="UPDATE",
        condition=f"NEW.status = 'closed' AND {_UNRESOLVED}",
        message="A stocktake is closed once every difference is resolved.",
    ),
)
