"""What the database itself refuses of inventory's rows: wrong changes of state, unsigned releases, edited facts."""

from collections.abc import Iterable

from biobank.services.trigger import Guard
from inventory.domain.unit import FINAL, TRANSITIONS, UnitState

# Rows that are written once: what was signed, what was seen, what came from what.
APPEND_ONLY = (
    "inventory.UnitSource",
    "inventory.Lineage",
    "inventory.ReleaseUnit",
    "inventory.ReleaseSignature",
    "inventory.Pick",
    "inventory.ShipmentItem",
    "inventory.Receipt",
    "inventory.Disposition",
    "inventory.Outcome",
    "inventory.NoticeItem",
    "inventory.ProtocolCriterion",
    "inventory.ProtocolSite",
    "inventory.SpecificationLimit",
)

_FEW_SIGNERS = (
    "(SELECT COUNT(DISTINCT s.signer_id) FROM inventory_releasesignature s WHERE s.release_id = NEW.id"
    " AND s.content_sha256 = NEW.snapshot_sha256) < 2"
)
_REQUESTER_SIGNED = (
    "EXISTS (SELECT 1 FROM inventory_releasesignature s, inventory_unitrequest r WHERE r.id = NEW.request_id"
    " AND s.release_id = NEW.id AND s.signer_id = r.requested_by_id)"
)
_OPEN_HOLD = (
    "EXISTS (SELECT 1 FROM inventory_hold h, inventory_releaseunit u WHERE u.release_id = NEW.id"
    " AND h.lifted_at IS NULL AND (h.unit_id = u.unit_id"
    " OR h.donation_id IN (SELECT us.donation_id FROM inventory_unitsource us WHERE us.unit_id = u.unit_id)"
    " OR h.donor_id IN (SELECT d.donor_id FROM inventory_unitsource us, inventory_donation d"
    " WHERE us.unit_id = u.unit_id AND d.id = us.donation_id)))"
)


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


def _one_of(states: Iterable[UnitState]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


GUARDS = (
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
        condition=f"NEW.state NOT IN ({_one_of(first_states())})",
        message="A unit begins collected or quarantined.",
    ),
    Guard(
        name="unit_stays_what_it_is",
        table="inventory_unit",
        event="UPDATE",
        condition=_changed("code", "donation_id"),
        message="A unit's code and donation never change.",
    ),
    Guard(
        name="release_is_issued_by_two_signers",
        table="inventory_release",
        event="UPDATE",
        condition=f"NEW.status = 'issued' AND OLD.status <> 'issued' AND ({_FEW_SIGNERS} OR {_REQUESTER_SIGNED})",
        message="A release is issued by two people who signed its snapshot, neither of them the requester.",
    ),
    Guard(
        name="release_is_not_issued_over_a_hold",
        table="inventory_release",
        event="UPDATE",
        condition=f"NEW.status = 'issued' AND OLD.status <> 'issued' AND {_OPEN_HOLD}",
        message="A release is not issued while a hold is open on one of its units.",
    ),
    Guard(
        name="release_begins_evaluated",
        table="inventory_release",
        event="INSERT",
        condition="NEW.status <> 'evaluated'",
        message="A release begins evaluated.",
    ),
    Guard(
        name="release_stays_what_was_evaluated",
        table="inventory_release",
        event="UPDATE",
        condition=(
            "OLD.status = 'void' OR NEW.status = 'evaluated' OR "
            + _changed("snapshot", "snapshot_sha256", "request_id")
        ),
        message="What a release was evaluated on never changes, and a void one stays void.",
    ),
    Guard(
        name="release_signature_is_of_that_signature",
        table="inventory_releasesignature",
        event="INSERT",
        condition=(
            "NOT EXISTS (SELECT 1 FROM biobank_signature g WHERE g.id = NEW.signature_id"
            " AND g.person_id = NEW.signer_id AND g.meaning = NEW.meaning AND g.content_sha256 = NEW.content_sha256)"
        ),
        message="A release is signed by the signature's own person, meaning and hash.",
    ),
    Guard(
        name="reservation_ends_once",
        table="inventory_reservation",
        event="UPDATE",
        condition=f"OLD.ended_at IS NOT NULL OR {_changed('unit_id', 'request_id', 'reserved_at')}",
        message="A reservation is of one unit for one request, and once ended stays so.",
    ),
    Guard(
        name="hold_is_lifted_once",
        table="inventory_hold",
        event="UPDATE",
        condition=(
            "OLD.lifted_at IS NOT NULL OR " + _changed("unit_id", "donation_id", "donor_id", "kind", "placed_by_id")
        ),
        message="A hold stays on what it was placed on, and once lifted stays so.",
    ),
    Guard(
        name="result_is_corrected_and_never_edited",
        table="inventory_result",
        event="UPDATE",
        condition="OLD.verified_at IS NOT NULL OR "
        + _changed(
            *("assay", "subject", "donation_id", "unit_id", "sample_id", "number", "text", "qualifier"),
            *("entered_by_id", "entered_at", "replaces_id"),
        ),
        message="A result is verified once and corrected by another result, never edited.",
    ),
)
