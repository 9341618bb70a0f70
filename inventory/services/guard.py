"""What the database itself refuses of inventory's rows: wrong changes of state, unsigned releases, edited facts."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from biobank.services.trigger import Guard
from inventory.domain.request import OPEN
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

# What was decided, signed or done stays as it was written; how it went on is in the columns not named here.
_STAYS: Mapping[str, tuple[str, ...]] = {
    "unitrequest": (
        *("reference", "protocol_id", "site_id", "requested_by_id", "requested_at", "needed_by"),
        *("delivery_address", "delivery_contact", "recipient_id", "weight_kg", "ordering_physician", "order_sha256"),
    ),
    "requestline": ("request_id", "unit_id"),
    "recipient": ("protocol_code", "code"),
    "eligibilitydetermination": ("donation_id", "verdict", "evidence_sha256", "signature_id", "determined_at"),
    "acceptance": ("unit_id", "use", "specification_id", "signature_id", "snapshot_sha256", "accepted_at"),
    "specification": ("name", "version", "product_class", "use", "mark", "drafted_at"),
    "protocol": (
        *("code", "version", "title", "sponsor", "principal_investigator", "indication", "duo", "human_application"),
        *("commercial", "for_profit", "genetic", "country", "institution", "product_classes", "ethics_number"),
        *("ethics_from", "ethics_until", "authorisation", "authorisation_from", "authorisation_until"),
        *("recipients_cap", "units_per_recipient_cap", "open_reservations_cap", "reservation_hours", "drafted_at"),
    ),
    "placement": ("position_id", "unit_id", "sample_id", "placed_at", "placed_by_id"),
    "donation": ("code", "donor_id", "infant_id"),
    "referencesample": ("code", "donation_id", "role", "origin"),
    "shipment": (
        *("reference", "kind", "from_site_id", "to_site_id", "release_id", "packed_at", "packed_by_id"),
        *("shipper", "shipper_code", "seal_code", "logger_code", "courier"),
    ),
}
# What is empty until it happens, and from then on stays as it was written.
_ONCE: Mapping[str, tuple[str, ...]] = {
    "unitrequest": ("approval_id", "approved_at", "ended_at"),
    "specification": ("signature_id", "in_force_at"),
    "protocol": ("signature_id", "in_force_at"),
    "release": ("issued_at", "ended_at"),
    "shipment": ("handed_over_at", "handed_over_by_id", "received_at", "received_by_id", "warmest_celsius"),
}
# The only changes of a status; any other is refused.
_STATUS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "specification": (("draft", "in_force"), ("in_force", "superseded")),
    "protocol": (("draft", "in_force"), ("in_force", "superseded"), ("in_force", "closed")),
}
# What belongs to a row is written while that row has this status, and never added to it later.
_PARTS: Mapping[str, tuple[str, str, str]] = {
    "requestline": ("unitrequest", "request_id", "submitted"),
    "releaseunit": ("release", "release_id", "evaluated"),
    "specificationlimit": ("specification", "specification_id", "draft"),
    "protocolcriterion": ("protocol", "protocol_id", "draft"),
    "protocolsite": ("protocol", "protocol_id", "draft"),
}
# What ends, ends once: a row whose column is filled is never changed again.
_ENDS: Mapping[str, str] = {
    "requestline": "removed_at",
    "eligibilitydetermination": "reopened_at",
    "acceptance": "withdrawn_at",
    "placement": "removed_at",
}


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


def _one_of(states: Iterable[StrEnum]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


def _stays(noun: str, columns: tuple[str, ...]) -> Guard:
    ended = f"OLD.{_ENDS[noun]} IS NOT NULL OR " if noun in _ENDS else ""
    return Guard(
        name=f"{noun}_stays_as_written",
        table=f"inventory_{noun}",
        event="UPDATE",
        condition=ended + _changed(*columns),
        message=f"A row of inventory_{noun} stays what it was written as, and once ended stays so.",
    )


def _once(noun: str, columns: tuple[str, ...]) -> Guard:
    changed = (f"(OLD.{column} IS NOT NULL AND ({_changed(column)}))" for column in columns)
    return Guard(
        name=f"{noun}_happens_once",
        table=f"inventory_{noun}",
        event="UPDATE",
        condition=" OR ".join(changed),
        message=f"What happened to a row of inventory_{noun} stays as it was written.",
    )


def _status(noun: str, changes: tuple[tuple[str, str], ...]) -> Guard:
    allowed = " OR ".join(f"(OLD.status = '{before}' AND NEW.status = '{after}')" for before, after in changes)
    return Guard(
        name=f"{noun}_status_never_goes_back",
        table=f"inventory_{noun}",
        event="UPDATE",
        condition=f"NEW.status <> OLD.status AND NOT ({allowed})",
        message=f"The status of a row of inventory_{noun} never goes back.",
    )


def _part(noun: str, whole: str, column: str, status: str) -> Guard:
    return Guard(
        name=f"{noun}_is_written_with_its_whole",
        table=f"inventory_{noun}",
        event="INSERT",
        condition=(
            f"NOT EXISTS (SELECT 1 FROM inventory_{whole} w WHERE w.id = NEW.{column} AND w.status = '{status}')"  # noqa: S608 - names of our own
        ),
        message=f"Nothing is added to a row of inventory_{whole} that is no longer {status}.",
    )


GUARDS = (
    *(_stays(noun, columns) for noun, columns in _STAYS.items()),
    *(_once(noun, columns) for noun, columns in _ONCE.items()),
    *(_status(noun, changes) for noun, changes in _STATUS.items()),
    *(_part(noun, *whole) for noun, whole in _PARTS.items()),
    Guard(
        name="request_that_ended_stays_so",
        table="inventory_unitrequest",
        event="UPDATE",
        condition=f"OLD.status NOT IN ({_one_of(OPEN)}) AND NEW.status <> OLD.status",
        message="A request that ended never goes on.",
    ),
    Guard(
        name="sample_that_ended_stays_so",
        table="inventory_referencesample",
        event="UPDATE",
        condition="OLD.state <> 'stored' AND NEW.state <> OLD.state",
        message="A reference sample's final state stays so.",
    ),
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
        condition=f"NEW.state NOT IN ({_one_of(first_states())})",
        message="A unit begins collected or quarantined.",
    ),
    Guard(
        name="unit_stays_what_it_is",
        table="inventory_unit",
        event="UPDATE",
        condition=(
            _changed("code", "donation_id", "kind", "product_class", "origin") + " OR (OLD.thawed AND NOT NEW.thawed)"
        ),
        message="A unit's code, donation, kind and class never change, and what was thawed stays so.",
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
            + _changed("snapshot", "snapshot_sha256", "request_id", "reference", "kind", "evaluated_by_id")
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
