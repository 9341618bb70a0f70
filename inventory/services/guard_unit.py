"""What the database itself refuses of units: changes of state that are no row of the table, and of what a unit is."""

from biobank.services.trigger import Guard
from inventory.domain.donation import COLLECTED_AT
from inventory.domain.unit import FINAL, TRANSITIONS, UnitState
from inventory.services.guard_row import changed, one_of


def allowed_changes() -> frozenset[tuple[UnitState, UnitState]]:
    """Return every change from one state to another that some row of the table allows."""
    pairs = set()
    for row in TRANSITIONS:
        targets = [row.target] if row.target else [UnitState.AVAILABLE, UnitState.QUARANTINED]
        sources = {source for each in row.sources.values() for source in each if source is not None}
        pairs |= {(source, target) for source in sources for target in targets}
    return frozenset(pairs)


def first_states() -> frozenset[UnitState]:
    """Return the states in which some row of the table lets a unit begin."""
    return frozenset(row.target for row in TRANSITIONS if row.target for each in row.sources.values() if None in each)


def _no_row_of_the_table() -> str:
    allowed: dict[UnitState, list[str]] = {state: [] for state in UnitState if state not in FINAL}
    for source, target in sorted(allowed_changes()):
        allowed[source].append(f"'{target.value}'")
    rows = [f"(OLD.state = '{source.value}' AND NEW.state IN ({', '.join(to)}))" for source, to in allowed.items()]
    return f"NEW.state <> OLD.state AND NOT ({' OR '.join(rows)})"


def _not_of_its_event() -> str:
    events = " OR ".join(
        f"(d.event = '{event.value}' AND NEW.product_class IN ({one_of(classes)}))"
        for event, classes in COLLECTED_AT.items()
    )
    of_such = f"SELECT 1 FROM inventory_donation d WHERE d.id = NEW.donation_id AND ({events})"  # noqa: S608 - names of our own
    return f"NEW.state = 'collected' AND NOT EXISTS ({of_such})"


GUARDS = (
    Guard(
        name="unit_for_the_laboratory_stays_there",
        table="inventory_unit",
        event="UPDATE",
        condition="OLD.use = 'laboratory' AND NEW.use = 'human_application'",
        message="A unit accepted for the laboratory never becomes one for human application.",
    ),
    Guard(
        name="unit_state_changes_along_the_table",
        table="inventory_unit",
        event="UPDATE",
        condition=_no_row_of_the_table(),
        message="A unit's state changes only along the table, and a final one never.",
    ),
    Guard(
        name="unit_begins_as_the_table_says",
        table="inventory_unit",
        event="INSERT",
        condition=f"NEW.state NOT IN ({one_of(first_states())})",
        message="A unit begins collected or quarantined.",
    ),
    Guard(
        name="unit_is_collected_at_its_event",
        table="inventory_unit",
        event="INSERT",
        condition=_not_of_its_event(),
        message="A birth gives cord blood, placenta and cord tissue, and a recovery after death the liver.",
    ),
    Guard(
        name="what_was_thawed_never_goes_back_to_stock",
        table="inventory_unit",
        event="UPDATE",
        condition=(
            "NEW.thawed AND ((OLD.state = 'quarantined' AND NEW.state IN ('available', 'reserved'))"
            " OR (OLD.state = 'returned' AND NEW.state = 'quarantined'))"
        ),
        message="What was thawed never goes back to stock.",
    ),
    Guard(
        name="unit_stays_what_it_is",
        table="inventory_unit",
        event="UPDATE",
        condition=(
            changed("code", "donation_id", "kind", "product_class", "origin") + " OR (OLD.thawed AND NOT NEW.thawed)"
        ),
        message="A unit's code, donation, kind and class never change, and what was thawed stays so.",
    ),
)
