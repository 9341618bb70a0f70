"""The one shared form view: one call, one effect, and a refusal that keeps what was typed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

import pytest
from django import forms
from django.test import Client, override_settings
from django.urls import include, path

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.role import Permission, Role
from biobank.domain.site import NewSite, SiteKind
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.site import register_site
from biobank.web.form import ServiceForm, ServiceFormView
from tests.factories.person import person

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class SiteForm(ServiceForm):
    code = forms.CharField(error_messages={"required": "Enter the site's code."})
    name = forms.CharField(required=False)


class RegisterSite(ServiceFormView):
    permission = Permission.MANAGE_SITES
    form_class = SiteForm
    title = "Register a site"
    action_words = "Register the site"
    done_words = "The site is registered."

    def call(self, form: SiteForm, *, by: Person, at: datetime) -> Mapping[str, object]:
        typed = form.cleaned_data
        if typed["code"] == "BAD":
            raise RuleViolation(
                "This code is spoken for.",
                field="code",
                reasons=[Reason("The name is too plain.", field="name"), Reason("It is Sunday.")],
                mend="Choose another code.",
            )
        new = NewSite(
            code=typed["code"],
            kind=SiteKind.COLLECTION,
            name=typed["name"],
            time_zone="UTC",
            country="DE",
            address="1 Cold Street",
        )
        return {"site": register_site(new, by=by, at=at).code}

    def next_path(self, answer: Mapping[str, object]) -> str:
        return f"/?registered={answer['site']}"


urlpatterns = [path("probe/", RegisterSite.as_view()), path("", include("biobank.urls"))]


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(person(Role.ADMINISTRATOR))
    return client


def test_what_was_typed_goes_into_one_service_call(administrator: Client):
    answer = administrator.post("/probe/", {"code": "MAT-9", "name": "Maternity Nine", "key": str(uuid4())})

    assert answer["Location"] == "/?registered=MAT-9"
    assert Site.objects.filter(code="MAT-9", name="Maternity Nine").exists()


def test_the_same_form_sent_twice_has_one_effect_and_the_same_answer(administrator: Client):
    typed = {"code": "MAT-9", "name": "Maternity Nine", "key": str(uuid4())}

    first = administrator.post("/probe/", typed)
    second = administrator.post("/probe/", typed)

    assert first["Location"] == second["Location"]
    assert Site.objects.filter(code="MAT-9").count() == 1


def test_another_form_under_a_used_key_is_refused(administrator: Client):
    key = str(uuid4())
    administrator.post("/probe/", {"code": "MAT-9", "name": "Nine", "key": key})

    answer = administrator.post("/probe/", {"code": "MAT-8", "name": "Eight", "key": key})

    assert answer.status_code == 422
    assert not Site.objects.filter(code="MAT-8").exists()


def test_a_refusal_stands_beside_its_fields_and_keeps_what_was_typed(administrator: Client):
    answer = administrator.post("/probe/", {"code": "BAD", "name": "Plain", "key": str(uuid4())})
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "<title>Error: Register a site" in page
    assert '<a href="#id_code">This code is spoken for.</a>' in page
    assert '<a href="#id_name">The name is too plain.</a>' in page
    assert "It is Sunday." in page
    assert "Choose another code." in page
    assert "Nothing was saved." in page
    assert 'value="Plain"' in page
    assert 'id="id_code_error"' in page


def test_a_form_that_cannot_be_read_says_what_to_enter(administrator: Client):
    page = administrator.post("/probe/", {"code": "", "name": "Plain"}).content.decode()

    assert page.count("Enter the site&#x27;s code.") == 2
    assert 'value="Plain"' in page


def test_who_may_not_do_it_cannot_send_it_either(client: Client):
    client.force_login(person(Role.LAB_TECHNICIAN))

    answer = client.post("/probe/", {"code": "MAT-9", "name": "Nine", "key": str(uuid4())})

    assert answer.status_code == 403
    assert not Site.objects.filter(code="MAT-9").exists()


def test_a_form_of_another_sign_in_is_stale_and_saves_nothing():
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person(Role.ADMINISTRATOR))

    answer = strict.post("/probe/", {"code": "MAT-9", "name": "Nine"})

    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()
    assert not Site.objects.filter(code="MAT-9").exists()


@override_settings(DEBUG=False)
@pytest.mark.parametrize("key", ["", "not-a-key", "\x00", "x" * 5000])
def test_a_forged_key_never_breaks_the_page(administrator: Client, key: str):
    answer = administrator.post("/probe/", {"code": "MAT-7", "name": "Seven", "key": key})

    assert answer.status_code in (302, 422)
