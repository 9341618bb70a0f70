from dataclasses import replace
from datetime import UTC, datetime

import pytest

from biobank.services.sweep import SweepFailed
from consent.domain.consent import ConsentRefused, WithdrawalScope
from consent.domain.duo import TIME_LIMIT
from consent.domain.form import FormRefused, StatementFacts
from consent.domain.permitted_use import Standing
from consent.queries.consent import consent_status
from consent.queries.due import consents_past_their_end
from consent.services.consent import NewConsent, give_consent
from consent.services.expiry import expire_consent, record_expiries
from consent.signals import consent_reduced
from tests.factories.donor import (
    GIVEN_AT,
    RESEARCH,
    STORAGE,
    TREATMENT,
    form_facts,
    form_in_force,
    given_consent,
    recorder,
    registered_donor,
    withdrawn,
)
from tests.factories.time import NOON, days, hours
from tests.factories.trail import head_number, kinds_since

pytestmark = pytest.mark.django_db

LIMIT = StatementFacts(key="limit", text="For one month.", duo=TIME_LIMIT, parameter="1", mandatory=True)
ALL_YES = {"storage": True, "research": True, "treatment": True, "companies": True}


def standing(consent, at=NOON):
    return consent_status([consent.donor_id], at)[consent.donor_id].standing


def ending():
    """Return a consent that ends at noon by its own date."""
    new = NewConsent(donor=registered_donor(), form=form_in_force(), answers=ALL_YES, given_at=GIVEN_AT, ends_at=NOON)
    return give_consent(new, by=recorder(), at=GIVEN_AT)


def by_its_form():
    return given_consent(form=form_in_force(replace(form_facts("CF-SHORT"), consent_months=1)))


def by_a_time_limit():
    return given_consent(form=form_in_force(form_facts("CF-LIMIT"), [STORAGE, RESEARCH, TREATMENT, LIMIT]))


@pytest.mark.parametrize("made", [ending, by_its_form, by_a_time_limit])
def test_a_consent_past_its_end_blocks_by_the_instant_and_is_recorded_once(made):
    consent = made()
    end = consent_status([consent.donor_id], GIVEN_AT)[consent.donor_id].ends_at
    assert standing(consent, end - hours(0.001)) is Standing.ACTIVE
    assert standing(consent, end) is Standing.EXPIRED
    before = head_number()

    assert record_expiries(by=recorder(), at=end - hours(0.001)) == 0
    assert [record_expiries(by=recorder(), at=end + hours(n)) for n in (0, 1)] == [1, 0]

    consent.refresh_from_db()
    assert consent.status == "expired"
    assert [(event.kind, event.occurred_at) for event in consent.events.all()][1:] == [("expired", end)]
    assert kinds_since(before) == ["consent.expired"]
    assert expire_consent(consent.pk, by=recorder(), at=end + days(1)) is False


def test_a_consent_that_cannot_be_recorded_keeps_no_other_from_expiring():
    bad, good = ending(), ending()

    def refuse(donor, **_named):
        if donor == bad.donor:
            raise ConsentRefused("What rests on it cannot be stopped.")

    consent_reduced.connect(refuse)
    try:
        with pytest.raises(SweepFailed, match="1 failed, 1 done") as failed:
            record_expiries(by=recorder(), at=NOON)
    finally:
        consent_reduced.disconnect(refuse)

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == ("active", "expired")
    assert isinstance(failed.value.exceptions[0], ConsentRefused)
    assert record_expiries(by=recorder(), at=NOON) == 1


def test_what_has_no_end_or_ended_otherwise_is_not_expired():
    given_consent()
    withdrawn(ending(), at=NOON - hours(1))

    assert consents_past_their_end(NOON + days(900)) == []


def test_a_time_limit_answered_no_ends_nothing():
    form = form_in_force(form_facts("CF-LIMIT"), [STORAGE, RESEARCH, TREATMENT, LIMIT])

    consent = given_consent(form=form, limit=False)

    assert consents_past_their_end(NOON + days(900)) == []
    assert standing(consent, NOON + days(900)) is Standing.ACTIVE


def test_an_expired_consent_can_still_be_withdrawn_and_given_again():
    consent = ending()
    record_expiries(by=recorder(), at=NOON)

    withdrawn(consent, scope=WithdrawalScope.ALL, at=NOON + hours(1))
    again = given_consent(consent.donor, given_at=NOON + hours(2))

    consent.refresh_from_db()
    assert (consent.status, again.status) == ("withdrawn", "active")


def test_a_consent_does_not_end_before_it_was_given_nor_a_form_grant_no_month():
    new = NewConsent(
        donor=registered_donor(), form=form_in_force(), answers=ALL_YES, given_at=GIVEN_AT, ends_at=GIVEN_AT
    )

    with pytest.raises(ConsentRefused, match="would end before"):
        give_consent(new, by=recorder(), at=NOON)
    with pytest.raises(FormRefused, match="1 to 9999 months"):
        form_in_force(replace(form_facts("CF-NONE"), consent_months=0))


def test_the_day_of_the_end_is_counted_in_utc():
    consent = by_a_time_limit()

    end = consent_status([consent.donor_id], GIVEN_AT)[consent.donor_id].ends_at

    assert end == datetime(end.year, end.month, end.day, tzinfo=UTC)
