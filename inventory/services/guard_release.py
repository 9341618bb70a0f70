"""What the database itself refuses of releases: too few signers, the requester's own, an open hold, later changes."""

from biobank.services.trigger import Guard
from inventory.services.guard_row import changed

_FEW_SIGNERS = (
    "(SELECT COUNT(DISTINCT s.signer_id) FROM inventory_releasesignature s WHERE s.release_id = NEW.id"
    " AND s.content_sha256 = NEW.snapshot_sha256) < 2"
)
_REQUESTER_SIGNED = (
    "EXISTS (SELECT 1 FROM inventory_releasesignature s, inventory_unitrequest r WHERE r.id = NEW.request_id"
    " AND s.release_id = NEW.id AND s.signer_id = r.requested_by_id)"
)
# Each unit of the release stands ``behind`` with itself and with everything that it was made from, however far back.
_OPEN_HOLD = (
    "EXISTS (WITH RECURSIVE behind (unit_id, member_id) AS ("
    "SELECT u.unit_id, u.unit_id FROM inventory_releaseunit u WHERE u.release_id = NEW.id"
    " UNION SELECT b.unit_id, l.parent_id FROM inventory_lineage l JOIN behind b ON l.child_id = b.member_id)"
    " SELECT 1 FROM inventory_hold h, behind b WHERE h.lifted_at IS NULL"
    " AND (h.unit_id = b.member_id"
    " OR h.lot_id IN (SELECT v.lot_id FROM inventory_unit v WHERE v.id = b.member_id)"
    " OR h.donation_id IN (SELECT us.donation_id FROM inventory_unitsource us WHERE us.unit_id = b.member_id)"
    " OR h.donor_id IN (SELECT d.donor_id FROM inventory_unitsource us, inventory_donation d"
    " WHERE us.unit_id = b.member_id AND d.id = us.donation_id))"
    " AND NOT EXISTS (SELECT 1 FROM inventory_withdrawalreferral w"
    " WHERE w.hold_id = h.id AND w.unit_id = b.unit_id AND w.decision = 'goes_on'))"
)

GUARDS = (
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
        message="A release is not issued while a hold is open on one of its units, or on what it was made from.",
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
            + changed("snapshot", "snapshot_sha256", "request_id", "reference", "kind", "evaluated_by_id")
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
)
