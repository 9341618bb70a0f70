from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from biobank.domain.role import Role
from biobank.domain.signature import Credentials, SignatureRefused
from biobank.models.ledger import LedgerEntry
from biobank.models.signature import Signature
from consent.domain.form import FormRefused
from consent.models.form import ConsentForm, Statement
from consent.queries.form import form_snapshot, form_with_statements, forms_in_force
from consent.services.form import NewForm, draft_form, put_form_in_force
from tests.factories.donor import COMPANIES, RESEARCH, USUAL_STATEMENTS, approver, form_facts, form_in_force
from tests.factories.person import LONG_AGO, credentials, person
from tests.factories.time import NOON, days

pytestmark = pytest.mark.django_db


def draft(**facts):
    return draft_form(NewForm(form=form_facts(**facts), statements=USUAL_STATEMENTS), by=approver(), at=NOON)


def force(form, by=None, at=NOON):
    by = by or approver()
    return put_form_in_force(form, credentials=credentials(by), by=by, at=at)


def test_a_drafted_form_keeps_its_statements_in_order_and_is_not_in_force():
    form = draft()

    assert (form.status, form.signature) == ("draft", None)
    assert [statement.key for statement in form.statements.all()] == ["storage", "research", "treatment", "companies"]
    assert not forms_in_force(NOON).exists()
    assert LedgerEntry.objects.get(kind="form.drafted").subjects == '["CF-USUAL/1/en"]'


def test_a_form_that_cannot_be_used_is_not_drafted():
    approver()
    unclear = replace(COMPANIES, mandatory=False)

    with pytest.raises(FormRefused, match="must be answered"):
        draft_form(NewForm(form=form_facts(), statements=(RESEARCH, unclear)), by=approver(), at=NOON)

    assert not ConsentForm.objects.exists()
    assert not LedgerEntry.objects.filter(kind="form.drafted").exists()


def test_a_version_is_drafted_once():
    draft()

    with pytest.raises(FormRefused, match="exists already") as refusal:
        draft()

    assert refusal.value.field == "version"
    assert ConsentForm.objects.count() == 1


def test_a_quality_signature_over_the_whole_form_puts_it_in_force():
    form = force(draft())

    assert form.status == "in_force"
    assert list(forms_in_force(NOON)) == [form]
    assert "Companies may use it." in form.signature.content
    assert form.text_sha256 in form.signature.content
    assert form_snapshot(form_with_statements(form.id))["form"] == str(form)
    assert form.signature.content_sha256 in LedgerEntry.objects.get(kind="form.put_in_force").body


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.COLLECTION_STAFF, Role.LAB_TECHNICIAN])
def test_who_may_not_put_forms_in_force_does_not(role):
    form, signer = draft(), person(role)

    with pytest.raises(SignatureRefused):
        force(form, by=signer)

    form.refresh_from_db()
    assert form.status == "draft"
    assert not Signature.objects.exists()


def test_a_wrong_password_leaves_the_form_a_draft():
    form = draft()
    wrong = Credentials(username=approver().username, password="seven loud freezers")

    with pytest.raises(SignatureRefused):
        put_form_in_force(form, credentials=wrong, by=approver(), at=NOON)

    form.refresh_from_db()
    assert form.status == "draft"


def test_a_form_is_put_in_force_once_and_not_after_its_end():
    form, over = force(draft()), draft(version="2", valid_until=NOON - days(1))

    with pytest.raises(FormRefused, match="in force already"):
        force(form)
    with pytest.raises(FormRefused, match="validity is over"):
        force(over)

    assert Signature.objects.count() == 1


def test_a_new_version_ends_the_one_before_it_when_it_begins():
    first = form_in_force()
    second = draft(version="2", valid_from=NOON + days(1))

    force(second)

    first.refresh_from_db()
    assert (first.status, first.superseded_at) == ("superseded", NOON + days(1))
    assert [str(form) for form in forms_in_force(NOON)] == ["CF-USUAL/1/en"]
    assert [str(form) for form in forms_in_force(NOON + days(1))] == ["CF-USUAL/2/en"]
    assert not forms_in_force(LONG_AGO - days(1)).exists()


def test_the_database_refuses_a_form_in_force_without_a_signature_and_a_second_one():
    first, second = form_in_force(), draft(version="2")

    for change in (
        {"status": "in_force"},
        {"status": "in_force", "signature": first.signature},
        {"status": "superseded", "signature": first.signature},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ConsentForm.objects.filter(id=second.id).update(**change)

    second.refresh_from_db()
    assert second.status == "draft"


@pytest.mark.parametrize("change", [{"extent": "some"}, {"withdrawal_until": "never"}, {"valid_until": LONG_AGO}])
def test_the_database_refuses_unknown_words_and_a_form_that_ends_before_it_begins(change):
    usual = {"code": "CF-X", "version": "1", "language": "en", "valid_from": LONG_AGO, "drafted_at": NOON}

    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentForm.objects.create(**usual | change)

    assert not ConsentForm.objects.exists()


def test_the_database_refuses_a_statement_whose_term_and_disease_do_not_fit():
    form = draft()

    for order, change in enumerate(
        (
            {"duo": "DUO:0000007"},
            {"mondo": "MONDO:0005154"},
            {"duo": "DUO:0000042", "human_application": True},
            {"key": "storage"},
        ),
        start=10,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Statement.objects.create(**{"form": form, "order": order, "key": f"key{order}", "text": "?"} | change)

    assert form.statements.count() == 4
    assert str(form.statements.first()) == "storage"
