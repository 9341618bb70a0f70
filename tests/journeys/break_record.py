"""What may happen to the ledger, or to what it tells of, behind the services' back."""
# ruff: noqa: S608  The questions are made of constants of ours; nothing in them is typed by anyone.

from tests.journeys.breaks import SHIPPED, Breaks

NO_FLAGS, A_FLAG = '"flags":[]', '"flags":["occurred in the future"]'

RECORD_BREAKS: Breaks = {
    "a gap": (
        "INV-08",
        ["DELETE FROM biobank_ledgersubject WHERE entry_id = 7", "DELETE FROM biobank_ledgerentry WHERE number = 7"],
    ),
    "an edited entry": (
        "INV-09",
        ["""UPDATE biobank_ledgerentry SET body = replace(body, '"reason":"', '"reason":"x') WHERE number = 7"""],
    ),
    "a state without an entry": ("INV-10", [f"UPDATE inventory_unit SET holder = 'X' WHERE id = {SHIPPED}"]),
    "a place without an entry": (
        "INV-10",
        ["UPDATE inventory_placement SET removed_at = placed_at WHERE removed_at IS NULL"],
    ),
    "a row less": ("INV-13", ["DELETE FROM inventory_result"]),
    "a step back unflagged": (
        "INV-18",
        ["UPDATE biobank_ledgerentry SET body = replace(body, 'clock stepped back', '')"],
    ),
    "another head": ("INV-08 the head says", ["UPDATE biobank_ledgerhead SET number = number + 1"]),
    "a thing of the ledger alone": (
        "in the ledger and not in the tables",
        [f"UPDATE inventory_unit SET code = 'X' WHERE id = {SHIPPED}"],
    ),
    "a sample elsewhere": ("INV-10", ["UPDATE inventory_referencesample SET holder = 'X'"]),
    "a future that was none": (
        "INV-18 a claim in the future",
        [f"UPDATE biobank_ledgerentry SET body = replace(body, '{NO_FLAGS}', '{A_FLAG}') WHERE number = 7"],
    ),
}
