"""Every command in any order, over a bank: a refusal changes nothing, and every invariant holds after each step."""

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from consent.domain.consent import WithdrawalScope
from inventory.domain.excursion import ExcursionVerdict
from inventory.domain.hold import HoldKind
from inventory.domain.release import ReleaseKind
from inventory.domain.unit import Use
from tests.factories.time import hours
from tests.journeys.machine import Machine, prepared_bank
from tests.journeys.machine_collection import CollectionMachine
from tests.journeys.machine_consent import ConsentMachine
from tests.journeys.machine_delivery import COLD, DeliveryMachine
from tests.journeys.machine_release import ReleaseMachine

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Always the same few banks, each of so many steps; MACHINE_EXAMPLES=2000 tries others, for a night before a release.
MORE = int(os.environ.get("MACHINE_EXAMPLES") or 0)
PROFILE = settings(
    max_examples=MORE or 30,
    stateful_step_count=40,
    derandomize=not MORE,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
# What every run must have done, and not only have been refused, to prove anything.
ALWAYS = {"request", "sign released", "pick", "hand over", "receive", "withdraw", "narrow", "verify", "excursion"}
# What the machine can do at all: the walk below does each, so that no rule of it is for show.
DONE = ALWAYS | {
    *("birth", "pack collection", "hand over collection", "receive collection", "count", "freeze", "put away"),
    *("measure", "determine", "accept", "thaw segment", "give again", "expire", "move", "swap", "assess", "discard"),
    *("lose", "hold", "lift", "request exceptional", "once", "again", "approve", "weigh", "cancel", "reject"),
    *("take out", "lapse", "evaluate", "sign reviewed", "revoke", "pack", "acknowledge", "use", "send back"),
    *("receive back", "reactive result", "correct", "request anything"),
}


class Bank(CollectionMachine, ConsentMachine, ReleaseMachine, DeliveryMachine):
    """All of it."""


@pytest.fixture
def _prepared() -> Iterator[None]:
    """Begin with a bank that is proved already."""
    Machine.prepared, Machine.told = prepared_bank(), Counter()
    yield
    del Machine.prepared


@pytest.mark.usefixtures("_prepared")
def test_whatever_is_asked_of_the_bank_in_whatever_order_nothing_that_must_hold_breaks():
    run_state_machine_as_test(Bank, settings=PROFILE)

    assert done() >= ALWAYS, f"never done: {sorted(ALWAYS - done())}"


@pytest.mark.usefixtures("_prepared")
def test_everything_that_the_machine_can_ask_is_done_when_its_turn_has_come():
    bank = Bank()
    try:
        walk(bank)
    finally:
        bank.teardown()

    assert not DONE - done(), f"never done: {sorted(DONE - done())}"


def done() -> set[str]:
    return {name.removesuffix(": done") for name in Machine.told if name.endswith(": done")}


def walk(bank: Bank) -> None:
    """Go every way once, and try some that are none."""
    bank.birth()
    bank.go_on_to_stock(which=1, steps=12)
    for ending in ("reject", "cancel", "take out"):
        bank.request(which=0, count=1, until=None)
        bank.end(which=0, how=ending)
    bank.request(which=0, count=1, until=hours(4))
    bank.time_passes(jump=hours(5))
    bank.lapse()
    bank.send_a_request_twice(which=0)
    bank.end(which=0, how="cancel")
    bank.request(which=0, count=1, until=None)
    bank.go_on(which=0, steps=4)
    bank.revoke(which=0)
    leave(bank)
    stay(bank)


def leave(bank: Bank) -> None:
    """One unit leaves and is used, one leaves by exception, one comes back."""
    bank.request_anything(which=1)
    bank.go_on(which=0, steps=2)
    bank.sign(which=0, signer=Role.COORDINATOR, meaning=Meaning.REVIEWED, password="")
    bank.sign(which=0, signer=Role.QUALITY_REVIEWER, meaning=Meaning.REVIEWED, password="wrong")
    bank.go_on(which=0, steps=2)
    for wrong in ("unit", "position"):
        bank.pick(which=0, wrong=wrong)
    bank.go_on(which=0, steps=12)
    bank.receive(which=1, accepted=True, celsius=COLD)
    bank.send_back(which=0)
    bank.receive_back(which=0, opened=True, celsius=COLD)
    bank.receive_back(which=0, opened=False, celsius=COLD)
    bank.receive(which=0, accepted=True, celsius=COLD)
    bank.use(which=0)
    bank.request_exceptionally(which=1, kind=ReleaseKind.EXCEPTIONAL)
    bank.go_on(which=0, steps=12)


def stay(bank: Bank) -> None:
    """What else happens to units in the bank."""
    bank.put(which=3, code="T01-R01-02", number=0)
    bank.move_what_was_moved(which=3, code="T01-R01-02", number=1)
    bank.swap(which=0, other=1)
    bank.warm_up(code="T01-R01-02", celsius="-120.5", since=1)
    bank.assess(which=1, verdict=ExcursionVerdict.CLEARED, leaves_one_out=False)
    bank.hold(which=0, on="donation", kind=HoldKind.MIX_UP)
    bank.lift(which=0, by="technician")
    bank.lift(which=0, by="reviewer")
    bank.correct(which=0, number=0, changes=False)
    bank.narrow(which=1, key="treatment")
    bank.give_again(which=1, treatment=True, lasts=2)
    bank.late_result(which=1, what="reactive", is_verified=True)
    bank.accept(which=0, use=Use.LABORATORY)
    bank.withdraw(which=1, scope=WithdrawalScope.ALL)
    bank.discard(which=3, witnessed=True)
    bank.lose(which=9)
