from dataclasses import replace

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from biobank.domain.signature import Meaning
from biobank.models.ledger import LedgerEntry
from biobank.services.signature import sign
from consent.domain.attestation import AttestationRefused, Paper
from consent.domain.consent import ConsentRefused
from consent.domain.donor import Origin
from consent.domain.duo import BIOMEDICAL
from consent.domain.permitted_use import Purpose, Standing, Verdict
from consent.domain.standing import Source
from consent.models.consent import Answer, Consent
from consent.queries.consent import consent_status
from consent.queries.permitted_use import permitted_uses
from consent.services.attestation import attest_consents
from consent.services.consent import NewConsent, give_consent
from tests.factories.donor import (
    ELSEWHERE,
    GIVEN_AT,
    PAPER,
    approver,
    attested,
    form_in_force,
    form_of_another,
    given_consent,
    narrowed,
    recorder,
    registered_donor,
    withdrawn,
)
from tests.factories.person import credentials
from tests.factories.time import NOON, days

pytestmark = pytest.mark.django_db


def purpose(*, human_application=False):
    return Purpose(
        duo=frozenset({BIOMEDICAL}),
        human_application=human_application,
        commercial=False,
        for_profit=False,
        ethics_approved=True,
        genetic=False,
        at=NOON,
    )


def donor_of_another():
    return registered_donor(origin=Origin.OTHER_BANK)


def attest(*news, paper=PAPER, at=NOON):
    by = approver()
    signature = sign({"what": "list"}, meaning=Meaning.REVIEWED, credentials=credentials(by), by=by, at=at)
    return attest_consents(news, paper=paper, signature=signature, by=by, at=at)


def refused(*news, paper=PAPER):
    before = Consent.objects.count(), Answer.objects.count()
    with pytest.raises(AttestationRefused) as refusal:
        attest(*news, paper=paper)
    assert (Consent.objects.count(), Answer.objects.count()) == before
    return [reason.code for reason in refusal.value.reasons]


def test_an_attested_consent_answers_permitted_use_and_says_who_attested_it():
    donor = donor_of_another()

    consent = attest(attested(donor))[0]

    use = permitted_uses([Source(donor.pk)], purpose())[Source(donor.pk)]
    assert use.verdict is Verdict.ALLOW
    assert use.consents == (consent.code, f"attested by {ELSEWHERE}, document {PAPER.document_sha256[:16]}")
    status = consent_status([donor.pk], NOON)[donor.pk]
    assert (status.standing, status.attested) == (Standing.ACTIVE, str(PAPER))
    entry = LedgerEntry.objects.get(kind="consent.given")
    assert PAPER.document_sha256 in entry.body
    assert ELSEWHERE in entry.body


def test_what_she_refused_elsewhere_is_refused_here():
    donor = donor_of_another()

    attest(attested(donor, treatment=False))

    use = permitted_uses([Source(donor.pk)], purpose(human_application=True))[Source(donor.pk)]
    assert use.verdict is Verdict.DENY


def test_an_attested_consent_is_narrowed_and_withdrawn_as_any_other():
    one, other = attest(attested(donor_of_another()), attested(donor_of_another()))

    narrowed(one, "treatment", at=NOON + days(1))
    withdrawn(other, at=NOON + days(1))

    statuses = consent_status([one.donor_id, other.donor_id], NOON + days(2))
    assert statuses[one.donor_id].human_application is False
    assert statuses[other.donor_id].standing is Standing.WITHDRAWN


def test_consent_of_a_donor_of_our_own_is_never_attested():
    assert refused(attested(donor_of_another()), attested(registered_donor())) == ["own-donor"]


def test_a_paper_without_its_document_or_its_establishment_carries_nothing():
    new = attested(donor_of_another())

    assert refused(new, paper=Paper(ELSEWHERE, "")) == ["no-document"]
    assert refused(new, paper=Paper(ELSEWHERE, "A" * 64)) == ["no-document"]
    assert "missing" in refused(new, paper=Paper("", PAPER.document_sha256))


def test_a_form_of_our_own_or_of_a_third_establishment_does_not_stand_for_it():
    assert refused(attested(donor_of_another(), form_in_force())) == ["other-establishment"]
    assert refused(attested(donor_of_another()), paper=Paper("A Third Bank", PAPER.document_sha256)) == [
        "other-establishment"
    ]


def test_a_form_that_stands_for_another_establishments_is_never_asked_here():
    with pytest.raises(ConsentRefused) as refusal:
        given_consent(registered_donor(), form_of_another())
    assert [reason.code for reason in refusal.value.reasons] == ["other-establishment"]


def test_a_donor_stated_twice_and_codes_that_are_none_are_named():
    donor = donor_of_another()
    other = replace(attested(donor), answers={**attested(donor).answers, "treatment": False})

    assert refused(attested(donor), other) == ["twice"]
    assert refused(replace(attested(donor), donor="DNR-NONE"), replace(attested(donor), form="NONE/1/en")) == [
        "unknown-donor",
        "unknown-form",
    ]


def test_a_paper_does_not_speak_over_what_she_said_here():
    donor = donor_of_another()
    form = form_in_force()
    answers = {statement.key: True for statement in form.statements.all()} | {"treatment": False}
    give_consent(NewConsent(donor=donor, form=form, answers=answers, given_at=GIVEN_AT), by=recorder(), at=NOON)

    assert refused(attested(donor)) == ["on-record"]


def test_unanswered_unasked_and_future_answers_are_refused():
    new = attested(donor_of_another())
    left_out = {key: value for key, value in new.answers.items() if key != "storage"}

    assert refused(replace(new, answers=left_out)) == ["unanswered"]
    assert refused(replace(new, answers={**new.answers, "hair": True})) == ["not-asked"]
    assert refused(replace(new, given_at=NOON + days(1))) == ["future"]


def test_a_hundred_donors_take_no_more_questions_than_two():
    few, many = ([attested(donor_of_another()) for _ in range(number)] for number in (2, 25))
    asked = []

    for news in (few, many):
        with CaptureQueriesContext(connection) as queries:
            attest(*news)
        asked.append(len([each for each in queries if each["sql"].startswith("SELECT")]))

    # What remains is the last event of each consent that is there already: of new donors there is none.
    assert asked[1] <= asked[0] + 1


def test_the_database_keeps_no_attested_consent_without_document_signature_or_of_an_own_donor():
    consent = attest(attested(donor_of_another()))[0]
    own = registered_donor()
    wrong = [
        {"document_sha256": ""},
        {"attested_by": ""},
        {"attestation": None},
        {"taken_by": recorder()},
        {"donor": own},
    ]

    for changes in wrong:
        row = Consent.objects.get(pk=consent.pk)
        row.pk, row.code = None, "CNS-CANARY"
        if "donor" not in changes:
            row.donor = donor_of_another()
        for name, value in changes.items():
            setattr(row, name, value)
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save(force_insert=True)
    assert not Consent.objects.filter(code="CNS-CANARY").exists()


def test_whoever_attests_is_never_rewritten():
    consent = attest(attested(donor_of_another()))[0]

    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).update(document_sha256="0" * 64)
