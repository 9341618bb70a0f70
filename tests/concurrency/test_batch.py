"""A batch that is rejected while somebody uses it: either it is used no more, or what was made with it is stopped."""

import random
from collections.abc import Callable, Iterator
from time import sleep

import pytest
from django.db import connection

from biobank.domain.role import Role
from biobank.services import guard
from inventory.domain.processing import ProcessingRefused
from inventory.models.deviation import DeviationItem
from inventory.models.unit import Unit
from inventory.queries.batch import batch_facts
from inventory.services import means, processing
from inventory.services.batch_rejection import reject_released_batch
from inventory.services.processing import process_units
from tests.concurrency.locks import slowly
from tests.concurrency.threads import FEWER, at_once, crew
from tests.factories.journey import batch
from tests.factories.person import staff
from tests.factories.time import NOON
from tests.factories.unit import FROZEN_AT, new_processing, received_unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Calls = list[Callable[[], object]]


@pytest.fixture(autouse=True)
def _without_guards() -> Iterator[None]:
    """Take the triggers away: the lock alone is on trial."""
    guard.drop_guards(connection)
    yield
    guard.install_guards(connection)


def rejection_and_use(lot: str, *, rejected_after: float = 0, used_after: float = 0) -> Calls:
    """Return how a batch is rejected, and how a unit of nobody whom it touched yet is frozen with it."""
    made, lab, quality = batch(lot), staff(Role.LAB_TECHNICIAN), staff(Role.QUALITY_REVIEWER)
    run = new_processing(received_unit(), batch_ids=(made.pk,))
    assert lab.site
    assert quality.site

    def reject() -> object:
        sleep(rejected_after)
        return reject_released_batch(made, reason="The maker recalls the lot.", by=quality, at=NOON)

    def use() -> object:
        sleep(used_after)
        return process_units([run], by=lab, at=FROZEN_AT)

    return [reject, use]


def stopped(made: object) -> bool:
    """Whether every unit that was made is in the deviation of the rejection."""
    units = [unit.pk for run in made for unit in run if isinstance(unit, Unit)] if isinstance(made, list) else []
    return bool(units) and DeviationItem.objects.filter(unit_id__in=units).count() == len(units)


def trials(number: int) -> set[str]:
    """Race a rejection against a use, and say how the use ended over all trials."""
    outcomes = set()
    with crew(2) as together:
        for trial in range(number):
            luck = random.Random(trial)  # noqa: S311  a trial that can be repeated, no secret
            early, late = luck.choice([(0.0, 0.0), (luck.random() / 20, 0.0), (0.0, luck.random() / 20)])
            calls = rejection_and_use(f"L-{trial}", rejected_after=early, used_after=late)
            deviation, made = together(calls)
            assert not isinstance(deviation, Exception), deviation
            refused = isinstance(made, ProcessingRefused) and "was rejected" in str(made)
            assert refused is (deviation is None), (trial, made)
            assert refused or stopped(made), (trial, made)
            outcomes.add(type(made).__name__)
    return outcomes


@pytest.mark.postgresql
def test_a_rejection_against_a_use_loses_none():
    assert trials(FEWER) == {"list", "ProcessingRefused"}


@pytest.mark.sqlite
def test_a_rejection_loses_none_on_sqlite_either():
    assert trials(5)


@pytest.mark.postgresql
def test_canary_without_the_batch_s_lock_what_is_made_with_a_rejected_batch_goes_on(monkeypatch):
    calls = rejection_and_use("L-1", rejected_after=0.3)
    monkeypatch.setattr(means, "lock_batches_to_use", batch_facts)
    slowly(monkeypatch, processing, "record_means")

    deviation, made = at_once(calls)

    assert deviation is None
    assert isinstance(made, list)
    assert not stopped(made)
