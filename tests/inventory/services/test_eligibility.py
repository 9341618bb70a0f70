from dataclasses import replace

import pytest

from biobank.domain.role import Role
from biobank.domain.signature import SignerNotAllowed, WrongPassword
from biobank.models.signature import Signature
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.result import Result
from inventory.queries.eligibility import determinations_of, evidence_of
from inventory.services.correction import Correction, correct_result
from inventory.services.eligibility import (
    NotDetermined,
    determine_eligibility,
    evidence_sha256,
    reopen_eligibility,
)
from inventory.services.result import record_results
from tests.factories.donation import COLLECTED_AT
from tests.factories.person import credentials, staff
from tests.factories.time import NOON, days
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import MEASURED_AT, determined_unit, frozen_unit, measured_unit, mothers_results, verify_all
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def determine(*units, by=None, proof=None):
    quality = by or staff(Role.QUALITY_REVIEWER)
    ids = [unit.donation_id for unit in units]
    return determine_eligibility(ids, credentials=proof or credentials(quality), by=quality, at=NOON)


def unit_whose_mother(changed=None, **otherwise):
    """Return a frozen unit with every marker and finding verified, but one changed by ``otherwise``."""
    unit = frozen_unit()
    news = [replace(new, **otherwise) if new.assay == changed else new for new in mothers_results(unit, {})]
    record_results(news, by=staff(Role.LAB_TECHNICIAN), at=MEASURED_AT)
    verify_all(unit)
    return unit


def test_a_donor_with_nothing_against_her_is_eligible_by_signature():
    unit = measured_unit()
    staff(Role.QUALITY_REVIEWER)
    before = head_number()

    determination = determine(unit)[0]

    assert (determination.verdict, determination.reasons, determination.reactive) == ("eligible", [], [])
    assert determination.signature.meaning == "reviewed"
    assert kinds_since(before) == ["signature.made", "eligibility.determined"]
    assert last_of("eligibility.determined")["new"]["evidence_sha256"] == determination.evidence_sha256


def test_one_signature_covers_a_batch_and_each_is_bound_to_its_own_evidence():
    first, second = measured_unit(), measured_unit(mother={"anti_hbc": "positive"})

    determinations = determine(first, second)

    assert [each.verdict for each in determinations] == ["eligible", "ineligible"]
    assert len({each.evidence_sha256 for each in determinations}) == 2
    assert {each.signature for each in determinations} == {Signature.objects.get(item_count=2)}
    assert all(each.evidence_sha256 in Signature.objects.get(item_count=2).content for each in determinations)


def test_cmv_is_recorded_and_makes_nobody_ineligible():
    determination = determine(measured_unit(mother={"cmv": "positive"}))[0]

    assert (determination.verdict, determination.reactive) == ("eligible", ["cmv"])


@pytest.mark.parametrize(
    ("otherwise", "verdict", "reason"),
    [
        ({"diluted": True}, "incomplete", "specimen diluted"),
        ({"diluted": None}, "incomplete", "plasma dilution not assessed"),
        ({"approved_test": False}, "incomplete", "not an approved test"),
        ({"specimen_at": None}, "incomplete", "not within 7 days"),
        ({"specimen_at": COLLECTED_AT - days(7)}, "eligible", ""),
        ({"specimen_at": COLLECTED_AT - days(7.0001)}, "incomplete", "not within 7 days"),
        ({"value": "indeterminate"}, "incomplete", "no settled result"),
        ({"value": "positive"}, "ineligible", "is reactive"),
        ({"value": "positive", "diluted": True}, "ineligible", "is reactive"),
    ],
)
def test_the_verdict_is_what_the_evidence_carries(otherwise, verdict, reason):
    determination = determine(unit_whose_mother("anti_hcv", **otherwise))[0]

    assert determination.verdict == verdict
    assert reason in "; ".join(determination.reasons)


