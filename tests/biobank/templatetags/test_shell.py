"""The frame of every page: what stands above it, and which version this is."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry, LedgerHead, LedgerSubject
from biobank.services.checkpoint import publish_checkpoint
from biobank.services.guard import drop_guards, install_guards
from biobank.services.job import queue_job
from biobank.services.signing_key import create_signing_key
from biobank.services.standing import _agreed
from biobank.templatetags.shell import house_version, version_in
from tests.factories.ledger import eleven_entries
from tests.factories.person import person, the_system
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db

READ_ONLY = "Read only: nothing can be saved."
LATE = "Background work is late."


@pytest.fixture(autouse=True)
def checkpoints(settings, tmp_path):
    settings.BIOBANK_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.BIOBANK_LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.pem"
    settings.BIOBANK_DEMO = False
    _agreed.clear()
    yield
    _agreed.clear()


def published():
    create_signing_key()
    eleven_entries(by=the_system())
    publish_checkpoint(by=the_system(), at=NOON + hours(20))


def restore_old_backup(*, until):
    drop_guards(connection)
    LedgerSubject.objects.filter(entry_id__gt=until)._raw_delete("default")
    LedgerEntry.objects.filter(number__gt=until)._raw_delete("default")
    LedgerHead.objects.update(number=until, seal=LedgerEntry.objects.get(number=until).seal)
    install_guards(connection)


@pytest.mark.parametrize("path", ["/", "/units/", "/search/", "/sign-in/"])
def test_every_page_says_that_the_record_is_older_than_its_checkpoint(client, path):
    visitor = person(Role.AUDITOR)
    published()
    client.force_login(visitor)
    restore_old_backup(until=8)
    if path == "/sign-in/":
        client.logout()

    page = client.get(path).content.decode()

    assert READ_ONLY in page
    assert "are missing" in page


def test_a_record_that_agrees_with_its_checkpoint_says_nothing(client):
    visitor = person(Role.AUDITOR)
    published()
    client.force_login(visitor)

    page = client.get("/units/").content.decode()

    assert READ_ONLY not in page


def test_a_checkpoint_that_cannot_be_read_is_told_too(client, settings):
    visitor = person(Role.AUDITOR)
    published()
    client.force_login(visitor)
    next(settings.BIOBANK_CHECKPOINT_DIR.iterdir()).write_text("{")
    _agreed.clear()

    page = client.get("/units/").content.decode()

    assert READ_ONLY in page


@pytest.mark.parametrize(("minutes", "is_told"), [(60, True), (1, False)])
@pytest.mark.parametrize("path", ["/", "/units/", "/search/"])
def test_every_page_says_when_background_work_is_late(client, path, minutes, is_told):
    queue_job("report.custody", {"unit": "none"}, by=the_system(), at=timezone.now() - timedelta(minutes=minutes))
    client.force_login(person(Role.AUDITOR))

    page = client.get(path).content.decode()

    assert (LATE in page) is is_told


def test_the_foot_shows_a_version_and_never_that_there_is_none(client):
    client.force_login(person(Role.AUDITOR))

    page = client.get("/units/").content.decode()

    assert f"Biobank {house_version()}" in page
    assert "unpackaged" not in page


def test_a_checkout_states_the_version_of_its_source(settings, tmp_path):
    torn = tmp_path / "pyproject.toml"
    torn.write_text("[project")

    assert version_in(settings.BASE_DIR / "pyproject.toml")[0].isdigit()
    assert version_in(torn) == version_in(tmp_path / "none.toml") == ""
