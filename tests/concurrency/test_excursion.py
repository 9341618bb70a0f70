"""An excursion against whoever is about to move a unit on: what was inside is held, and nothing leaves over it."""

import random
from collections.abc import Callable, Iterator
from time import sleep

import pytest
from django.db import connection

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from biobank.models.ledger import LedgerEntry
from biobank.services import guard
from inventory.domain.container import NotPlaceable
from inventory.domain.gate import NotReleasable
from inventory.domain.snapshot import ReleaseNotStanding
from inventory.models.acceptance import Acceptance
from inventory.models.excursion import Excursion, ExcursionItem
from inventory.models.hold import Hold
from inventory.models.pick import Pick
from inventory.models.placement import Placement
from inventory.models.release import Release, ReleaseSignature
from inventory.models.request import RequestLine, UnitRequest
from inventory.models.reservation import Reservation
from inventory.models.unit import Unit
from inventory.services import pick as pick_service
from inventory.services import placement as placement_service
from inventory.services import release as release_service
from inventory.services.pick import pick_unit
from inventory.services.placement import PutAway, put_away
from tests.concurrency.locks import no_locks, slowly
from tests.concurrency.threads import FEWER, TRIALS, crew
from tests.concurrency.way_back import WayBack
from tests.factories.excursion import NIGHT, excursion, warming
from tests.factories.person import staff
from tests.factories.release import evaluated_release, issued_release, scans_of, sign
from tests.factories.request import approved_request
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit, box, frozen_unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
REFUSALS = (NotReleasable, ReleaseNotStanding, NotPlaceable)
Step = Callable[["Bank", float], object]
Together = Callable[[list[Callable[[], object]]], list[object]]
# Rows that a trial writes, put back to what they were before it: the quickest way to many equal trials.
RESTORED = (
    *(Unit, Acceptance, UnitRequest, RequestLine, Reservation, Release, Placement, ReleaseSignature),
    *(Pick, Hold, Excursion, ExcursionItem),
)


class Bank:
    """One unit on the edge of a step, in a box that was warm, and the way back to that edge after each trial."""

    def __init__(self, unit: Unit, subject: object) -> None:
        self.unit, self.subject = unit, subject
        self.reporter = staff(Role.LAB_TECHNICIAN)
        self.way_back = WayBack(*RESTORED)
        self.entries = LedgerEntry.objects.count()

    def report(self, *, after: float = 0) -> Excursion:
        sleep(after)
        return excursion(happened=warming(until=NOON + hours(1), since=NIGHT), by=self.reporter, at=NOON + hours(1))

    def restore(self) -> None:
        self.way_back.go()
        self.entries = LedgerEntry.objects.count()


def signed_once() -> Bank:
    unit = available_unit(segment=True)
    release = evaluated_release(approved_request(unit))
    sign(release)
    staff(Role.RELEASING_OFFICER)
    return Bank(unit, release)


def to_be_picked() -> Bank:
    unit = available_unit(segment=True)
    release = issued_release(unit)
    staff(Role.STORAGE_TECHNICIAN)
    return Bank(unit, (release, scans_of(unit)))


def outside() -> Bank:
    """A unit elsewhere that somebody is about to put into the warm box."""
    unit = frozen_unit()
    cold = box("T01-R01-02").positions.order_by("pk")[0]
    by = staff(Role.STORAGE_TECHNICIAN)
    put_away([PutAway(cold.pk, unit_id=unit.pk)], reason="elsewhere", by=by, at=NIGHT - hours(1))
    return Bank(unit, box().positions.order_by("pk")[5].pk)


def second_signature(bank: Bank, after: float) -> object:
    sleep(after)
    return sign(bank.subject, Meaning.RELEASED, at=NOON + hours(1))


def pick(bank: Bank, after: float) -> object:
    sleep(after)
    release, scans = bank.subject
    return pick_unit(release, bank.unit, scans=scans, by=staff(Role.STORAGE_TECHNICIAN), at=NOON + hours(1))


def put_in(bank: Bank, after: float) -> object:
    sleep(after)
    wanted = [PutAway(bank.subject, unit_id=bank.unit.pk)]
    put_away(wanted, reason="race", by=staff(Role.STORAGE_TECHNICIAN), at=NOON + hours(1))
    return Placement.objects.get(unit=bank.unit, removed_at=None)


@pytest.fixture(autouse=True)
def _without_guards() -> Iterator[None]:
    """Take the triggers away: the locks alone are on trial, and each trial is put back to its beginning."""
    guard.drop_guards(connection)
    yield
    guard.install_guards(connection)


