"""The home page: what needs me now."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from biobank.domain.role import Role
from biobank.models.job import Job
from biobank.services.health import record_heartbeat, record_verification
from biobank.services.job import queue_job
from tests.factories.page_unit import VIAL, unit
from tests.factories.person import person, the_system

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "work"),
    [
        (Role.QUALITY_REVIEWER, "In quarantine"),
        (Role.LAB_TECHNICIAN, "Results to verify"),
        (Role.STORAGE_TECHNICIAN, "To pick"),
        (Role.RELEASING_OFFICER, "Releases to sign"),
        (Role.COORDINATOR, "On their way to you"),
    ],
)
def test_each_role_sees_its_own_work(client: Client, role: Role, work: str):
    client.force_login(person(role))

    assert work in client.get("/").content.decode()


def test_the_count_is_of_what_waits(client: Client):
    unit()
    unit(VIAL)
    client.force_login(person(Role.QUALITY_REVIEWER))

    page = client.get("/").content.decode()

    assert '<span class="task-count">2</span><span class="task-name">In quarantine</span>' in page


def test_somebody_without_a_role_is_told_whom_to_ask(client: Client):
    unit()
    client.force_login(person())

    page = client.get("/").content.decode()

    assert "You hold no role at the moment." in page
    assert "Scan or type" not in page


def test_the_system_strip_tells_the_last_verification_and_the_heartbeat(client: Client):
    now = timezone.now()
    record_heartbeat("beat", at=now)
    record_verification("ledger", ok=False, detail="entry 3", at=now)
    client.force_login(person(Role.AUDITOR))

    page = client.get("/").content.decode()

    assert "Fault found" in page
    assert "Alive" in page


def test_the_system_strip_tells_that_last_night_s_checkpoint_was_missed(client: Client):
    the_system()
    client.force_login(person(Role.AUDITOR))

    page = client.get("/").content.decode()

    assert "Missed" in page
    assert "none yet" in page


def test_late_background_work_is_told_on_every_page(client: Client):
    long_ago = timezone.now() - timedelta(hours=1)
    queue_job("report.custody", {"unit": "none"}, by=the_system(), at=long_ago)
    client.force_login(person(Role.AUDITOR))

    page = client.get("/units/").content.decode()

    assert Job.objects.count() == 1
    assert "Background work is late" in page


def test_times_are_shown_in_the_zone_of_the_persons_site(client: Client):
    record_verification("ledger", ok=True, detail="", at=timezone.now())
    client.force_login(person(Role.AUDITOR))

    page = client.get("/").content.decode()

    assert "CET" in page or "CEST" in page
    assert "UTC</time>" not in page
