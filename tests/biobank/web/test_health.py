"""GET /health."""

import pytest
from django.db import OperationalError
from django.utils import timezone

from biobank.services.health import record_heartbeat, record_verification
from biobank.services.job import queue_job
from biobank.web import health as door
from tests.factories.person import person, the_system
from tests.factories.time import hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def beating():
    record_heartbeat("beat", at=timezone.now())


@pytest.mark.usefixtures("beating")
def test_a_well_bank_answers_200_without_sign_in(client):
    record_verification("ledger", ok=True, detail="", at=timezone.now())

    response = client.get("/health")

    body = response.json()
    assert (response.status_code, body["ok"]) == (200, True)
    assert set(body["checks"]) == {"database", "jobs", "beat", "verification", "checkpoint"}
    assert "no-store" in response["Cache-Control"]


def test_a_silent_beat_answers_503_and_is_named(client):
    response = client.get("/health")

    assert response.status_code == 503
    assert [name for name, check in response.json()["checks"].items() if not check["ok"]] == ["beat"]


@pytest.mark.usefixtures("beating")
def test_late_jobs_answer_503_with_their_age(client):
    queue_job("test.any", {}, by=person(), at=timezone.now() - hours(1))

    response = client.get("/health")

    assert response.status_code == 503
    assert response.json()["checks"]["jobs"]["age_seconds"] >= 3600


@pytest.mark.usefixtures("beating")
def test_a_verification_that_found_a_fault_answers_503_without_its_detail(client):
    record_verification("ledger", ok=False, detail="canary of entry 7", at=timezone.now())

    response = client.get("/health")

    assert response.status_code == 503
    assert b"canary" not in response.content


def test_a_database_that_is_away_answers_503(client, monkeypatch):
    def away(at):
        raise OperationalError("canary-host refused")

    monkeypatch.setattr(door, "health_facts", away)

    response = client.get("/health")

    assert response.status_code == 503
    assert response.json() == {"ok": False, "checks": {"database": {"ok": False, "age_seconds": None}}}


@pytest.mark.usefixtures("beating")
def test_nobody_is_named(client):
    ana = person()
    queue_job("test.any", {"canary": "canary"}, by=ana, at=timezone.now())

    text = client.get("/health").content.decode()

    assert not any(word in text for word in (ana.username, ana.printed_name, "canary"))


def test_nothing_can_be_sent(client):
    assert client.post("/health").status_code == 405


@pytest.mark.usefixtures("beating")
def test_a_night_without_a_checkpoint_answers_503_and_is_named(client):
    the_system()

    response = client.get("/health")

    assert response.status_code == 503
    assert [name for name, check in response.json()["checks"].items() if not check["ok"]] == ["checkpoint"]
