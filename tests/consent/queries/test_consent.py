import pytest

from consent.domain.consent import ConsentStatus, WithdrawalScope
from consent.domain.donor import Origin
from consent.domain.form import WithdrawalStage
from consent.domain.permitted_use import Standing
from consent.queries.consent import consent_status
from consent.services.consent import Declined, decline_consent
from tests.factories.donor import (
    ANNA,
    GIVEN_AT,
    consent_for,
    consented_donor,
    form_facts,
    form_in_force,
    given_consent,
    recorder,
    registered_donor,
    withdrawn,
)
from tests.factories.time import NOON, days, hours

pytestmark = pytest.mark.django_db


def status(donor, at=NOON):
    return consent_status([donor.id], at, recorded_by=at)[donor.id]


def test_the_status_says_everything_by_codes():
    form = form_in_force(form_facts(withdrawal_until=WithdrawalStage.RELEASE))
    consent = given_consent(registered_donor(identity=ANNA), form, companies=False)

    found = status(consent.donor)

    assert found == ConsentStatus(
        donor_code=consent.donor.donor_code,
        standing=Standing.ACTIVE,
        consent=consent.code,
        form="CF-USUAL/1/en",
        form_code="CF-USUAL",
        form_version="1",
        form_language="en",
        ethics_reference="EC 2025/17",
        extent="full",
        withdrawal_until="release",
        given_at=GIVEN_AT,
        human_application=True,
        permissions=("HMB",),
        restrictions=("NCU",),
    )
    assert "Canary" not in repr(found)


def test_a_disease_is_said_in_words():
    consent = consent_for("hepatitis B", human_application=False)

    found = status(consent.donor)

    assert found.permissions == ("DS: hepatitis B virus infection",)
    assert found.human_application is False


@pytest.mark.parametrize(
    ("origin", "standing", "human_application"),
    [(Origin.OWN, Standing.NONE, False), (Origin.MIGRATED, Standing.UNKNOWN, None)],
)
def test_without_a_consent_the_donor_stands_by_origin(origin, standing, human_application):
    consented_donor()
    donor = registered_donor(origin=origin)

    found = status(donor)

    assert (found.standing, found.human_application, found.consent) == (standing, human_application, "")


def test_the_status_is_as_of_an_instant():
    consent = withdrawn(given_consent(), scope=WithdrawalScope.FUTURE_USE, at=NOON)

    before, after = status(consent.donor, NOON - hours(1)), status(consent.donor, NOON)
    long_before = status(consent.donor, GIVEN_AT - days(1))

    assert (long_before.standing, before.standing, after.standing) == (
        Standing.NONE,
        Standing.ACTIVE,
        Standing.WITHDRAWN,
    )
    assert (before.ended_at, after.ended_at, after.withdrawal_scope) == (None, NOON, "future_use")


def test_whatever_was_recorded_counts_unless_a_history_leaves_it_out():
    consent = withdrawn(given_consent(), scope=WithdrawalScope.FUTURE_USE, at=NOON + hours(1))

    assert consent_status([consent.donor_id], NOON)[consent.donor_id].standing is Standing.WITHDRAWN
    assert status(consent.donor, NOON).standing is Standing.ACTIVE


def test_a_consent_that_took_anothers_place_is_the_one_that_counts_from_then_on():
    first = given_consent()
    second = given_consent(first.donor, given_at=NOON)

    assert status(first.donor, NOON - hours(1)).consent == first.code
    assert status(first.donor, NOON).consent == second.code


def test_a_donor_who_declined_stands_so():
    donor, form = registered_donor(), form_in_force()
    decline_consent(Declined(donor=donor, form=form, declined_at=NOON), by=recorder(), at=NOON)

    found = status(donor)

    assert (found.standing, found.permissions, found.human_application) == (Standing.DECLINED, (), False)


def test_many_donors_take_as_many_queries_as_one(django_assert_num_queries):
    donors = [consented_donor() for _ in range(3)]

    for asked in (donors[:1], donors):
        with django_assert_num_queries(4):
            assert len(consent_status([donor.id for donor in asked], NOON)) == len(asked)
