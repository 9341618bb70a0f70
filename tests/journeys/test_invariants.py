"""Canaries of the state machine: each break behind the services' back is seen by the question that asks of it."""

from collections import Counter
from datetime import datetime

import pytest
from django.db import connection, transaction

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from biobank.models.person import Person
from biobank.services import guard
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.hold import HoldRefused
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.services.approval import approve_request
from inventory.services.pick import pick_unit
from inventory.services.placement import PutAway, put_away
from inventory.services.request import request_units
from inventory.services.shipment import hand_over_release, pack_release
from tests.factories.deviation import deviation
from tests.factories.excursion import NIGHT, excursion
from tests.factories.lot import available_lot, lot_protocol, tissue, vials_wanted
from tests.factories.person import credentials, staff
from tests.factories.release import evaluated_release, packing, scans_of, sign, units_of
from tests.factories.request import coordinator, submitted_request
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit, box
from tests.journeys.bank import ASKED, FEW_CELLS, Prepared, prepared_bank
from tests.journeys.break_record import RECORD_BREAKS
from tests.journeys.break_release import RELEASE_BREAKS
from tests.journeys.breaks import BREAKS
from tests.journeys.invariant_record import Record, rows_of
from tests.journeys.machine import Machine, look
from tests.journeys.machine_bank import Bank
from tests.kept import keepable

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# When the prepared bank's two shipments were handed over.
HANDED_OVER = NOON + hours(2)
LATER = NOON + hours(40)


@keepable
def shown_bank() -> Prepared:
    """Make a bank with a unit and a pool's vial shipped, a reservation, an excursion and a deviation, all in order."""
    prepared_bank()
    submitted_request(available_unit(segment=True))
    ship_a_vial()
    put_elsewhere(Unit.objects.filter(state="quarantined", lot=None)[0])
    excursion(box("T01-R01-02"))
    deviation(Unit.objects.filter(state="quarantined", lot=None)[0])
    rows = rows_of(*ASKED)
    _, proved, _, problems = look(rows, Record(), HANDED_OVER)
    assert problems == []
    return Prepared(rows, proved)


BEGINS_WITH = (shown_bank,)


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> Prepared:
    """Return that bank with its guards taken away, for a machine to go on from."""
    bank = shown_bank()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table with checks still to come cannot lose an index.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    guard.drop_guards(connection)
    monkeypatch.setattr(Machine, "prepared", bank, raising=False)
    monkeypatch.setattr(Machine, "told", Counter())
    return bank


def test_every_break_behind_the_services_back_is_seen_by_the_question_that_asks_of_it(prepared: Prepared) -> None:
    unseen = {}
    for name, (expected, statements) in {**BREAKS, **RELEASE_BREAKS, **RECORD_BREAKS}.items():
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            problems = look(prepared.rows, Record(), HANDED_OVER)[3]
            transaction.set_rollback(True)
        if not any(expected in problem for problem in problems):
            unseen[name] = problems

    assert unseen == {}


def test_no_two_breaks_have_the_same_name() -> None:
    assert len({**BREAKS, **RELEASE_BREAKS, **RECORD_BREAKS}) == len(BREAKS) + len(RELEASE_BREAKS) + len(RECORD_BREAKS)


@pytest.mark.parametrize(
    ("old", "new", "expected"), [("shipped", "available", "INV-15"), ("used", "shipped", "INV-10")]
)
def test_a_change_of_state_that_the_table_or_the_record_contradicts_is_seen(
    prepared: Prepared, old: str, new: str, expected: str
) -> None:
    unit = Unit.objects.get(state="shipped", lot=None)
    tell(unit, old=old, new=new, by=staff(Role.STORAGE_TECHNICIAN), at=LATER)
    Unit.objects.filter(pk=unit.pk).update(state=new)

    problems = look(prepared.rows, Record(), HANDED_OVER)[3]

    assert {name for name in ("INV-10", "INV-15") if any(name in problem for problem in problems)} == {expected}


def test_a_sample_that_comes_back_from_its_end_is_seen(prepared: Prepared) -> None:
    sample = ReferenceSample.objects.filter(state="stored")[0]
    for old, new in (("stored", "discarded"), ("discarded", "lost")):
        tell(sample, old=old, new=new, by=staff(Role.STORAGE_TECHNICIAN), at=LATER)
    ReferenceSample.objects.filter(pk=sample.pk).update(state="lost")

    problems = look(prepared.rows, Record(), HANDED_OVER)[3]

    assert [problem for problem in problems if "INV-15" in problem and "'discarded' to 'lost'" in problem]


