"""Narrowing and expiry of consent against whoever is about to move a unit on: as a withdrawal, they miss none."""

from time import sleep

import pytest

from consent.models.consent import Consent
from consent.services.consent import NewConsent, give_consent
from consent.services.expiry import record_expiries
from inventory.models.pick import Pick
from inventory.models.release import ReleaseSignature
from inventory.models.shipment import Shipment
from inventory.services import release as release_service
from tests.concurrency.locks import no_locks, slowly
from tests.concurrency.test_withdrawal import (
    THREADS,
    Bank,
    _without_guards,  # noqa: F401  a fixture that every test here takes
    hand_over,
    packed,
    pick,
    second_signature,
    signed_once,
    stopped,
    to_pick,
    trials_of,
)
from tests.concurrency.threads import FEWER, at_once
from tests.factories.donor import (
    GIVEN_AT,
    USUAL_STATEMENTS,
    form_in_force,
    narrowed,
    recorder,
    registered_donor,
)
from tests.factories.time import NOON, hours

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Narrowing(Bank):
    """The donor takes human application back."""

    holds = 0

    def withdraw(self, *, after: float = 0) -> Consent:
        sleep(after)
        return narrowed(self.consent, "treatment", at=NOON + hours(3))


class Expiring(Bank):
    """The consent ends after the step's own time, and the sweep that records it has come meanwhile."""

    holds = 0

    def given(self) -> Consent:
        new = NewConsent(
            donor=registered_donor(),
            form=form_in_force(),
            answers={statement.key: True for statement in USUAL_STATEMENTS},
            given_at=GIVEN_AT,
            ends_at=NOON + hours(4),
        )
        return give_consent(new, by=recorder(), at=GIVEN_AT)

    def withdraw(self, *, after: float = 0) -> Consent:
        sleep(after)
        assert record_expiries(by=recorder(), at=NOON + hours(5)) == 1
        return self.consent


def signature_trials(bank: type[Bank], trials: int) -> set[str]:
    return trials_of(second_signature, bank(signed_once), trials, done=ReleaseSignature, rivals=THREADS - 1)


def pick_trials(bank: type[Bank], trials: int) -> set[str]:
    return trials_of(pick, bank(to_pick), trials, done=Pick)


@pytest.mark.postgresql
@pytest.mark.parametrize("bank", [Narrowing, Expiring])
def test_the_second_signature_loses_none(bank: type[Bank]):
    assert signature_trials(bank, FEWER) >= {"ReleaseSignature", "ReleaseNotStanding"}


@pytest.mark.postgresql
@pytest.mark.parametrize("bank", [Narrowing, Expiring])
def test_the_pick_loses_none(bank: type[Bank]):
    assert pick_trials(bank, FEWER) >= {"Pick", "ReleaseNotStanding"}


@pytest.mark.postgresql
def test_a_hand_over_is_stopped_or_told_of():
    outcomes = trials_of(hand_over, Narrowing(packed), FEWER, done=Shipment)

    assert outcomes >= {"Shipment", "ReleaseNotStanding"}


@pytest.mark.sqlite
@pytest.mark.parametrize("trials_of_a_step", [signature_trials, pick_trials])
@pytest.mark.parametrize("bank", [Narrowing, Expiring])
def test_none_is_lost_on_sqlite_either(trials_of_a_step, bank):
    assert trials_of_a_step(bank, 30)


@pytest.mark.postgresql
@pytest.mark.parametrize("bank", [Narrowing, Expiring])
def test_canary_without_locks_a_release_is_signed_over_it(monkeypatch, bank):
    on_the_edge = bank(signed_once)

    with no_locks(monkeypatch):
        slowly(monkeypatch, release_service, "sign")
        at_once([lambda: on_the_edge.withdraw(after=0.1), lambda: second_signature(on_the_edge)])

    assert not stopped(on_the_edge)
