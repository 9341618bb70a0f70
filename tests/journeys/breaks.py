"""What may happen to rows behind the services' back, and which invariant must be found broken by it."""
# ruff: noqa: S608  The questions are made of constants of ours; nothing in them is typed by anyone.

from collections.abc import Mapping, Sequence

# By a name that is read in a failure: what must be said of it, and what is done.
Breaks = Mapping[str, tuple[str, Sequence[str]]]

# The one unit that was shipped by itself, the one vial that was, and of its pool the donation that it is not named for.
SHIPPED = "(SELECT id FROM inventory_unit WHERE state = 'shipped' AND lot_id IS NULL)"
VIAL = "(SELECT id FROM inventory_unit WHERE state = 'shipped' AND lot_id IS NOT NULL)"
LOT = f"(SELECT lot_id FROM inventory_unit WHERE id = {VIAL})"
SECOND_DONATION = (
    f"(SELECT s.donation_id FROM inventory_unitsource s JOIN inventory_unit u ON u.id = s.unit_id WHERE u.id = {VIAL}"
    " AND s.donation_id <> u.donation_id)"
)
SECOND_DONOR = f"(SELECT donor_id FROM inventory_donation WHERE id = {SECOND_DONATION})"
ONE_MORE_RESERVATION = (
    "INSERT INTO inventory_reservation (unit_id, request_id, reserved_at, until, ended_because)"
    " SELECT unit_id, request_id, reserved_at, until, '' FROM inventory_reservation"
)
ONE_MORE_PLACEMENT = (
    "INSERT INTO inventory_placement (position_id, unit_id, placed_at, placed_by_id) SELECT {}, unit_id, placed_at,"
    " placed_by_id FROM inventory_placement WHERE removed_at IS NULL AND unit_id IS NOT NULL"
)
A_SAMPLE_IN_TWO_POSITIONS = (
    "INSERT INTO inventory_placement (position_id, sample_id, placed_at, placed_by_id) SELECT o.id,"
    " (SELECT MIN(id) FROM inventory_referencesample), p.created_at, p.id FROM inventory_position o, biobank_person p"
    " WHERE p.id = (SELECT MIN(id) FROM biobank_person) AND NOT EXISTS (SELECT 1 FROM inventory_placement x"
    " WHERE x.position_id = o.id) ORDER BY o.id LIMIT 2"
)
ONE_MORE_KEY = (
    "INSERT INTO biobank_idempotencykey (actor_id, key, body_sha256, answer, created_at)"
    " SELECT MIN(id), 'canary', 'x', '', MIN(created_at) FROM biobank_person"
)
LAST = "(SELECT MAX(id) FROM inventory_position)"
THE_SECOND_CODE = f"(SELECT donor_code FROM consent_donor WHERE id = {SECOND_DONOR})"
EXPIRED_AT_ONCE = (
    "UPDATE inventory_unit SET expires_at = registered_at, expiry_basis = 'policy_years' WHERE lot_id IS NULL"
)

