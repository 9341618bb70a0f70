"""Changing one's own password through the door."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Permission, Role
from biobank.domain.signature import Credentials, Meaning, SignerNotAllowed
from biobank.models.idempotency import IdempotencyKey
from biobank.models.person import Person
from biobank.models.signature import Attempts, Signature, SigningSession
from biobank.services.person import set_password
from biobank.services.signature import sign
from biobank.web.lock import LOCKED
from tests.factories.person import PASSWORD, person

pytestmark = pytest.mark.django_db

GIVEN = "nine borrowed centrifuges"
OWN = "eleven loud centrifuges"
HINT = "Somebody else chose your password"


@pytest.fixture
def reviewer() -> Person:
    """A reviewer whose password the administrator set."""
    registered = person(Role.QUALITY_REVIEWER, username="reviewer")
    set_password(registered, GIVEN, by=person(Role.ADMINISTRATOR), at=timezone.now())
    return registered


@pytest.fixture
def door(client: Client, reviewer: Person) -> Client:
    """The reviewer's browser, signed in."""
    client.force_login(reviewer)
    return client


def typed(current: str = GIVEN, new: str = OWN, again: str | None = None, **more: str) -> dict[str, str]:
    """Return what is sent; the new password is typed alike twice unless said."""
    return {"current_password": current, "password": new, "password_again": new if again is None else again, **more}


def signed(signer: Person, password: str, *, web_session: str = "") -> Signature:
    """Let the person sign a small record now, as whoever holds the reviewer's permission may."""
    return sign(
        {"record": "a result"},
        meaning=Meaning.REVIEWED,
        credentials=Credentials(signer.username, password, web_session=web_session),
        by=signer,
        at=timezone.now(),
        permission=Permission.REVIEW_RELEASE,
    )


def test_the_page_asks_for_three_passwords_as_password_managers_expect(door: Client):
    page = door.get("/password/").content.decode()

    inputs = {
        name: re.search(r'autocomplete="([\w-]+)"', tag).group(1)  # type: ignore[union-attr]
        for tag, name in re.findall(r'(<input type="password" name="(\w+)"[^>]*>)', page)
    }
    assert inputs == {
        "current_password": "current-password",
        "password": "new-password",
        "password_again": "new-password",
    }
    assert "Change your password" in page
    assert "at least 12 characters" in page


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        (typed(current="wrong wrong wrong"), "current_password", "This is not the current password."),
        (typed(new="short7"), "password", "too short"),
        (typed(again="eleven quiet centrifuges"), "password_again", "The two new passwords are not the same."),
        (typed(new=GIVEN), "password", "This is the password that you use now."),
        (typed(current=""), "current_password", "Enter the password that you use now."),
        (typed(new="a\x00bcdefghijklmn"), "password", "Null characters are not allowed."),
    ],
)
def test_a_refusal_stands_at_its_field_and_changes_nothing(
    door: Client, reviewer: Person, sent: dict[str, str], field: str, words: str
):
    before = Person.objects.get(pk=reviewer.pk).password

    answer = door.post("/password/", sent)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Change your password" in page
    assert f'href="#id_{field}"' in page
    assert words in page
    assert "Nothing was saved." in page
    assert Person.objects.get(pk=reviewer.pk).password == before
    assert HINT in door.get("/").content.decode()


@pytest.mark.parametrize("sent", [typed(current="wrong wrong wrong"), typed(new="short7"), typed(again="another one")])
def test_no_password_is_ever_shown_again(door: Client, sent: dict[str, str]):
    page = door.post("/password/", sent).content.decode()

    assert not [word for word in sent.values() if word in page]


def test_a_form_sent_while_locked_carries_no_password_along(door: Client):
    session = door.session
    session[LOCKED] = True
    session.save()

    page = door.post("/password/", typed()).content.decode()

    assert "Locked, not lost" in page
    assert GIVEN not in page
    assert OWN not in page


