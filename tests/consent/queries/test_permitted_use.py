from dataclasses import replace

import pytest

from consent.domain.donor import Origin
from consent.domain.form import Extent
from consent.domain.permitted_use import Purpose, Verdict
from consent.domain.standing import Source
from consent.queries.permitted_use import permitted_uses
from tests.factories.donor import (
    STORAGE,
    consent_for,
    consented_donor,
    form_facts,
    form_in_force,
    given_consent,
    mondo_of,
    registered_donor,
    withdrawn,
)
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db


def purpose(disease="cirrhosis", **facts):
    usual = Purpose(
        disease=mondo_of(disease),
        human_application=True,
        commercial=False,
        for_profit=False,
        country="DE",
        institution="STUDY-1",
        protocol="PRO-1",
        ethics_approved=True,
        genetic=False,
        at=NOON,
    )
    return replace(usual, **facts)


def verdict(donor, asked=None):
    return permitted_uses([Source(donor.id)], asked or purpose())[Source(donor.id)].verdict


@pytest.mark.parametrize(
    ("answers", "asked", "expected"),
    [
        ({}, purpose(), Verdict.ALLOW),
        ({"research": False}, purpose(), Verdict.DENY),
        ({"treatment": False}, purpose(), Verdict.DENY),
        ({"treatment": False}, purpose(human_application=False), Verdict.ALLOW),
        ({"companies": False}, purpose(commercial=True), Verdict.DENY),
        ({"companies": True}, purpose(commercial=True), Verdict.ALLOW),
        ({"companies": False}, purpose(commercial=None), Verdict.REVIEW),
    ],
)
def test_answers_on_the_form_decide(answers, asked, expected):
    assert verdict(consented_donor(**answers), asked) is expected


def test_a_consent_for_one_disease_covers_its_kinds_and_says_by_which_links():
    consent = consent_for("hepatitis B")

    (chronic,) = permitted_uses([Source(consent.donor_id)], purpose("chronic hepatitis B")).values()

    assert chronic.verdict is Verdict.ALLOW
    assert chronic.consents == (consent.code,)
    assert [link.basis for link in chronic.disease_path] == ["curated"]
    assert verdict(consent.donor, purpose("cirrhosis")) is Verdict.DENY


def test_a_collection_only_consent_permits_no_use():
    form = form_in_force(form_facts("CF-COLLECT", extent=Extent.COLLECTION_ONLY), [STORAGE])

    assert verdict(given_consent(form=form).donor) is Verdict.DENY


def test_a_consent_counts_as_it_was_last_recorded_whatever_the_clock_of_who_asks_said():
    narrowed, gone = given_consent(), given_consent()
    assert verdict(narrowed.donor) is Verdict.ALLOW

    given_consent(narrowed.donor, given_at=NOON, at=NOON + hours(1), treatment=False)
    withdrawn(gone, at=NOON + hours(1))

    assert verdict(narrowed.donor, purpose()) is Verdict.DENY
    assert verdict(gone.donor, purpose()) is Verdict.DENY


@pytest.mark.parametrize(
    ("origin", "expected"),
    [(Origin.OWN, Verdict.DENY), (Origin.MIGRATED, Verdict.REVIEW), (Origin.OTHER_BANK, Verdict.REVIEW)],
)
def test_a_donor_without_consent_is_never_allowed(origin, expected):
    consented_donor()

    assert verdict(registered_donor(origin=origin)) is expected


def test_each_donor_is_judged_by_her_own_consent_in_as_many_queries_as_two(django_assert_num_queries):
    donors = [consented_donor(), withdrawn(given_consent()).donor, registered_donor(origin=Origin.MIGRATED)]

    with django_assert_num_queries(5):
        permitted_uses([Source(donors[0].id), Source(donors[2].id)], purpose())
    with django_assert_num_queries(5):
        answers = permitted_uses([Source(donor.id) for donor in donors], purpose())

    assert [answers[Source(donor.id)].verdict for donor in donors] == [Verdict.ALLOW, Verdict.DENY, Verdict.REVIEW]