BREAKS: Breaks = {
    "reserved twice": (
        "INV-01 reserved twice",
        ["DROP INDEX one_active_reservation_per_unit", f"{ONE_MORE_RESERVATION} WHERE ended_at IS NULL"],
    ),
    "reserved while shipped": ("INV-01 reserved and not", [f"{ONE_MORE_RESERVATION} WHERE unit_id = {SHIPPED}"]),
    "promised to nobody": (
        "INV-01 promised and not",
        ["UPDATE inventory_reservation SET ended_at = until, ended_because = 'canary' WHERE ended_at IS NULL"],
    ),
    "reserved for what ended": (
        "INV-01 reserved for a request that ended",
        ["UPDATE inventory_unitrequest SET status = 'void' WHERE status = 'submitted'"],
    ),
    "two in one position": (
        "INV-02 two open placements of one position_id",
        [
            "DROP INDEX one_thing_per_position",
            "DROP INDEX one_position_per_unit",
            ONE_MORE_PLACEMENT.format("position_id"),
        ],
    ),
    "one in two positions": (
        "INV-02 two open placements of one unit_id",
        [
            "DROP INDEX one_position_per_unit",
            "DROP INDEX one_thing_per_position",
            ONE_MORE_PLACEMENT.format(LAST),
        ],
    ),
    "shipped and in a position": (
        "INV-02 not in store",
        [
            "DROP INDEX one_thing_per_position",
            f"UPDATE inventory_placement SET removed_at = NULL, removed_by_id = NULL WHERE unit_id = {SHIPPED}",
        ],
    ),
    "in a position elsewhere": ("INV-02 in a position of a site", ["UPDATE inventory_unit SET holder = 'CLINIC-1'"]),
    "outside of the grid": ("INV-03 outside of", ["UPDATE inventory_containerkind SET columns = 1"]),
    "where it is not accepted": ("INV-03 cord_blood", ["UPDATE inventory_containerkind SET accepts = '[]'"]),
    "an exception in disguise": ("INV-30", ["UPDATE inventory_unitrequest SET kind = 'urgent'"]),
    "no donor behind it": ("INV-11 no donor", ["DELETE FROM inventory_unitsource"]),
    "left without a release": ("INV-11 left without", [f"DELETE FROM inventory_releaseunit WHERE unit_id = {SHIPPED}"]),
    "left unnamed": ("INV-11 left, and no entry", ["DELETE FROM biobank_ledgersubject WHERE code LIKE 'LIVER%'"]),
    "withdrawn and untold": ("INV-12 withdrawn, and", ["UPDATE consent_consent SET status = 'withdrawn'"]),
    "withdrawn and in stock": (
        "INV-12 consent withdrawn, and still in stock",
        ["UPDATE consent_consent SET status = 'withdrawn'"],
    ),
    "withdrawn and releasable": (
        "INV-12 consent withdrawn, and its release",
        [
            "UPDATE consent_consent SET status = 'withdrawn'",
            "UPDATE inventory_unitrequest SET status = 'released' WHERE status = 'completed'",
        ],
    ),
    "reserved when expired": (
        "INV-17 reserved",
        [EXPIRED_AT_ONCE],
    ),
    "a key without an answer": (
        "INV-21",
        [ONE_MORE_KEY],
    ),
    "picked elsewhere": ("INV-31 picked where", ["UPDATE inventory_pick SET position_id = position_id + 1"]),
    "picked for another": ("INV-31 picked for", [f"DELETE FROM inventory_releaseunit WHERE unit_id = {SHIPPED}"]),
    "in doubt and not held": ("INV-33 in doubt", ["UPDATE inventory_excursionitem SET hold_id = NULL"]),
    "inside and not named": ("INV-33 was inside", ["DELETE FROM inventory_excursionitem"]),
    "one sample in two positions": (
        "INV-02 two open placements of one sample_id",
        ["DROP INDEX one_position_per_sample", A_SAMPLE_IN_TWO_POSITIONS],
    ),
    "released when expired": ("INV-17 released", [EXPIRED_AT_ONCE]),
    "picked when expired": ("INV-17 picked", [EXPIRED_AT_ONCE]),
    "handed over when expired": ("INV-17 handed over", [EXPIRED_AT_ONCE]),
    "two effects of one key": (
        "INV-21 two effects",
        [
            "ALTER TABLE biobank_idempotencykey RENAME TO canary",
            "CREATE TABLE biobank_idempotencykey AS SELECT * FROM canary",
            ONE_MORE_KEY,
            ONE_MORE_KEY,
        ],
    ),
    "a release in disguise": ("INV-30", ["UPDATE inventory_release SET kind = 'urgent'"]),
    "one of a pool withdrawn and untold": (
        "INV-12 withdrawn, and",
        [f"UPDATE consent_consent SET status = 'withdrawn' WHERE donor_id = {SECOND_DONOR}"],
    ),
    "one of a pool unnamed": (
        "INV-11 left, and no entry",
        [f"DELETE FROM biobank_ledgersubject WHERE code = {THE_SECOND_CODE}"],
    ),
}