def test_wrong_current_passwords_count_with_those_at_sign_in_and_lock_out(door: Client, settings):
    door.post("/password/", typed(current="wrong wrong wrong"))
    Client().post("/sign-in/", {"username": "reviewer", "password": "wrong wrong wrong"})

    counted = Attempts.objects.get(username="reviewer").wrong_count
    for _ in range(settings.BIOBANK_MAX_WRONG_ATTEMPTS - counted):
        door.post("/password/", typed(current="wrong wrong wrong"))
    answer = door.post("/password/", typed())

    assert counted == 2
    assert answer.status_code == 422
    assert "locked out" in answer.content.decode()


def test_who_changed_the_password_stays_signed_in_and_may_sign(door: Client, reviewer: Person):
    with pytest.raises(SignerNotAllowed):
        signed(reviewer, GIVEN)

    answer = door.post("/password/", typed(), follow=True)

    page = answer.content.decode()
    reviewer.refresh_from_db()
    assert answer.redirect_chain == [("/", 302)]
    assert "Your password is changed." in page
    assert HINT not in page
    assert signed(reviewer, OWN).person == reviewer


def test_other_browsers_of_the_person_are_signed_out(door: Client, reviewer: Person):
    elsewhere = Client()
    elsewhere.force_login(reviewer)

    door.post("/password/", typed())

    assert elsewhere.get("/").status_code == 302
    assert door.get("/").status_code == 200


def test_a_signing_session_ends_with_the_password_it_was_opened_by(client: Client):
    signer, other = person(Role.QUALITY_REVIEWER), person(Role.QUALITY_REVIEWER)
    client.force_login(signer)
    for each in (signer, other):
        signed(each, PASSWORD, web_session=f"session of {each.username}")

    client.post("/password/", typed(current=PASSWORD))

    assert [session.person for session in SigningSession.objects.filter(ended_at=None)] == [other]


def test_the_same_form_sent_twice_changes_the_password_once_and_counts_nothing_wrong(door: Client, reviewer: Person):
    sent = typed(key=str(uuid4()))

    first, second = door.post("/password/", sent), door.post("/password/", sent)

    assert first.status_code == second.status_code == 302
    assert not Attempts.objects.filter(username="reviewer", wrong_count__gt=0).exists()


def test_what_is_kept_of_the_form_differs_with_each_form_and_with_each_password(reviewer: Person):
    for _ in range(2):
        set_password(reviewer, GIVEN, by=person(Role.ADMINISTRATOR), at=timezone.now())
        browser = Client()
        browser.force_login(reviewer)
        browser.post("/password/", typed(key=str(uuid4())))

    kept = IdempotencyKey.objects.values_list("body_sha256", flat=True)

    assert len(kept) == len(set(kept)) == 2


@pytest.mark.parametrize("roles", [[role] for role in Role] + [[]])
def test_everybody_who_is_signed_in_changes_their_own_password_and_no_other(client: Client, roles: list[Role]):
    asker, other = person(*roles), person(*roles)
    client.force_login(asker)

    answer = client.post("/password/", typed(current=PASSWORD, username=other.username))

    assert answer.status_code == 302
    assert Person.objects.get(pk=asker.pk).check_password(OWN)
    assert Person.objects.get(pk=other.pk).check_password(PASSWORD)


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signed_in_is_sent_to_sign_in(client: Client, reviewer: Person, method: str):
    answer = getattr(client, method)("/password/", typed())

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    assert Person.objects.get(pk=reviewer.pk).check_password(GIVEN)


def test_the_menu_leads_to_the_page(door: Client):
    assert 'href="/password/"' in door.get("/units/").content.decode()


def test_the_hint_on_home_costs_no_query(client: Client, django_assert_num_queries: DjangoAssertNumQueries):
    asker = person(Role.QUALITY_REVIEWER)
    client.force_login(asker)
    client.get("/")
    with CaptureQueriesContext(connection) as without:
        client.get("/")
    Person.objects.filter(pk=asker.pk).update(password_is_own=False)

    with django_assert_num_queries(len(without)):
        page = client.get("/").content.decode()

    assert HINT in page
