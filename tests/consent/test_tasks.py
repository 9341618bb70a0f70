"""What Celery knows of consents: each task makes one call."""

from datetime import timedelta

import pytest
from django.utils import timezone

from biobank.models.ledger import LedgerEntry
from consent.services.consent import NewConsent, give_consent
from consent.tasks import record_expiries_task
from tests.factories.donor import form_in_force, recorder, registered_donor

pytestmark = pytest.mark.django_db

ALL_YES = {"storage": True, "research": True, "treatment": True, "companies": True}


def given_until(ends_at):
    given_at = ends_at - timedelta(days=30)
    new = NewConsent(
        donor=registered_donor(), form=form_in_force(), answers=ALL_YES, given_at=given_at, ends_at=ends_at
    )
    return give_consent(new, by=recorder(), at=given_at)


def test_the_task_records_the_consents_whose_end_has_passed_and_no_other():
    ended, lasting = given_until(timezone.now() - timedelta(minutes=1)), given_until(timezone.now() + timedelta(days=1))

    record_expiries_task()

    ended.refresh_from_db()
    lasting.refresh_from_db()
    assert (ended.status, lasting.status) == ("expired", "active")
    assert LedgerEntry.objects.filter(kind="consent.expired").count() == 1
