"""The bank under trial: one busy bank, a clock, and every command asked of it with all invariants afterwards."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, TypeVar

from django.db import transaction
from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Role
from biobank.models.person import Person
from biobank.services.service import service
from inventory.models.release import Release
from inventory.models.unit import Unit
from tests.factories.donor import ANNA
from tests.factories.person import staff
from tests.journeys.bank import ASKED, BEGIN, Prepared
from tests.journeys.invariant_record import Entry, Record, Rows, changed_tables, lost_rows, rows_of, told_at
from tests.journeys.invariant_release import releases_are_signed, what_moves_on_may
from tests.journeys.invariants import broken_invariants

R = TypeVar("R")
# Which of some things: the machine counts round, so that any number names one.
WHICH = st.integers(0, 29)
# How many steps of a way are gone at once.
STEPS = st.sampled_from([1, 2, 4, 8, 12])
# Never twice the same instant, however often the clock is set back.
TICK = timedelta(minutes=1, microseconds=1)
# What else may happen although a command was refused: a release that no longer stands is made void.
VOIDING = {
    *("inventory_release", "inventory_unitrequest", "inventory_unit", "inventory_reservation"),
    *("inventory_shipmentitem", "inventory_referencesample"),
}
# What nobody but a reader of identities sees.
NAMES = (ANNA.mother_name, ANNA.record_number, ANNA.contact, ANNA.infant_names)
# The last entry that a refusal may leave beside the attempt's own: the account was locked by it.
LOCKED_OUT = "person.locked_out"


class Machine(RuleBasedStateMachine):
    """A bank, its clock, and what every command must leave in order."""

    prepared: ClassVar[Prepared]
    told: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        # Checkpoints lie outside the database, and are not rolled back with it.
        self.outside = TemporaryDirectory()
        self.settings = override_settings(BIOBANK_CHECKPOINT_DIR=Path(self.outside.name))
        self.settings.enable()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now = BEGIN
        self.rows, self.record = self.prepared.rows, self.prepared.record
        self.was_refused = False

    def teardown(self) -> None:
        """Put the bank back to its beginning; in none of its rows is a donor's name by then (INV-20)."""
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)
        self.settings.disable()
        self.outside.cleanup()
        assert not named_in(repr(self.rows)), "INV-20 a donor's name lies open"

    def attempt(self, name: str, call: Callable[[datetime], R]) -> R | None:
        """Ask a service for something, and see that all is in order, be it done or refused; return what was done."""
        self.now += TICK
        at, answer, refusal = self.now, None, None
        try:
            answer = call(at)
        except RuleViolation as said:
            refusal = said
        self.was_refused = refusal is not None
        self.told[f"{name}: {type(refusal).__name__ if refusal else 'done'}"] += 1
        self._check(name, refusal, at)
        return answer

    def _check(self, name: str, refusal: RuleViolation | None, at: datetime) -> None:
        before = self.rows
        self.rows, self.record, entries, problems = look(before, self.record, at)
        problems += [f"INV-18 {each.kind} is not of now" for each in entries if each.body["at"] != told_at(at)]
        problems += [f"INV-20 {each.kind} names a donor" for each in entries if named_in(each.text + each.subjects)]
        changed = changed_tables(before, self.rows)
        problems += _after_refusal(entries, changed) if refusal else _after_doing(entries, changed)
        assert problems == [], f"{name} at {at} ({refusal!r}): {problems}"

    def units(self, *states: str) -> list[Unit]:
        """Return the units in these states, or all of them, oldest first."""
        found = Unit.objects.order_by("pk")
        return list(found.filter(state__in=states) if states else found)

    def unit(self, which: int, *states: str) -> Unit:
        """Return one of the units in these states; where there is none, one of all, to be refused."""
        return one_of(self.units(*states) or self.units(), which)

    def releases(self, *statuses: str) -> list[Release]:
        """Return the releases of these statuses, newest first."""
        return list(Release.objects.filter(status__in=statuses).select_related("request").order_by("-pk"))


def look(before: Rows, record: Record, at: datetime) -> tuple[Rows, Record, list[Entry], list[str]]:
    """Ask every invariant of the bank as it is at this instant; return what was seen, and what is wrong."""
    rows = rows_of(*ASKED)
    record, entries, problems = record.read_on()
    problems += lost_rows(before, rows)
    problems += record.against_the_tables()
    problems += [f"INV-04 {problem}" for problem in what_moves_on_may(at)]
    problems += [*broken_invariants(), *releases_are_signed()]
    return rows, record, entries, problems


def named_in(text: str) -> bool:
    """Tell whether the one donor whose identity the bank keeps can be known from a text."""
    return any(name in text for name in NAMES)


def one_of(things: Sequence[R], which: int) -> R:
    """Return the thing of that number, counting round."""
    return things[which % len(things)]


def reviewer() -> Person:
    """Return quality."""
    return staff(Role.QUALITY_REVIEWER)


def together(call: Callable[[datetime], R]) -> Callable[[datetime], R]:
    """Make one command of several: all of it is done, or nothing."""
    return service(call)


def _after_doing(entries: list[Entry], changed: set[str]) -> list[str]:
    """Return what is wrong with a command that was carried out: whatever it changed is told in the record."""
    return [f"changed {sorted(changed)} and recorded nothing"] if changed and not entries else []


def _after_refusal(entries: list[Entry], changed: set[str]) -> list[str]:
    """Return what is wrong with a refusal: it leaves one entry of the attempt at most, or makes a release void."""
    kinds = [each.kind for each in entries]
    if "release.revoked" in kinds:
        return [] if changed <= VOIDING else [f"a refusal changed {sorted(changed - VOIDING)}"]
    attempts = [kind for kind in kinds if kind != LOCKED_OUT]
    wrong = [f"a refusal changed {sorted(changed)}"] if changed else []
    return wrong + ([f"a refusal left {kinds}"] if len(attempts) > 1 else [])
