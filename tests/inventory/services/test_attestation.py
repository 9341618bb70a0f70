from dataclasses import replace

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from biobank.domain.role import Role
from biobank.domain.signature import SignerNotAllowed
from biobank.models.ledger import LedgerEntry
from biobank.services.guard import drop_guards, install_guards
from consent.domain.attestation import AttestationRefused, Paper
from consent.models.consent import Consent
from inventory.domain.assay import Subject
from inventory.domain.attestation import AttestedEligibility, NotAsShown
from inventory.domain.eligibility import EligibilityVerdict
from inventory.models.attestation import Attestation, AttestedFact
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.result import Result
from inventory.queries.attestation import shown
from inventory.queries.eligibility import determinations_of
from inventory.queries.result import measurements_of
from inventory.services.result import NewResult, ResultRefused, record_results, verify_results
from tests.factories.donor import ELSEWHERE, PAPER
from tests.factories.origin import (
    batch,
    consent_of,
    eligible,
    foreign_unit,
    reported,
    signed_for,
    stated,
    taken_in,
)
from tests.factories.person import credentials, staff
from tests.factories.time import NOON, days
from tests.factories.unit import frozen_unit, measured_unit, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank,)

MARK = f"attested by {ELSEWHERE}, document {PAPER.document_sha256[:16]}"
TABLES = (Attestation, AttestedFact, Consent, EligibilityDetermination)


def refused(new, **otherwise):
    """Return why a list was not signed, after which nothing has changed."""
    before = [table.objects.count() for table in TABLES]
    verified = Result.objects.filter(verified_at__isnull=False).count()
    with pytest.raises(AttestationRefused) as refusal:
        signed_for(new, **otherwise)
    assert [table.objects.count() for table in TABLES] == before
    assert Result.objects.filter(verified_at__isnull=False).count() == verified
    assert not LedgerEntry.objects.filter(kind="facts.attested").exists()
    return [reason.code for reason in refusal.value.reasons] or [refusal.value.code]


def test_one_signature_takes_over_consent_eligibility_and_results():
    unit = taken_in()[0]
    results = reported(unit)
    new = batch(consent_of(unit), eligible(unit), *stated(results), checked={1, 2, 3, 7})

    attestation = signed_for(new)

    assert (attestation.facts_stated, attestation.rows_compared) == (len(new.facts), 4)
    assert PAPER.document_sha256 in attestation.signature.content
    assert {row.compared for row in attestation.facts.filter(row__in=[1, 2, 3, 7])} == {True}
    assert Consent.objects.get().attestation == attestation.signature
    determination = determinations_of([unit.donation_id])[unit.donation_id]
    assert (determination.verdict, determination.attested_by) == (EligibilityVerdict.ELIGIBLE, MARK)
    assert determination.is_settled
    assert {result.attestation for result in Result.objects.all()} == {attestation}
    measured = measurements_of([unit.pk])[unit.pk]
    assert all(each.verified and each.reference.endswith(MARK) for each in measured)
    kinds = list(LedgerEntry.objects.values_list("kind", flat=True))
    assert kinds.count("facts.attested") == kinds.count("eligibility.determined") == 1
    assert kinds.count("result.verified") == len(results)


def test_the_list_is_shown_in_full_and_another_list_is_not_signed():
    unit = taken_in()[0]
    new = batch(consent_of(unit), eligible(unit))
    quality = staff(Role.QUALITY_REVIEWER)

    content, digest = shown(new, by=quality)

    assert [row["of"] for row in content["facts"]] == [unit.donation.donor.donor_code, unit.donation.code]
    assert content["document_sha256"] == PAPER.document_sha256
    other = batch(consent_of(unit, treatment=False), eligible(unit))
    with pytest.raises(NotAsShown):
        signed_for(other, shown_sha256=digest)
    assert not Attestation.objects.exists()
    assert signed_for(new, shown_sha256=digest).signature.content_sha256 == digest


def test_reported_results_count_for_nothing_until_their_paper_is_signed_for():
    unit = taken_in()[0]
    results = reported(unit)

    with pytest.raises(ResultRefused) as refusal:
        verify_results([results[0].pk], by=staff(Role.QUALITY_REVIEWER), at=NOON)

    assert [reason.code for reason in refusal.value.reasons] == ["reported"]
    assert not any(each.verified for each in measurements_of([unit.pk])[unit.pk])


