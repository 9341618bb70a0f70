"""What the database itself refuses of inventory's rows: edited facts, what ended going on, parts added too late."""

from collections.abc import Mapping

from biobank.services.trigger import Guard
from inventory.domain.request import OPEN
from inventory.services import (
    guard_attestation,
    guard_correction,
    guard_deviation,
    guard_extension,
    guard_journey,
    guard_kinship,
    guard_lot,
    guard_notice,
    guard_release,
    guard_retest,
    guard_storage,
    guard_unit,
    guard_voiding,
    guard_waiver,
)
from inventory.services.guard_row import changed, once, one_of, part, status, stays

# Rows that are written once: what was signed, what was seen, what came from what.
APPEND_ONLY = (
    *guard_journey.APPEND_ONLY,
    *guard_storage.APPEND_ONLY,
    *guard_voiding.APPEND_ONLY,
    *guard_attestation.APPEND_ONLY,
    *guard_extension.APPEND_ONLY,
    "inventory.UnitSource",
    "inventory.ReleaseUnit",
    "inventory.ReleaseSignature",
    "inventory.Pick",
    "inventory.Disposition",
    "inventory.NoticeAnswer",
    "inventory.NoticeItem",
    "inventory.ProductCode",
    "inventory.ProtocolCriterion",
    "inventory.ProtocolSite",
    "inventory.SpecificationLimit",
    "inventory.WaiverAcknowledgement",
)

# What was decided, signed or done stays as it was written; how it went on is in the columns not named here.
_STAYS: Mapping[str, tuple[str, ...]] = {
    "consigneenotice": ("reference", "kind", "site_id", "reason", "excursion_id", "opened_at", "opened_by_id"),
    "unitrequest": (
        *("reference", "protocol_id", "site_id", "requested_by_id", "requested_at", "recipient_id", "order_sha256"),
    ),
    "requestline": ("request_id", "unit_id"),
    "recipient": ("protocol_code", "code"),
    "eligibilitydetermination": (
        *("donation_id", "verdict", "evidence_sha256", "signature_id", "attestation_id", "determined_at"),
    ),
    "acceptance": ("unit_id", "lot_id", "use", "specification_id", "signature_id", "snapshot_sha256", "accepted_at"),
    "specification": ("name", "version", "product_class", "use", "mark", "drafted_at"),
    "protocol": (
        *("code", "version", "title", "sponsor", "principal_investigator", "indication", "duo", "human_application"),
        *("commercial", "for_profit", "genetic", "country", "institution", "product_classes", "ethics_number"),
        *("ethics_from", "ethics_until", "authorisation", "authorisation_from", "authorisation_until"),
        *("recipients_cap", "units_per_recipient_cap", "open_reservations_cap", "reservation_hours", "drafted_at"),
    ),
    "placement": ("unit_id", "sample_id", "placed_at", "placed_by_id"),
    "withdrawalreferral": (*("reference", "unit_id", "hold_id", "consent", "stage", "referred_by_id", "referred_at"),),
    "duty": ("reference", "kind", "subject", "because", "opened_by_id", "opened_at", "due_at"),
    "donation": ("code", "event", "purpose"),
    "lineage": ("parent_id", "child_id", "processing_id"),
    "identifier": ("unit_id", "sample_id"),
    "outcome": ("unit_id", "recipient_id", "reported_by_id", "reported_at"),
    "outcomescore": ("outcome_id", "name"),
    "referencesample": ("code", "donation_id", "origin"),
    "shipment": (*("reference", "kind", "from_site_id", "to_site_id", "release_id", "packed_at", "packed_by_id"),),
}
# What is empty until it happens, and from then on stays as it was written.
_ONCE: Mapping[str, tuple[str, ...]] = {
    "consigneenotice": ("acknowledged_at", "closed_at", "closing_id"),
    "unitrequest": ("ended_at",),
    "specification": ("signature_id", "in_force_at"),
    "protocol": ("signature_id", "in_force_at"),
    "release": ("issued_at", "ended_at"),
    "shipment": ("handed_over_at", "handed_over_by_id", "received_at", "received_by_id"),
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
    "duty": "done_at",
    "withdrawalreferral": "decided_at",
    "requestline": "removed_at",
    "eligibilitydetermination": "reopened_at",
    "acceptance": "withdrawn_at",
    "placement": "removed_at",
}

GUARDS = (
    *(stays(noun, columns, ended_by=_ENDS.get(noun, "")) for noun, columns in _STAYS.items()),
    *(once(noun, columns) for noun, columns in _ONCE.items()),
    *(status(noun, changes) for noun, changes in _STATUS.items()),
    *(part(noun, *whole) for noun, whole in _PARTS.items()),
    *guard_unit.GUARDS,
    *guard_voiding.GUARDS,
    *guard_kinship.GUARDS,
    *guard_journey.GUARDS,
    *guard_attestation.GUARDS,
    *guard_lot.GUARDS,
    *guard_correction.GUARDS,
    *guard_deviation.GUARDS,
    *guard_extension.GUARDS,
    *guard_notice.GUARDS,
    *guard_release.GUARDS,
    *guard_retest.GUARDS,
    *guard_waiver.GUARDS,
    *guard_storage.GUARDS,
    Guard(
        name="request_that_ended_stays_so",
        table="inventory_unitrequest",
        event="UPDATE",
        condition=f"OLD.status NOT IN ({one_of(OPEN)}) AND NEW.status <> OLD.status",
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
        name="reservation_ends_once",
        table="inventory_reservation",
        event="UPDATE",
        condition=f"OLD.ended_at IS NOT NULL OR {changed('unit_id', 'request_id', 'reserved_at')}",
        message="A reservation is of one unit for one request, and once ended stays so.",
    ),
    Guard(
        name="hold_is_lifted_once",
        table="inventory_hold",
        event="UPDATE",
        condition=(
            "OLD.lifted_at IS NOT NULL OR "
            + changed("unit_id", "lot_id", "sample_id", "donation_id", "donor_id", "kind", "placed_by_id")
        ),
        message="A hold stays on what it was placed on, and once lifted stays so.",
    ),
    Guard(
        name="result_is_corrected_and_never_edited",
        table="inventory_result",
        event="UPDATE",
        condition="OLD.verified_at IS NOT NULL OR "
        + changed(
            *("assay", "subject", "donation_id", "unit_id", "lot_id", "sample_id", "number", "text", "qualifier"),
            *("reported_by", "entered_by_id", "entered_at", "replaces_id"),
        ),
        message="A result is verified once and corrected by another result, never edited.",
    ),
)
