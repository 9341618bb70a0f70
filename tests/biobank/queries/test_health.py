"""The facts of the bank's health."""

import pytest

from biobank.domain.health import HealthFacts
from biobank.queries.health import health_facts, last_verification
from biobank.services.health import record_heartbeat, record_verification
from biobank.services.job import queue_job
from tests.factories.person import person
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db


def test_a_new_bank_knows_nothing_yet():
    assert health_facts(NOON) == HealthFacts(None, None, None, None)
    assert last_verification() is None


def test_the_newest_of_each_is_told():
    queue_job("test.any", {}, by=person(), at=NOON - hours(3))
    for step in (2, 1):
        record_heartbeat("beat", at=NOON - hours(step))
        record_verification("ledger", ok=step == 1, detail="", at=NOON - hours(step))

    facts = health_facts(NOON)

    assert facts == HealthFacts(NOON - hours(3), NOON - hours(1), NOON - hours(1), verified_ok=True)
