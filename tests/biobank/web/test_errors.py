"""Pages for what went wrong: what happened, what was not saved, what to do."""

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.role import Role
from biobank.web.errors import bad_request, too_many_requests
from tests.factories.person import person

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class NotToday(RuleViolation):
    code = "not-today"
    title = "Not today"
    mend = "Come back tomorrow."


def refuse(request: HttpRequest) -> HttpResponse:
    raise NotToday("The bank is closed.", reasons=[Reason("It is Sunday.")])


def lose_the_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("connection refused at 10.0.0.7")


def break_down(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("secret detail")


urlpatterns = [
    path("refuse/", refuse),
    path("lose/", lose_the_database),
    path("break/", break_down),
    path("", include("biobank.urls")),
]
handler403 = "biobank.web.errors.forbidden"
handler404 = "biobank.web.errors.not_found"
handler500 = "biobank.web.errors.server_error"


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.raise_request_exception = False
    client.force_login(person(Role.LAB_TECHNICIAN))
    return client


def test_a_refusal_without_a_form_is_a_page_with_every_reason(signed_in: Client):
    answer = signed_in.get("/refuse/")
    page = answer.content.decode()

    assert answer.status_code == 409
    for words in ("Not today", "The bank is closed.", "It is Sunday.", "Come back tomorrow.", "Nothing was saved."):
        assert words in page


def test_a_database_that_is_away_asks_to_try_again_and_tells_no_secret(signed_in: Client):
    answer = signed_in.get("/lose/")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "10.0.0.7" not in answer.content.decode()


def test_a_fault_of_the_system_says_that_nothing_was_saved_and_tells_no_secret(signed_in: Client):
    answer = signed_in.get("/break/")
    page = answer.content.decode()

    assert answer.status_code == 500
    assert "not saved" in page
    assert "secret detail" not in page
    assert "<form" not in page


def test_a_missing_page_says_so(signed_in: Client):
    answer = signed_in.get("/nowhere/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_too_many_requests_says_when_to_come_back(rf: RequestFactory):
    answer = too_many_requests(rf.get("/"), 7)

    assert answer.status_code == 429
    assert answer["Retry-After"] == "7"


def test_a_request_that_cannot_be_read_says_so(rf: RequestFactory):
    assert bad_request(rf.get("/")).status_code == 400


def test_every_page_is_closed_to_scripts_and_frames(signed_in: Client):
    answer = signed_in.get("/nowhere/")

    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert " style=" not in answer.content.decode()
    assert "<script>" not in answer.content.decode()
