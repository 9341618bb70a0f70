"""Canaries of the state machine: each break behind the services' back is seen by the question that asks of it."""
# ruff: noqa: S608  The questions are made of constants of ours; nothing in them is typed by anyone.

from collections.abc import Mapping, Sequence

import pytest
from django.db import connection, transaction

from biobank.domain.role import Role
from biobank.models.person import Person
from biobank.services import guard
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.models.unit import Unit
from inventory.services.placement import PutAway, put_away
from tests.factories.deviation import deviation
from tests.factories.excursion import NIGHT, excursion
from tests.factories.request import submitted_request
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit, box, staff
from tests.journeys.bank import ASKED, prepared_bank
from tests.journeys.invariant_record import Record, Rows, rows_of
from tests.journeys.machine import look

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# When the prepared bank's one shipment was handed over.
HANDED_OVER = NOON + hours(2)
SHIPPED = "(SELECT id FROM inventory_unit WHERE state = 'shipped')"
ONE_MORE_RESERVATION = (
    "INSERT INTO inventory_reservation (unit_id, request_id, reserved_at, until, ended_because)"
    " SELECT unit_id, request_id, reserved_at, until, '' FROM inventory_reservation"
)
ONE_MORE_PLACEMENT = (
    "INSERT INTO inventory_placement (position_id, unit_id, placed_at, placed_by_id) SELECT {}, unit_id, placed_at,"
    " placed_by_id FROM inventory_placement WHERE removed_at IS NULL AND unit_id IS NOT NULL"
)
ONE_MORE_KEY = (
    "INSERT INTO biobank_idempotencykey (actor_id, key, body_sha256, answer, created_at)"
    " SELECT MIN(id), 'canary', 'x', '', MIN(created_at) FROM biobank_person"
)
LAST = "(SELECT MAX(id) FROM inventory_position)"
HOLD = (
    "INSERT INTO inventory_hold (reference, kind, reason, {}, placed_by_id, placed_at, lifted_because)"
    " SELECT 'HLD-CANARY', 'mix_up', 'odd', {}, MIN(p.id), MIN(p.created_at), '' FROM biobank_person p"
)
DONATION = f"(SELECT donation_id FROM inventory_unit WHERE id = {SHIPPED})"
PARENT = f"(SELECT parent_id FROM inventory_lineage WHERE child_id = {SHIPPED})"
# What is done to the rows, and which invariant must be found broken by it; the names are read in a failure.
BREAKS: Mapping[str, tuple[str, Sequence[str]]] = {
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
    "held unit": ("INV-04 moves on although a hold", [HOLD.format("unit_id", SHIPPED)]),
    "held ancestor": ("INV-04 moves on although a hold", [HOLD.format("unit_id", PARENT)]),
    "held donation": ("INV-04 moves on although a hold", [HOLD.format("donation_id", DONATION)]),
    "held mother": (
        "INV-04 moves on although a hold",
        [HOLD.format("donor_id", f"(SELECT donor_id FROM inventory_donation WHERE id = {DONATION})")],
    ),
    "expired": (
        "INV-04 moves on although it has expired",
        ["UPDATE inventory_unit SET expires_at = registered_at, expiry_basis = 'policy_years'"],
    ),
    "no consent": (
        "INV-04 moves on although no consent",
        ["UPDATE consent_consent SET status = 'superseded'"],
    ),
    "no human application": (
        "INV-04 moves on although human application",
        ["UPDATE consent_statement SET human_application = %s" % ("0" if connection.vendor == "sqlite" else "false")],
    ),
    "not eligible": (
        "INV-04 moves on although the donor",
        ["UPDATE inventory_eligibilitydetermination SET verdict = 'ineligible'"],
    ),
    "not accepted": (
        "INV-04 moves on although its acceptance",
        ["UPDATE inventory_acceptance SET withdrawn_at = accepted_at"],
    ),
    "a result against it": (
        "INV-04 moves on although a result",
        ["UPDATE inventory_result SET text = 'growth' WHERE assay = 'bacterial_culture'"],
    ),
    "promised to another": (
        "INV-04 moves on although it is not promised",
        [f"UPDATE inventory_unit SET state = 'quarantined' WHERE id = {SHIPPED}"],
    ),
    "a deviation": (
        "INV-04 moves on although a major deviation",
        [f"UPDATE inventory_deviationitem SET unit_id = {SHIPPED}"],
    ),
    "an exception in disguise": ("INV-30", ["UPDATE inventory_unitrequest SET kind = 'urgent'"]),
    "a gate that failed": (
        "INV-04 REL-",
        ["""UPDATE inventory_release SET snapshot = replace(snapshot, '"outcome":"pass"', '"outcome":"fail"')"""],
    ),
    "signed by the requester": (
        "INV-05 signed by who asked",
        ["UPDATE inventory_unitrequest SET requested_by_id = (SELECT MIN(signer_id) FROM inventory_releasesignature)"],
    ),
    "signed once": (
        "INV-05 issued without two",
        ["DELETE FROM inventory_releasesignature WHERE meaning = 'reviewed'"],
    ),
    "signed without the role": ("INV-05 signed without the role", ["DELETE FROM biobank_rolegrant"]),
    "signed without training": ("INV-05 signed without training", ["DELETE FROM biobank_training"]),
    "signed for another": (
        "INV-05 signed with another's",
        ["UPDATE biobank_signature SET person_id = (SELECT MIN(id) FROM biobank_person)"],
    ),
    "an exception nobody weighed": (
        "INV-05 released by exception",
        ["UPDATE inventory_release SET kind = 'exceptional'"],
    ),
    "another snapshot": ("INV-06 REL-", ["UPDATE inventory_release SET snapshot = snapshot || ' '"]),
    "another content": ("INV-06 signature", ["UPDATE biobank_signature SET content = content || ' '"]),
    "another hash": ("INV-06 signed something", ["UPDATE inventory_releasesignature SET content_sha256 = 'x'"]),
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
    "a row less": ("INV-13", ["DELETE FROM inventory_result"]),
    "reserved when expired": (
        "INV-17 reserved",
        ["UPDATE inventory_unit SET expires_at = registered_at, expiry_basis = 'policy_years'"],
    ),
    "a step back unflagged": (
        "INV-18",
        ["UPDATE biobank_ledgerentry SET body = replace(body, 'clock stepped back', '')"],
    ),
    "a key without an answer": (
        "INV-21",
        [ONE_MORE_KEY],
    ),
    "picked elsewhere": ("INV-31 picked where", ["UPDATE inventory_pick SET position_id = position_id + 1"]),
    "picked for another": ("INV-31 picked for", [f"DELETE FROM inventory_releaseunit WHERE unit_id = {SHIPPED}"]),
    "in doubt and not held": ("INV-33 in doubt", ["UPDATE inventory_excursionitem SET hold_id = NULL"]),
    "inside and not named": ("INV-33 was inside", ["DELETE FROM inventory_excursionitem"]),
}


