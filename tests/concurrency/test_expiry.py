"""The instant of expiry against whoever is about to move a unit on: whose clock reads that instant comes too late."""

import random
from collections.abc import Callable
from time import sleep

import pytest

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from biobank.models.person import Person
from inventory.domain import gate_rules
from inventory.domain.gate import NotReleasable
from inventory.domain.snapshot import NotAsSigned, ReleaseNotStanding
from inventory.models.pick import Pick
from inventory.models.release import Release, ReleaseSignature
from inventory.models.unit import Unit
from inventory.services.pick import PickRefused, pick_unit
from tests.concurrency.test_withdrawal import (
    Bank,
    _without_guards,  # noqa: F401  a fixture that every test here takes
    signed_once,
    to_pick,
)
from tests.concurrency.threads import TRIALS, crew
from tests.factories.person import staff
from tests.factories.release import scans_of, sign
from tests.factories.time import NOON, hours

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
REFUSALS = (NotReleasable, NotAsSigned, ReleaseNotStanding, PickRefused)
# Two people act at once; the clock of the first reads an hour before the end, the clock of the second the end itself.
END = NOON + hours(3)
IN_TIME = NOON + hours(2)
Act = Callable[[Bank, bool, float], object]


def expiring(on_the_edge: Callable[[Unit], Release]) -> Bank:
    """Return a bank whose one unit ends at that instant."""

    def ending(unit: Unit) -> Release:
        Unit.objects.filter(pk=unit.pk).update(expires_at=END, expiry_basis="policy_years")
        return on_the_edge(unit)

    bank = Bank(ending)
    bank.scans = scans_of(bank.unit)
    for in_time in (True, False):
        releaser(in_time), picker(in_time)
    return bank


def releaser(in_time: bool) -> Person:
    return staff(Role.RELEASING_OFFICER if in_time else Role.MEDICAL_DIRECTOR)


def picker(in_time: bool) -> Person:
    return staff(Role.STORAGE_TECHNICIAN, "" if in_time else "the-late-technician")


def second_signature(bank: Bank, in_time: bool, after: float) -> object:
    sleep(after)
    return sign(bank.subject, Meaning.RELEASED, releaser(in_time), at=IN_TIME if in_time else END)


def pick(bank: Bank, in_time: bool, after: float) -> object:
    sleep(after)
    by, at = picker(in_time), IN_TIME if in_time else END
    return pick_unit(bank.subject, bank.unit, scans=bank.scans, by=by, at=at)


def nothing_moved_on_expired() -> bool:
    """Whether every release was issued, and every unit picked, before its end."""
    released = Release.objects.filter(units__unit__expires_at__isnull=False, issued_at__gte=END)
    signed = ReleaseSignature.objects.filter(meaning="released", signature__signed_at__gte=END)
    return not (released.exists() or signed.exists() or Pick.objects.filter(picked_at__gte=END).exists())


def trials_of(bank: Bank, act: Act, trials: int) -> set[str]:
    """Race who comes in time against who comes too late; say how both ended over all trials."""
    outcomes = set()
    with crew(2) as together:
        for number in range(trials):
            luck = random.Random(number)  # noqa: S311  a trial that can be repeated, no secret
            late = luck.choice([(0, 0), (luck.random() / 20, 0), (0, luck.random() / 20)])
            first, second = together([lambda at=late: act(bank, True, at[0]), lambda at=late: act(bank, False, at[1])])
            assert isinstance(second, REFUSALS), second
            assert not isinstance(first, Exception) or isinstance(first, REFUSALS), first
            assert nothing_moved_on_expired(), number
            outcomes |= {type(first).__name__, type(second).__name__}
            bank.restore()
    return outcomes


def signature_trials(trials: int) -> set[str]:
    return trials_of(expiring(signed_once), second_signature, trials)


def pick_trials(trials: int) -> set[str]:
    return trials_of(expiring(to_pick), pick, trials)


@pytest.mark.postgresql
def test_the_instant_of_expiry_against_the_second_signature_loses_none():
    assert signature_trials(TRIALS) >= {"ReleaseSignature", "NotReleasable"}


@pytest.mark.postgresql
def test_the_instant_of_expiry_against_a_pick_loses_none():
    assert pick_trials(TRIALS) >= {"Pick", "NotReleasable"}


@pytest.mark.sqlite
@pytest.mark.parametrize("trials_of_a_step", [signature_trials, pick_trials])
def test_the_instant_of_expiry_loses_none_on_sqlite_either(trials_of_a_step: Callable[[int], set[str]]):
    assert trials_of_a_step(10)


@pytest.mark.parametrize(("on_the_edge", "act"), [(signed_once, second_signature), (to_pick, pick)])
def test_canary_without_the_rule_what_has_expired_moves_on(monkeypatch, on_the_edge, act):
    bank = expiring(on_the_edge)
    monkeypatch.setattr(gate_rules, "is_expired", lambda _expiry, _at: False)

    act(bank, False, 0)

    assert not nothing_moved_on_expired()