def test_a_specimen_a_week_after_the_collection_still_counts():
    unit = frozen_unit()
    at = COLLECTED_AT + days(7)
    news = [replace(new, specimen_at=at) for new in mothers_results(unit, {})]
    record_results(news, by=staff(Role.LAB_TECHNICIAN), at=at)
    verify_all(unit)

    assert determine(unit)[0].verdict == "eligible"


def test_an_unanswered_screening_leaves_it_incomplete():
    unit = frozen_unit()
    news = [new for new in mothers_results(unit, {}) if new.assay != "family_history"]
    record_results(news, by=staff(Role.LAB_TECHNICIAN), at=MEASURED_AT)
    verify_all(unit)

    determination = determine(unit)[0]

    assert determination.verdict == "incomplete"
    assert determination.reasons == ["Family history is not recorded and verified"]


def test_a_risk_found_in_the_history_makes_ineligible():
    assert determine(measured_unit(mother={"maternal_history": "risk_found"}))[0].verdict == "ineligible"


def test_what_is_determined_already_is_not_determined_again():
    done, fresh = determined_unit(), measured_unit()

    with pytest.raises(NotDetermined, match=f"{done.donation.code} is determined already"), nothing_changes():
        determine(done, fresh)


def test_a_donation_that_does_not_exist_determines_nothing():
    unit, quality = measured_unit(), staff(Role.QUALITY_REVIEWER)

    for ids in ([], [unit.donation_id, 0]):
        with pytest.raises(NotDetermined, match="does not exist"), nothing_changes():
            determine_eligibility(ids, credentials=credentials(quality), by=quality, at=NOON)


def test_only_quality_determines():
    unit, technician = measured_unit(), staff(Role.LAB_TECHNICIAN)

    with pytest.raises(SignerNotAllowed), nothing_changes(leaving=("signature.refused",)):
        determine(unit, by=technician)


def test_a_wrong_password_determines_nothing():
    unit, quality = measured_unit(), staff(Role.QUALITY_REVIEWER)

    with pytest.raises(WrongPassword), nothing_changes(leaving=("signature.refused",)):
        determine(unit, proof=replace(credentials(quality), password="wrong"))


def test_the_same_evidence_reopens_nothing():
    unit, quality = determined_unit(), staff(Role.QUALITY_REVIEWER)

    with nothing_changes():
        reopen_eligibility([unit.donation_id], because="a look", by=quality, at=NOON)


def test_a_corrected_result_reopens_and_what_is_determined_anew_rests_on_new_evidence():
    unit = determined_unit()
    first = EligibilityDetermination.objects.get()
    old = Result.objects.get(donation=unit.donation, assay="syphilis")
    value = next(new for new in mothers_results(unit, {}) if new.assay == "syphilis")

    correct_result(Correction(old.pk, value, "wrong tube"), by=staff(Role.LAB_TECHNICIAN), at=NOON)
    second = determine(unit)[0]

    first.refresh_from_db()
    assert (first.reopened_at, first.reopened_because) == (NOON, "a corrected result")
    assert (second.verdict, second.reasons) == ("incomplete", ["Syphilis: not verified by a second person"])
    assert second.evidence_sha256 != first.evidence_sha256
    facts = determinations_of([unit.donation_id])[unit.donation_id]
    assert (facts.code, facts.reopened) == (f"determination {second.pk}", False)


def test_evidence_is_of_this_donation_alone_and_has_one_hash_whatever_its_order():
    unit, other = measured_unit(), measured_unit(mother={"anti_hbc": "positive"})

    evidence = evidence_of([unit.donation, other.donation])[unit.donation_id]

    assert {marker.result for marker in evidence.markers} == {"negative"}
    turned = replace(evidence, markers=evidence.markers[::-1], findings=evidence.findings[::-1])
    assert evidence_sha256(turned) == evidence_sha256(evidence)


def test_of_what_was_never_determined_nothing_is_known():
    unit = measured_unit()

    assert determinations_of([unit.donation_id]) == {unit.donation_id: None}
