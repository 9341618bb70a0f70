"""The facts of the bank's health."""

import pytest

from biobank.domain.health import HealthFacts
from biobank.models.ledger import LedgerEntry
from biobank.queries.health import health_facts, last_verification
from biobank.services.health import record_heartbeat, record_verification
from biobank.services.job import queue_job
from biobank.services.ledger import record
from biobank.services.service import service
from tests.factories.person import person, the_system
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db


def test_a_new_bank_knows_nothing_yet():
    assert health_facts(NOON) == HealthFacts(None, None, None, None, None, None)
    assert last_verification() is None


def test_the_newest_of_each_is_told():
    queue_job("test.any", {}, by=person(), at=NOON - hours(3))
    for step in (2, 1):
        record_heartbeat("beat", at=NOON - hours(step))
        record_verification("ledger", ok=step == 1, detail="", at=NOON - hours(step))

    facts = health_facts(NOON)

    assert (facts.oldest_waiting_since, facts.beat_at) == (NOON - hours(3), NOON - hours(1))
    assert (facts.verified_at, facts.verified_ok) == (NOON - hours(1), True)


def test_the_record_tells_when_it_began_and_when_its_last_checkpoint_was_published():
    by = the_system()
    for step in (30, 20, 10):
        checkpoint_entry(by=by, at=NOON - hours(step))

    facts = health_facts(NOON)

    assert facts.checkpoint_at == NOON - hours(10)
    assert facts.began_at == LedgerEntry.objects.get(number=1).at


def test_before_the_first_checkpoint_the_record_has_only_begun():
    the_system()

    facts = health_facts(NOON)

    assert facts.checkpoint_at is None
    assert facts.began_at is not None


@service
def checkpoint_entry(*, by, at):
    record("checkpoint.published", subjects=[], by=by, at=at)
