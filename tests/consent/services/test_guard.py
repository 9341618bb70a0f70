import pytest
from django.db import IntegrityError, connection, transaction

from biobank.services.guard import drop_guards, missing_guards
from consent.domain.identity import Identity
from consent.models.consent import Answer, Consent, ConsentEvent
from consent.models.donor import Donor
from consent.models.form import ConsentForm, Statement
from consent.models.identity import DonorIdentity, IdentityRead
from consent.services.identity import read_identity
from tests.factories.donor import ANNA, form_in_force, given_consent, recorder, registered_donor, withdrawn
from tests.factories.time import NOON, days

pytestmark = pytest.mark.django_db


def attempts():
    """Return every forbidden change of a small bank, each as a queryset and the columns to write."""
    consent = withdrawn(given_consent(registered_donor(identity=ANNA)))
    read_identity(consent.donor, reason="Lawful request", by=recorder(), at=NOON)
    return [
        (Donor.objects, {"donor_code": "DNR-OTHER"}),
        (ConsentForm.objects, {"text_sha256": "0" * 64}),
        (ConsentForm.objects, {"status": "draft", "signature": None}),
        (Statement.objects, {"text": "Anything goes."}),
        (Consent.objects, {"given_at": NOON - days(90)}),
        (Consent.objects, {"status": "active"}),
        (Answer.objects, {"granted": False}),
        (ConsentEvent.objects, {"reason": "changed"}),
        (IdentityRead.objects, {"reason": "changed"}),
    ]


def test_the_guards_of_consent_are_in_the_database():
    assert missing_guards(connection) == []


def test_what_was_asked_answered_and_read_is_never_rewritten():
    for rows, change in attempts():
        with pytest.raises(IntegrityError, match=r"never|goes from draft"), transaction.atomic():
            rows.update(**change)


def test_without_the_guards_each_of_these_changes_would_be_made():
    tried = attempts()
    drop_guards(connection)

    changed = [rows.update(**change) for rows, change in tried]

    assert 0 not in changed
    assert Answer.objects.filter(granted=False).exists()


def test_an_erased_identity_is_not_revived():
    registered_donor(identity=ANNA)
    registered_donor(identity=Identity(mother_name="B", birth_date=ANNA.birth_date, record_number="KH-2"))
    kept = DonorIdentity.objects.order_by("recorded_at", "donor_id").first()
    DonorIdentity.objects.filter(donor=kept.donor_id).update(wrapped_key="", lookup_index=None, erased_at=NOON)

    with pytest.raises(IntegrityError, match="stays erased"), transaction.atomic():
        DonorIdentity.objects.filter(donor=kept.donor_id).update(
            wrapped_key=kept.wrapped_key, lookup_index=kept.lookup_index, erased_at=None
        )


def test_nothing_of_a_donor_is_deleted():
    given_consent(form=form_in_force())

    for model in (ConsentEvent, Answer, Consent):
        with pytest.raises(IntegrityError, match="Nothing is deleted"), transaction.atomic():
            model.objects.all()._raw_delete("default")

    assert Consent.objects.count() == 1
