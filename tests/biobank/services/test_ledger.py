"""The ledger as services write it: gapless, in order, sealed, and all or nothing with the work it records."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import DatabaseError, connection

from biobank.domain.ledger import GENESIS, NotCanonical, UnknownKind, canonical_json, digest, seal
from biobank.domain.refusal import RuleViolation
from biobank.models.ledger import LedgerEntry, LedgerHead, LedgerSubject
from biobank.models.person import Person
from biobank.queries.ledger import chunks, entries_for, entries_of, head, numbers_of, seal_at
from biobank.queries.proof import chain_findings
from biobank.services import ledger as ledger_service
from biobank.services.ledger import RecordedOutsideService, one_entry_per_item, record
from biobank.services.service import service
from tests.factories.ledger import DONOR, OTHER_UNIT, UNIT, eleven_entries
from tests.factories.person import the_system
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db
THREADS, EACH = 16, 5


@service
def note(code: str, *, by: Person, at: datetime, times: int = 1) -> None:
    for number in range(times):
        record("unit.moved", subjects=[code], by=by, at=at, reason=f"{number}")


def test_entries_are_numbered_without_gaps_and_sealed_in_order() -> None:
    eleven_entries(by=the_system())

    entries = list(LedgerEntry.objects.order_by("number"))

    previous = GENESIS
    for number, entry in enumerate(entries, start=1):
        assert (entry.number, entry.previous) == (number, previous)
        assert (digest(entry.subjects), digest(entry.body)) == (entry.subjects_sha256, entry.body_sha256)
        assert entry.seal == seal(number, previous, entry.subjects_sha256, entry.body_sha256)
        previous = entry.seal
    assert (head().number, head().seal) == (12, previous)
    assert not list(chain_findings())


def test_a_refusal_leaves_no_entry_behind() -> None:
    system = the_system()

    @service
    def refused(*, by: Person, at: datetime) -> None:
        record("unit.moved", subjects=[UNIT], by=by, at=at)
        raise RuleViolation("No.")

    with pytest.raises(RuleViolation):
        refused(by=system, at=NOON)

    assert head().number == 1
    assert not entries_of(UNIT).exists()


def test_outside_a_service_nothing_can_be_recorded() -> None:
    with pytest.raises(RecordedOutsideService):
        record("unit.moved", subjects=[UNIT], by=the_system(), at=NOON)


def test_a_kind_that_is_not_in_the_vocabulary_is_refused() -> None:
    system = the_system()

    @service
    def invented(*, by: Person, at: datetime) -> None:
        record("unit.vanished", subjects=[UNIT], by=by, at=at)

    with pytest.raises(UnknownKind):
        invented(by=system, at=NOON)

    assert head().number == 1


def test_the_item_is_among_the_subjects_and_each_subject_is_linked_once() -> None:
    system = the_system()

    @service
    def placed(*, by: Person, at: datetime) -> None:
        record("unit.placed", subjects=[DONOR, DONOR, ""], by=by, at=at, item=UNIT)

    placed(by=system, at=NOON)

    entry = LedgerEntry.objects.get(number=2)
    assert entry.subjects == canonical_json(sorted([DONOR, UNIT]))
    assert sorted(LedgerSubject.objects.filter(entry=entry).values_list("code", flat=True)) == sorted([DONOR, UNIT])


def test_a_clock_that_steps_back_keeps_the_order_and_is_flagged() -> None:
    system = the_system()

    note(UNIT, by=system, at=NOON)
    note(UNIT, by=system, at=NOON - hours(1))

    assert '"flags":["clock stepped back"]' in LedgerEntry.objects.get(number=3).body
    assert '"flags":[]' in LedgerEntry.objects.get(number=2).body


def test_a_claim_about_the_future_is_flagged() -> None:
    system = the_system()

    @service
    def claimed(*, by: Person, at: datetime) -> None:
        record("unit.moved", subjects=[UNIT], by=by, at=at, occurred_at=at + hours(1))

    claimed(by=system, at=NOON)

    assert '"flags":["occurred in the future"]' in LedgerEntry.objects.get(number=2).body


def test_a_subjects_entries_are_found_and_no_others() -> None:
    eleven_entries(by=the_system())

    assert list(entries_of(UNIT).values_list("number", flat=True)) == [2, 3, 5, 7, 8, 10, 12]
    assert list(numbers_of(UNIT, until=8)) == [2, 3, 5, 7, 8]
    assert [entry.number for entry in entries_for([DONOR, OTHER_UNIT])] == [2, 4, 6, 7, 8, 9, 11, 12]
    assert not entries_of(UNIT[:-1]).exists()


def test_all_entries_are_read_in_bounded_pieces() -> None:
    eleven_entries(by=the_system())

    pieces = list(chunks("number", "seal", until=11, size=5))

    assert [[row[0] for row in piece] for piece in pieces] == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11]]


def test_the_seal_before_the_first_entry_is_the_genesis() -> None:
    assert seal_at(0) == GENESIS
    assert seal_at(1) is None
    assert (head().number, head().seal) == (0, GENESIS)


@pytest.mark.parametrize("value", [0.5, NOON.replace(tzinfo=None), object(), Decimal("NaN")])
def test_what_has_no_one_written_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_json({"value": value})


def test_times_are_written_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))

    assert canonical_json(NOON.astimezone(berlin)) == '"2026-03-14T12:00:00.000000Z"'


def race(*, by: Person) -> list[BaseException]:
    """Let sixteen threads append at once; return what went wrong."""
    together = Barrier(THREADS)

    def append(thread: int) -> BaseException | None:
        try:
            together.wait(timeout=30)
            for _ in range(EACH):
                note(f"UNIT-{thread}", by=by, at=NOON, times=2)
        except DatabaseError as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(THREADS) as pool:
        return [error for error in pool.map(append, range(THREADS)) if error is not None]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_append_without_gap_or_loss() -> None:
    system = the_system()

    errors = race(by=system)

    numbers = list(LedgerEntry.objects.order_by("number").values_list("number", flat=True))
    assert errors == []
    assert numbers == list(range(1, 2 + THREADS * EACH * 2))
    assert not list(chain_findings())


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_heads_lock_sixteen_threads_lose_appends(monkeypatch: pytest.MonkeyPatch) -> None:
    system = the_system()
    unlocked: Callable[[], LedgerHead] = lambda: LedgerHead.objects.get(id=1)  # noqa: E731  one line says it
    monkeypatch.setattr(ledger_service, "_locked_head", unlocked)

    errors = race(by=system)

    assert errors
    assert LedgerEntry.objects.count() < 1 + THREADS * EACH * 2


def test_what_happens_to_an_item_in_one_breath_is_one_entry_with_its_first_reason_and_every_value() -> None:
    @service
    def arrive(*, by: Person, at: datetime) -> None:
        record("unit.moved", subjects=[DONOR], item=OTHER_UNIT, by=by, at=at, old={"place": "A1"}, new={"place": "A2"})
        with one_entry_per_item():
            record("unit.registered", subjects=[DONOR], item=UNIT, by=by, at=at, reason="first", new={"state": "x"})
            record("unit.moved", subjects=[], item=OTHER_UNIT, by=by, at=at, new={"place": "A3"})
            record("unit.placed", subjects=["BOX"], item=UNIT, by=by, at=at, old={"place": ""}, new={"place": "A1"})
            record("shipment.packed", subjects=["SHP"], by=by, at=at)

    system = the_system()
    before = LedgerEntry.objects.count()
    arrive(by=system, at=NOON)

    entries = list(LedgerEntry.objects.order_by("number"))[before:]
    assert [entry.kind for entry in entries] == ["unit.moved", "unit.registered", "unit.moved", "shipment.packed"]
    merged = json.loads(entries[1].body)
    assert merged["old"] == {"place": ""}
    assert merged["new"] == {"state": "x", "place": "A1"}
    assert merged["reason"] == "first"
    assert json.loads(entries[1].subjects) == sorted([DONOR, UNIT, "BOX"])
    assert not list(chain_findings())


def test_merging_outside_a_service_is_a_defect() -> None:
    with pytest.raises(RecordedOutsideService), one_entry_per_item():
        pass


def test_a_code_too_long_to_be_found_again_is_refused_and_leaves_no_entry() -> None:
    system = the_system()
    before = LedgerEntry.objects.count()

    with pytest.raises(NotCanonical, match="longer than 80 characters"):
        note("X" * 81, by=system, at=NOON)

    note("X" * 80, by=system, at=NOON)
    assert LedgerEntry.objects.count() == before + 1