def test_a_new_result_of_our_own_reopens_what_was_attested():
    unit = taken_in()[0]
    signed_for(batch(consent_of(unit), eligible(unit)))
    new = NewResult("anti_hbc", Subject.MOTHER, donation=unit.donation, value="positive")

    record_results([new], by=staff(Role.LAB_TECHNICIAN), at=NOON)

    assert determinations_of([unit.donation_id])[unit.donation_id].reopened


def test_what_was_reopened_is_attested_anew_on_another_paper():
    unit = taken_in()[0]
    signed_for(batch(eligible(unit)))
    new = NewResult("anti_hbc", Subject.MOTHER, donation=unit.donation, value="negative")
    record_results([new], by=staff(Role.LAB_TECHNICIAN), at=NOON - days(1))

    signed_for(batch(eligible(unit), paper=Paper(ELSEWHERE, "b" * 64)), at=NOON)

    facts = determinations_of([unit.donation_id])[unit.donation_id]
    assert facts.is_settled
    assert facts.attested_by.endswith("b" * 16)


@pytest.mark.parametrize(
    ("paper", "checked", "expected"),
    [
        (Paper(ELSEWHERE, ""), {1, 2}, "no-document"),
        (Paper(ELSEWHERE, "0" * 63), {1, 2}, "no-document"),
        (Paper(" ", PAPER.document_sha256), {1, 2}, "missing"),
        (PAPER, set(), "nothing-checked"),
        (PAPER, {1}, "kind-not-checked"),
        (PAPER, {1, 3}, "no-row"),
        (PAPER, {0, 1}, "no-row"),
    ],
)
def test_no_list_is_signed_without_document_establishment_and_a_sample_of_each_kind(paper, checked, expected):
    unit = taken_in()[0]

    assert expected in refused(batch(consent_of(unit), eligible(unit), paper=paper, checked=checked))


def test_an_empty_list_and_one_without_the_document_s_name_are_refused():
    unit = taken_in()[0]

    assert "nothing" in refused(batch())
    assert refused(replace(batch(eligible(unit)), document="")) == ["missing"]


def test_the_same_fact_twice_is_refused_and_with_other_values_said_to_contradict():
    unit = taken_in()[0]
    other = AttestedEligibility(donation=unit.donation.code, verdict=EligibilityVerdict.INELIGIBLE)

    assert refused(batch(eligible(unit), eligible(unit))) == ["twice"]
    assert refused(batch(eligible(unit), other)) == ["contradiction"]
    assert refused(batch(consent_of(unit), consent_of(unit, treatment=False))) == ["contradiction"]


def test_a_result_that_the_paper_states_otherwise_than_the_record_is_refused():
    unit = taken_in()[0]
    first, *_ = stated(reported(unit))

    assert refused(batch(replace(first, value="1"))) == ["contradiction"]
    assert refused(batch(replace(first, result=0))) == ["unknown-result"]
    assert refused(batch(first, paper=Paper("A Third Bank", "c" * 64))) == ["other-establishment"]


def test_nothing_of_the_bank_s_own_is_attested():
    own = measured_unit()
    results = Result.objects.filter(unit=own)

    assert refused(batch(eligible(own))) == ["own"]
    assert "own" in refused(batch(*stated(results[:1])))
    assert refused(batch(consent_of(own))) == ["own-donor", "on-record"]
    new = NewResult("tnc", Subject.UNIT, unit=own, value="1100000000", reported_by=ELSEWHERE)
    with pytest.raises(ResultRefused) as refusal:
        record_results([new], by=staff(Role.LAB_TECHNICIAN), at=NOON)
    assert [reason.code for reason in refusal.value.reasons] == ["own"]


def test_who_entered_a_result_does_not_attest_it():
    unit = taken_in()[0]
    quality = staff(Role.QUALITY_REVIEWER)
    new = NewResult("tnc", Subject.UNIT, unit=unit, value="1100000000", reported_by=ELSEWHERE)
    results = record_results([new], by=quality, at=NOON - days(2))

    assert refused(batch(*stated(results))) == ["entered"]