@pytest.fixture
def prepared() -> Rows:
    """Return the rows of a bank with a shipment, a reservation and an excursion, in order, its guards taken away."""
    prepared_bank()
    submitted_request(available_unit(segment=True))
    put_elsewhere(Unit.objects.get(state="quarantined"))
    excursion(box("T01-R01-02"))
    deviation(Unit.objects.filter(state="quarantined")[0])
    rows = rows_of(*ASKED)
    assert look(rows, Record(), HANDED_OVER)[3] == []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table with checks still to come cannot lose an index.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    guard.drop_guards(connection)
    return rows


def test_every_break_behind_the_services_back_is_seen_by_the_question_that_asks_of_it(prepared: Rows):
    unseen = {}
    for name, (expected, statements) in BREAKS.items():
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            problems = look(prepared, Record(), HANDED_OVER)[3]
            transaction.set_rollback(True)
        if not any(expected in problem for problem in problems):
            unseen[name] = problems

    assert unseen == {}


def test_a_change_of_state_outside_of_the_table_is_seen(prepared: Rows):
    unit = Unit.objects.get(state="shipped")
    tell(unit, by=staff(Role.STORAGE_TECHNICIAN))
    Unit.objects.filter(pk=unit.pk).update(state="available")

    problems = look(prepared, Record(), HANDED_OVER)[3]

    assert any("INV-15" in problem for problem in problems)
    assert not any("INV-10" in problem for problem in problems)


def put_elsewhere(unit: Unit) -> None:
    """Put a unit into the box that will warm up, before that night."""
    wanted = [PutAway(box("T01-R01-02").positions.order_by("pk")[0].pk, unit_id=unit.pk)]
    put_away(wanted, reason="elsewhere", by=staff(Role.STORAGE_TECHNICIAN), at=NIGHT - hours(1))


@service
def tell(unit: Unit, *, by: Person) -> None:
    """Record a change of state as the one writer would, without asking the table of states."""
    old, new = {"state": "shipped"}, {"state": "available"}
    record("unit.moved", subjects=[], item=unit.code, by=by, at=NOON + hours(3), old=old, new=new)
