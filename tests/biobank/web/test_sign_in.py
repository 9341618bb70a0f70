"""Signing in and out through the door."""

import pytest
from django.test import Client
from django.urls import reverse

from biobank.domain.role import Role
from tests.factories.person import PASSWORD, person

pytestmark = pytest.mark.django_db


def test_the_right_password_leads_home(client: Client):
    person(Role.LAB_TECHNICIAN, username="tech")

    answer = client.post("/sign-in/", {"username": "tech", "password": PASSWORD})

    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_sign_in_leads_to_the_page_that_was_asked_for(client: Client):
    person(Role.LAB_TECHNICIAN, username="tech")

    asked = client.get("/units/?state=available")
    answer = client.post(asked["Location"], {"username": "tech", "password": PASSWORD})

    assert answer["Location"] == "/units/?state=available"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\r\nSet-Cookie: a",
    ],
)
def test_sign_in_never_leads_to_another_host(client: Client, elsewhere: str):
    person(Role.LAB_TECHNICIAN, username="tech")

    answer = client.post("/sign-in/", {"username": "tech", "password": PASSWORD, "next": elsewhere})

    assert answer["Location"] == "/"


def test_a_wrong_password_is_refused_without_saying_which_part_was_wrong(client: Client):
    person(Role.LAB_TECHNICIAN, username="tech")

    wrong = client.post("/sign-in/", {"username": "tech", "password": "not this one at all"})
    nobody = client.post("/sign-in/", {"username": "nobody", "password": "not this one at all"})

    assert wrong.status_code == nobody.status_code == 422
    assert "The user name or the password is wrong." in wrong.content.decode()
    assert "The user name or the password is wrong." in nobody.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_refused_sign_in_keeps_the_user_name_and_never_echoes_the_password(client: Client):
    answer = client.post("/sign-in/", {"username": "tech", "password": "very-secret-typing"})

    page = answer.content.decode()

    assert 'value="tech"' in page
    assert "very-secret-typing" not in page


def test_a_refusal_is_told_in_the_title_at_the_top_and_beside_the_field(client: Client):
    page = client.post("/sign-in/", {"username": "tech", "password": ""}).content.decode()

    assert "<title>Error: Sign in" in page
    assert "There is a problem" in page
    assert 'href="#id_password"' in page
    assert page.count("Enter your password.") == 2
    assert 'aria-invalid="true"' in page


def test_too_many_wrong_passwords_lock_the_name_out_and_say_for_how_long(client: Client, settings):
    person(Role.LAB_TECHNICIAN, username="tech")
    for _ in range(settings.BIOBANK_MAX_WRONG_ATTEMPTS):
        client.post("/sign-in/", {"username": "tech", "password": "wrong wrong wrong"})

    answer = client.post("/sign-in/", {"username": "tech", "password": PASSWORD})

    assert answer.status_code == 422
    assert "locked out" in answer.content.decode()
    assert "minute" in answer.content.decode()


def test_signing_out_needs_a_post(client: Client):
    client.force_login(person(Role.LAB_TECHNICIAN))

    assert client.get(reverse("sign-out")).status_code == 405
    assert client.post(reverse("sign-out")).status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("typed", ["\x00", "a\x00b", "x" * 10_000, "\u202eroot", "💉" * 40, "'; --"])
def test_no_typing_at_sign_in_breaks_the_page(client: Client, typed: str):
    answer = client.post("/sign-in/", {"username": typed, "password": typed})

    assert answer.status_code == 422