def test_what_is_determined_or_attested_already_is_refused():
    unit = taken_in()[0]
    results = reported(unit)
    signed_for(batch(eligible(unit), *stated(results)))

    with pytest.raises(AttestationRefused) as refusal:
        signed_for(batch(eligible(unit), *stated(results[:1])))
    assert [reason.code for reason in refusal.value.reasons] == ["determined", "verified"]


def test_an_incomplete_or_needless_determination_and_an_unknown_marker_are_refused():
    unit = taken_in()[0]

    def of(verdict, **more):
        return batch(AttestedEligibility(donation=unit.donation.code, verdict=verdict, **more))

    assert refused(of(EligibilityVerdict.INCOMPLETE)) == ["incomplete"]
    assert refused(of(EligibilityVerdict.NOT_REQUIRED)) == ["not-required"]
    assert refused(of(EligibilityVerdict.INELIGIBLE, reactive=("hair",))) == ["unknown-marker"]
    assert refused(batch(replace(eligible(unit), donation="W0000"))) == ["unknown-donation"]


def test_only_quality_signs_for_what_others_found():
    unit = taken_in()[0]
    technician = staff(Role.LAB_TECHNICIAN)
    new = batch(eligible(unit))

    with pytest.raises(SignerNotAllowed):
        signed_for(new, by=technician, credentials=credentials(technician), shown_sha256=shown(new, by=technician)[1])
    assert not EligibilityDetermination.objects.exists()


def test_a_list_of_twenty_units_asks_no_more_of_the_record_than_one_of_two():
    asked = []
    for number in (2, 20):
        units = taken_in(*(foreign_unit() for _ in range(number)))
        new = batch(*(consent_of(each) for each in units), *(eligible(each) for each in units))
        signed_for(batch(eligible(taken_in()[0])))
        with CaptureQueriesContext(connection) as queries:
            signed_for(new)
        asked.append(len([each for each in queries if each["sql"].startswith("SELECT")]))

    assert asked[0] == asked[1]


def writes_past_services():
    """Write what no service would: each is refused by the database while its guards are there."""
    own = frozen_unit()
    attested = Attestation.objects.get()
    determination = EligibilityDetermination.objects.get()
    return [
        lambda: Attestation.objects.filter(pk=attested.pk).update(document_sha256="0" * 64),
        lambda: AttestedFact.objects.filter(attestation=attested).delete(),
        lambda: EligibilityDetermination.objects.filter(pk=determination.pk).update(attestation=None),
        lambda: EligibilityDetermination.objects.create(
            donation=own.donation,
            verdict="eligible",
            evidence_sha256="0" * 64,
            signature=attested.signature,
            attestation=attested,
            determined_at=NOON,
        ),
        lambda: own.results.filter(verified_at=None).update(
            reported_by=ELSEWHERE, attestation=attested, verified_at=NOON, verified_by=staff(Role.QUALITY_REVIEWER)
        ),
    ]


def passed(writes):
    """Return which of these writes the database lets pass, undoing each."""
    found = []
    for number, write in enumerate(writes):
        try:
            with transaction.atomic():
                write()
                found.append(number)
                transaction.set_rollback(True)
        except DatabaseError:
            pass
    return found


def test_the_database_keeps_what_was_attested_and_attests_nothing_of_our_own():
    signed_for(batch(eligible(taken_in()[0])))
    writes = writes_past_services()

    assert passed(writes) == []


def test_without_its_guards_the_database_would_let_it_pass():
    signed_for(batch(eligible(taken_in()[0])))
    writes = writes_past_services()

    drop_guards(connection)
    try:
        assert passed(writes) == [0, 1, 2, 3, 4]
    finally:
        install_guards(connection)


def test_a_result_of_another_s_paper_cannot_be_verified_without_it_even_past_the_services():
    unit = taken_in()[0]
    result = reported(unit)[0]

    with pytest.raises(DatabaseError, match="counts_only_by_attestation"), transaction.atomic():
        Result.objects.filter(pk=result.pk).update(verified_at=NOON, verified_by=staff(Role.QUALITY_REVIEWER))
