"""The idle lock: locked, not lost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from biobank.domain.role import Role
from biobank.web.lock import LOCKED, SEEN_AT
from tests.factories.person import PASSWORD, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.force_login(person(Role.QUALITY_REVIEWER, username="reviewer"))
    return client


def leave_alone(client: Client, minutes: int) -> None:
    """Let that time pass since anything was touched."""
    session = client.session
    session[SEEN_AT] = (timezone.now() - timedelta(minutes=minutes)).isoformat()
    session.save()


def test_a_page_asked_for_after_the_pause_waits_behind_the_password(signed_in: Client, settings):
    leave_alone(signed_in, settings.BIOBANK_IDLE_LOCK_MINUTES)

    answer = signed_in.get("/units/?state=available")

    assert answer.status_code == 302
    assert answer["Location"] == "/unlock/?next=%2Funits%2F%3Fstate%3Davailable"


def test_a_shorter_pause_does_not_lock(signed_in: Client, settings):
    leave_alone(signed_in, settings.BIOBANK_IDLE_LOCK_MINUTES - 1)

    assert signed_in.get("/units/").status_code == 200


def test_the_password_leads_back_to_the_page(signed_in: Client):
    leave_alone(signed_in, 60)
    signed_in.get("/units/")

    answer = signed_in.post("/unlock/", {"password": PASSWORD, "next": "/units/"})

    assert answer["Location"] == "/units/"
    assert signed_in.get("/units/").status_code == 200


def test_a_wrong_password_keeps_it_locked(signed_in: Client):
    signed_in.post("/lock/")

    answer = signed_in.post("/unlock/", {"password": "wrong wrong wrong", "next": "/units/"})

    assert answer.status_code == 422
    assert "wrong wrong wrong" not in answer.content.decode()
    assert signed_in.get("/units/").status_code == 302


def test_a_form_sent_while_locked_is_kept_and_its_password_is_not(signed_in: Client):
    signed_in.post("/lock/")

    asked = signed_in.post("/search/", {"code": "A9999 26 000123", "password": "typed-secret"}).content.decode()
    answer = signed_in.post(
        "/unlock/", {"password": PASSWORD, "next": "/search/", "kept:code": "A9999 26 000123"}
    ).content.decode()

    assert 'name="kept:code" value="A9999 26 000123"' in asked
    assert "typed-secret" not in asked
    assert 'action="/search/"' in answer
    assert 'name="code" value="A9999 26 000123"' in answer


def test_a_script_is_told_without_a_page(signed_in: Client):
    signed_in.post("/lock/")

    refused = signed_in.post("/unlock/", {"password": "wrong"}, headers={"X-Requested-With": "fetch"})
    unlocked = signed_in.post("/unlock/", {"password": PASSWORD}, headers={"X-Requested-With": "fetch"})

    assert refused.status_code == 422
    assert "wrong" in refused["X-Refusal"]
    assert unlocked.status_code == 204
    assert signed_in.session[LOCKED] is False


def test_signing_out_works_while_locked(signed_in: Client):
    signed_in.post("/lock/")

    signed_in.post("/sign-out/")

    assert "_auth_user_id" not in signed_in.session


@pytest.mark.parametrize("page", ["/", "/units/", "/nowhere/", "/unlock/"])
def test_no_page_of_somebody_signed_in_is_kept_by_the_browser(signed_in: Client, page: str):
    answer = signed_in.get(page)

    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
