from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from biobank.services.guard import drop_guards
from consent.domain.consent import ConsentRefused, WithdrawalScope
from consent.domain.form import Extent
from consent.domain.majority import comes_of_age_at
from consent.domain.permitted_use import Standing
from consent.domain.standing import Source
from consent.models.consent import Consent
from consent.models.donor import Infant
from consent.queries.consent import consent_statuses
from consent.queries.donor import infants_of
from consent.queries.due import infants_coming_of_age
from consent.services.consent import Declined, NewConsent, Withdrawal, decline_consent, give_consent, withdraw_consent
from tests.factories.donor import (
    GIVEN_AT,
    STORAGE,
    form_facts,
    form_in_force,
    given_consent,
    recorder,
    registered_donor,
)
from tests.factories.time import days, hours

pytestmark = pytest.mark.django_db

ALL_YES = {"storage": True, "research": True, "treatment": True, "companies": True}
OF_AGE = comes_of_age_at(GIVEN_AT, "DE")
THE_DAY_AFTER, LATER = OF_AGE + days(1), OF_AGE + days(2)


def consented(**more):
    return given_consent(registered_donor(**more)).donor


def infant_of(donor, order=1):
    return infants_of([donor.pk])[donor.pk][order - 1]


def own(donor, order=1, *, at=THE_DAY_AFTER, **otherwise):
    new = NewConsent(donor=donor, form=form_in_force(), answers=ALL_YES, given_at=at, infant=infant_of(donor, order))
    return give_consent(replace(new, **otherwise), by=recorder(), at=at)


def standing(donor, order=1, *, at=LATER):
    source = Source(donor.pk, infant_of(donor, order).pk)
    return consent_statuses([source], at)[source].standing


def test_from_majority_on_the_mothers_consent_allows_no_new_use():
    donor = consented()

    assert standing(donor, at=OF_AGE - hours(1)) is Standing.ACTIVE
    assert standing(donor, at=OF_AGE) is Standing.OF_AGE


def test_the_grown_infants_own_consent_speaks_from_then_on_for_itself_alone():
    donor = consented(infants=2)

    consent = own(donor)

    assert consent.infant == infant_of(donor)
    assert (standing(donor), standing(donor, 2)) == (Standing.ACTIVE, Standing.OF_AGE)
    assert Consent.objects.filter(donor=donor, status="active").count() == 2


def test_a_grown_infant_declines_or_withdraws_what_it_gave_and_the_mothers_word_does_not_count():
    first, second = consented(), consented()
    refusal = Declined(
        donor=first, form=form_in_force(), declined_at=OF_AGE + days(1), infant=infant_of(first), reason="No"
    )
    decline_consent(refusal, by=recorder(), at=OF_AGE + days(1))
    own(second)
    withdrawal = Withdrawal(
        donor=second,
        infant=infant_of(second),
        scope=WithdrawalScope.ALL,
        reason="Letter",
        occurred_at=OF_AGE + days(1.5),
    )
    withdraw_consent(withdrawal, by=recorder(), at=OF_AGE + days(1.5))

    assert (standing(first), standing(second)) == (Standing.DECLINED, Standing.WITHDRAWN)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"at": OF_AGE - hours(1)}, "minor"),
        ({"infant": "another donor's"}, "minor"),
        ({"form": "collection only"}, "not-full"),
        ({"answers": {"storage": True}}, "unanswered"),
    ],
)
def test_a_majority_consent_that_is_none_changes_nothing(change, code):
    donor, other = consented(), consented()
    values = {
        "another donor's": lambda: infant_of(other),
        "collection only": lambda: form_in_force(form_facts("CF-COLLECT", extent=Extent.COLLECTION_ONLY), [STORAGE]),
    }
    change = {name: values[value]() if isinstance(value, str) else value for name, value in change.items()}
    if "form" in change:
        change["answers"] = {"storage": True}

    with pytest.raises(ConsentRefused) as refusal:
        own(donor, **change)

    assert code in [reason.code for reason in refusal.value.reasons]
    assert not Consent.objects.filter(infant__isnull=False).exists()


def test_the_mother_does_not_answer_for_who_has_come_of_age():
    donor = consented()

    with pytest.raises(ConsentRefused, match="no longer its mother"):
        given_consent(donor, given_at=OF_AGE + days(1))

    assert Consent.objects.count() == 1


def test_a_birth_that_was_never_recorded_is_reckoned_from_the_first_consent():
    donor = consented()
    drop_guards(connection)
    Infant.objects.update(born_at=None)

    assert standing(donor, at=OF_AGE - hours(1)) is Standing.ACTIVE
    assert standing(donor, at=OF_AGE) is Standing.OF_AGE


def test_who_comes_of_age_within_half_a_year_is_listed_until_they_answer():
    donor, unconsented = consented(), registered_donor()

    early, due = infants_coming_of_age(OF_AGE - days(200)), infants_coming_of_age(OF_AGE - days(180))
    own(donor)

    assert (early, [(each.donor_code, each.infant) for each in due]) == ([], [(donor.donor_code, 1)])
    assert infants_coming_of_age(OF_AGE + days(2)) == []
    assert unconsented.donor_code not in [each.donor_code for each in due]


def foreign():
    """Return a consent row of a donor in the name of another donor's infant."""
    donor, other = consented(), consented()
    columns = {"form": form_in_force(), "given_at": OF_AGE, "recorded_at": OF_AGE, "taken_by": recorder()}
    return Consent(code="CNS-X", donor=donor, infant=infant_of(other), status="declined", **columns)


def test_the_database_keeps_an_infants_consent_under_its_own_donor():
    row = foreign()

    with pytest.raises(IntegrityError, match="its own donor"), transaction.atomic():
        row.save()


def test_canary_without_the_guard_an_infant_consents_under_another_donor():
    row = foreign()
    drop_guards(connection)

    row.save()

    assert Consent.objects.filter(code="CNS-X").exists()
