import pytest

from consent.domain.consent import ConsentRefused
from consent.domain.form import Extent
from consent.domain.permitted_use import Standing
from consent.queries.consent import consent_status
from consent.queries.due import overdue_full_consents
from consent.services.consent import Declined, NewConsent, decline_consent, give_consent
from consent.services.form import NewForm, draft_form, put_form_in_force
from tests.factories.donor import (
    GIVEN_AT,
    STORAGE,
    USUAL_STATEMENTS,
    approver,
    form_facts,
    form_in_force,
    given_consent,
    recorder,
    registered_donor,
    withdrawn,
)
from tests.factories.person import credentials
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db

ALL_YES = {"storage": True, "research": True, "treatment": True, "companies": True}


def collected(donor=None):
    form = form_in_force(form_facts("CF-COLLECT", extent=Extent.COLLECTION_ONLY), [STORAGE])
    return given_consent(donor, form)


def test_the_full_consent_is_overdue_from_the_instant_it_is_due_until_it_is_there():
    waiting, answered, gone = collected(), collected(), withdrawn(collected())
    given_consent(answered.donor, given_at=GIVEN_AT + hours(20))

    early, late = overdue_full_consents(GIVEN_AT + hours(47.9)), overdue_full_consents(GIVEN_AT + hours(48))

    assert (early, [each.consent for each in late]) == ([], [waiting.code])
    assert late[0].due_at == GIVEN_AT + hours(48)
    assert gone.code not in [each.consent for each in late]


def test_the_bank_sets_the_hours(settings):
    settings.BIOBANK_FULL_CONSENT_HOURS = 24
    waiting = collected()

    assert [each.consent for each in overdue_full_consents(GIVEN_AT + hours(24))] == [waiting.code]


def test_a_mother_who_declines_the_full_consent_ends_the_collection_only_one():
    waiting, form = collected(), form_in_force()

    decline_consent(
        Declined(donor=waiting.donor, form=form, declined_at=GIVEN_AT + hours(10), reason="No"), by=recorder(), at=NOON
    )

    waiting.refresh_from_db()
    assert waiting.status == "superseded"
    assert consent_status([waiting.donor_id], NOON)[waiting.donor_id].standing is Standing.DECLINED
    assert overdue_full_consents(NOON) == []


def test_declining_another_collection_only_form_leaves_the_one_given():
    waiting = collected()

    with pytest.raises(ConsentRefused, match="record a withdrawal instead"):
        decline_consent(
            Declined(donor=waiting.donor, form=waiting.form, declined_at=NOON, reason="No"), by=recorder(), at=NOON
        )

    waiting.refresh_from_db()
    assert waiting.status == "active"


def test_a_full_consent_of_another_mother_completes_nothing():
    waiting, other = collected(), registered_donor()
    new = NewConsent(donor=other, form=form_in_force(), answers=ALL_YES, given_at=NOON, follows=waiting)

    with pytest.raises(ConsentRefused, match="another donor's") as refusal:
        give_consent(new, by=recorder(), at=NOON)

    assert [reason.field for reason in refusal.value.reasons] == ["follows"]
    assert [each.consent for each in overdue_full_consents(NOON)] == [waiting.code]
    assert not other.consents.exists()


def test_nothing_is_given_again_on_a_superseded_form():
    consent = withdrawn(given_consent(), at=NOON - hours(5))
    newer = draft_form(
        NewForm(form=form_facts(version="2"), statements=USUAL_STATEMENTS), by=approver(), at=NOON - hours(4)
    )
    put_form_in_force(newer, credentials=credentials(approver()), by=approver(), at=NOON - hours(4))

    with pytest.raises(ConsentRefused, match="not in force"):
        given_consent(consent.donor, consent.form, given_at=NOON)

    consent.refresh_from_db()
    assert (consent.status, consent.donor.consents.count()) == ("withdrawn", 1)
