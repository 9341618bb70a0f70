"""A reactive result that comes late, against whoever is about to move a unit on: nothing leaves over it."""

from collections.abc import Callable
from time import sleep

import pytest

from consent.models.consent import Consent
from inventory.models.pick import Pick
from inventory.models.release import Release, ReleaseSignature
from inventory.models.unit import Unit
from inventory.services import pick as pick_service
from inventory.services import release as release_service
from inventory.services.result import record_results
from tests.concurrency.locks import no_locks, slowly
from tests.concurrency.test_withdrawal import (
    THREADS,
    Bank,
    _without_guards,  # noqa: F401  a fixture that every test here takes
    moved_on_afterwards,
    pick,
    second_signature,
    signed_once,
    to_pick,
    trials_of,
)
from tests.concurrency.threads import TRIALS, at_once
from tests.factories.result import of_mother, technician
from tests.factories.time import NOON, hours

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class LateResult(Bank):
    """The laboratory finds the mother's marker reactive, weeks after her eligibility was determined."""

    holds = 0

    def __init__(self, on_the_edge: Callable[[Unit], Release]) -> None:
        super().__init__(on_the_edge)
        technician()

    def withdraw(self, *, after: float = 0) -> Consent:
        sleep(after)
        record_results([of_mother(self.unit)], by=technician(), at=NOON + hours(3))
        return self.consent


def signature_trials(trials: int) -> set[str]:
    return trials_of(second_signature, LateResult(signed_once), trials, done=ReleaseSignature, rivals=THREADS - 1)


def pick_trials(trials: int) -> set[str]:
    return trials_of(pick, LateResult(to_pick), trials, done=Pick)


@pytest.mark.postgresql
def test_a_late_result_against_the_second_signature_loses_none():
    assert signature_trials(TRIALS) >= {"ReleaseSignature", "ReleaseNotStanding"}


@pytest.mark.postgresql
def test_a_late_result_against_a_pick_loses_none():
    assert pick_trials(TRIALS) >= {"Pick", "ReleaseNotStanding"}


@pytest.mark.sqlite
@pytest.mark.parametrize("trials_of_a_step", [signature_trials, pick_trials])
def test_a_late_result_loses_none_on_sqlite_either(trials_of_a_step: Callable[[int], set[str]]):
    assert trials_of_a_step(10)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("on_the_edge", "step", "module", "name"),
    [(signed_once, second_signature, release_service, "sign"), (to_pick, pick, pick_service, "take_out")],
)
def test_canary_without_locks_a_unit_moves_on_over_a_late_result(monkeypatch, on_the_edge, step, module, name):
    bank = LateResult(on_the_edge)

    with no_locks(monkeypatch):
        slowly(monkeypatch, module, name)
        at_once([lambda: bank.withdraw(after=0.1), lambda: step(bank)])

    assert moved_on_afterwards()