def test_a_record_whose_last_entry_was_cut_off_is_seen_by_who_has_read_it_before(prepared: Prepared) -> None:
    with connection.cursor() as cursor:
        last = "(SELECT number FROM biobank_ledgerhead)"
        cursor.execute(f"DELETE FROM biobank_ledgersubject WHERE entry_id = {last}")  # noqa: S608 - ours alone
        cursor.execute(f"DELETE FROM biobank_ledgerentry WHERE number = {last}")  # noqa: S608 - ours alone

    _, _, _, problems = look(prepared.rows, prepared.record, LATER)

    assert any(problem.startswith("INV-08") for problem in problems)


def test_the_machine_sees_a_command_that_changes_what_it_does_not_tell(prepared: Prepared) -> None:
    bank = Bank()

    with pytest.raises(AssertionError, match=r"changed .'inventory_unit'. and recorded nothing"):
        bank.attempt("silent", change)
    bank.teardown()


def test_the_machine_sees_a_refusal_that_leaves_something(prepared: Prepared) -> None:
    bank = Bank()

    with pytest.raises(AssertionError, match=r"a refusal changed .'inventory_unit'."):
        bank.attempt("half", lambda at: refuse(change(at)))
    bank.teardown()


def test_the_machine_sees_a_refusal_that_tells_more_than_the_attempt(prepared: Prepared) -> None:
    bank, unit, by = Bank(), Unit.objects.get(state="shipped", lot=None), staff(Role.STORAGE_TECHNICIAN)

    def call(at: datetime) -> None:
        for _ in range(2):
            tell(unit, old="shipped", new="shipped", by=by, at=at)
        refuse(unit)

    with pytest.raises(AssertionError, match=r"a refusal left .'unit.moved', 'unit.moved'."):
        bank.attempt("talkative", call)
    bank.teardown()


def test_the_machine_sees_what_is_told_of_another_time(prepared: Prepared) -> None:
    bank, unit, by = Bank(), Unit.objects.get(state="shipped", lot=None), staff(Role.STORAGE_TECHNICIAN)

    with pytest.raises(AssertionError, match=r"INV-18 unit.moved is not of now"):
        bank.attempt("late", lambda at: tell(unit, old="shipped", new="shipped", by=by, at=at + hours(1)))
    bank.teardown()


def ship_a_vial() -> None:
    """Ship one vial of a pool of two donations, like the other unit."""
    pool, quality, storage = available_lot(tissue(), tissue(), vials=1), staff(Role.QUALITY_REVIEWER), _storage()
    new = vials_wanted(pool, 1, protocol=lot_protocol(criteria=(FEW_CELLS,)), recipient="PATIENT-11")
    request = request_units(new, by=coordinator(), at=NOON)
    approve_request(request, owner=quality, credentials=credentials(quality), by=quality, at=NOON)
    release = evaluated_release(request)
    sign(release), sign(release, Meaning.RELEASED)
    release.refresh_from_db()
    [vial] = units_of(release)
    pick_unit(release, vial, scans=scans_of(vial), by=storage, at=NOON + hours(1))
    shipment = pack_release(release, packing(), by=storage, at=NOON + hours(1))
    hand_over_release(shipment, to="Driver 5", by=storage, at=HANDED_OVER)


def put_elsewhere(unit: Unit) -> None:
    """Put a unit into the box that will warm up, before that night."""
    wanted = [PutAway(box("T01-R01-02").positions.order_by("pk")[0].pk, unit_id=unit.pk)]
    put_away(wanted, reason="elsewhere", by=_storage(), at=NIGHT - hours(1))


@service
def tell(thing: Unit | ReferenceSample, *, old: str, new: str, by: Person, at: datetime) -> None:
    """Record a change of state as the one writer would, without asking the table of states."""
    record("unit.moved", subjects=[], item=thing.code, by=by, at=at, old={"state": old}, new={"state": new})


def change(_at: datetime) -> Unit:
    """Change a unit and tell nobody."""
    Unit.objects.filter(state="shipped").update(thawed=True)
    return Unit.objects.filter(state="shipped")[0]


def refuse(_unit: Unit) -> None:
    """Refuse what was done already."""
    raise HoldRefused("No.")


def _storage() -> Person:
    return staff(Role.STORAGE_TECHNICIAN)