def numbers(bank: Bank, kind: str) -> list[int]:
    entries = LedgerEntry.objects.filter(number__gt=bank.entries, kind=kind, links__code=bank.unit.code)
    return list(entries.values_list("number", flat=True))


def held(bank: Bank) -> bool:
    return Hold.objects.filter(kind="excursion", unit=bank.unit, lifted_at=None).count() == 1


def nothing_left_over_the_hold(bank: Bank, kind: str) -> bool:
    """Whether the unit is held, and what was done with it was done before."""
    holds = numbers(bank, "hold.placed")
    return held(bank) and len(holds) == 1 and all(number < holds[0] for number in numbers(bank, kind))


def nothing_is_inside_unheld(bank: Bank, _kind: str) -> bool:
    """Whether the unit, if it came into the warm box, is held."""
    inside = Placement.objects.filter(unit=bank.unit, removed_at=None, position_id=bank.subject).exists()
    return held(bank) or not inside


def trials_of(bank: Bank, step: Step, kind: str, safe: Callable[[Bank, str], bool], trials: int) -> set[str]:
    """Race a report against a step, and say how the step ended over all trials."""
    outcomes = set()
    with crew(2) as together:
        for number in range(trials):
            luck = random.Random(number)  # noqa: S311  a trial that can be repeated, no secret
            late = luck.choice([(0, 0), (luck.random() / 20, 0), (0, luck.random() / 20)])
            reported, answer = together([lambda at=late: bank.report(after=at[0]), lambda at=late: step(bank, at[1])])
            assert isinstance(reported, Excursion), reported
            assert not isinstance(answer, Exception) or isinstance(answer, REFUSALS), answer
            assert safe(bank, kind), (number, answer)
            outcomes.add(type(answer).__name__)
            bank.restore()
    return outcomes


def signature_trials(trials: int) -> set[str]:
    return trials_of(signed_once(), second_signature, "unit.released", nothing_left_over_the_hold, trials)


def pick_trials(trials: int) -> set[str]:
    return trials_of(to_be_picked(), pick, "unit.picked", nothing_left_over_the_hold, trials)


def put_in_trials(trials: int) -> set[str]:
    return trials_of(outside(), put_in, "unit.moved", nothing_is_inside_unheld, trials)


@pytest.mark.postgresql
def test_an_excursion_against_the_second_signature_loses_none():
    assert signature_trials(TRIALS) >= {"ReleaseSignature", "NotReleasable"}


@pytest.mark.postgresql
def test_an_excursion_against_a_pick_loses_none():
    assert pick_trials(TRIALS) >= {"Pick", "NotReleasable"}


@pytest.mark.postgresql
def test_an_excursion_against_putting_in_loses_none():
    assert put_in_trials(FEWER) >= {"Placement", "NotPlaceable"}


@pytest.mark.sqlite
@pytest.mark.parametrize("trials_of_a_step", [signature_trials, pick_trials, put_in_trials])
def test_an_excursion_loses_none_on_sqlite_either(trials_of_a_step: Callable[[int], set[str]]):
    assert trials_of_a_step(30)


@pytest.mark.postgresql
def test_canary_without_locks_a_release_is_signed_over_an_excursion(monkeypatch):
    bank = signed_once()

    with no_locks(monkeypatch):
        slowly(monkeypatch, release_service, "sign")
        race(bank, second_signature)

    assert held(bank)
    assert not nothing_left_over_the_hold(bank, "unit.released")


@pytest.mark.postgresql
def test_canary_without_locks_a_unit_is_picked_over_an_excursion(monkeypatch):
    bank = to_be_picked()

    with no_locks(monkeypatch):
        slowly(monkeypatch, pick_service, "take_out")
        race(bank, pick)

    assert held(bank)
    assert not nothing_left_over_the_hold(bank, "unit.picked")


@pytest.mark.postgresql
def test_canary_without_the_containers_lock_a_unit_comes_in_unheld(monkeypatch):
    bank = outside()
    monkeypatch.setattr(placement_service, "lock_containers", lambda _ids: [])
    slowly(monkeypatch, placement_service, "_close")

    race(bank, put_in)

    assert not nothing_is_inside_unheld(bank, "unit.moved")


def race(bank: Bank, step: Step) -> None:
    with crew(2) as together:
        reported, _ = together([lambda: bank.report(after=0.3), lambda: step(bank, 0)])
    assert isinstance(reported, Excursion), reported
