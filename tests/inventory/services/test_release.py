import json
from functools import partial

import pytest

from biobank.domain.ledger import digest
from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from biobank.models.signature import Signature
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.request import RequestNotOpen
from inventory.domain.snapshot import NotAsSigned, ReleaseNotStanding
from inventory.domain.unit import UnitState
from inventory.models.protocol import Protocol
from inventory.models.release import Release, ReleaseSignature, ReleaseUnit
from inventory.models.reservation import Reservation
from inventory.models.result import Result
from inventory.services.hold import NewHold, place_holds
from inventory.services.release import evaluate_release, revoke_release
from tests.factories.donor import given_consent, withdrawn
from tests.factories.person import staff
from tests.factories.protocol import protocol_in_force
from tests.factories.release import evaluated_release, issued_release, picked_release, shipped, sign, units_of
from tests.factories.request import approved_request, submitted_request
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import available_unit, confirm_segment
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (approved_request, partial(available_unit, segment=True))


def hold(unit):
    place_holds([NewHold(HoldKind.INVESTIGATION, "odd", unit_id=unit.pk)], by=staff(Role.LAB_TECHNICIAN), at=NOON)


def expire(unit):
    type(unit).objects.filter(pk=unit.pk).update(expires_at=NOON, expiry_basis="policy_years")


def end_the_study(_unit):
    Protocol.objects.update(status="superseded")


def end_the_reservation(_unit):
    Reservation.objects.update(ended_at=NOON, ended_because="test")


def withdraw_in_the_table_alone(unit):
    """Withdraw consent as if no receiver had voided anything, so that gate 1 alone stands in the way."""
    consent = unit.donation.donor.consents.get()
    consent.events.create(
        kind="withdrawn", scope="all", occurred_at=NOON, at=NOON, by=staff(Role.COLLECTION_STAFF), reason="letter"
    )


def reopen_in_the_table_alone(unit):
    unit.donation.determinations.update(reopened_at=NOON, reopened_because="new result")


def correct_in_the_table_alone(unit, assay, value):
    """Replace a result as if no receiver had taken anything back, so that the gate alone stands in the way."""
    old = Result.objects.get(assay=assay, unit=unit)
    Result.objects.create(
        assay=assay,
        subject="unit",
        unit=unit,
        sample=old.sample,
        text=value,
        qualifier=old.qualifier,
        entered_by=staff(Role.LAB_TECHNICIAN),
        entered_at=NOON,
        replaces=old,
        reason="read again",
    )


def unsettle_the_culture(unit):
    correct_in_the_table_alone(unit, "bacterial_culture", "growth")


def unsettle_the_typing(unit):
    correct_in_the_table_alone(unit, "hla_identity", "mismatch")


FAILING = {
    "gate 1": withdraw_in_the_table_alone,
    "gate 2": reopen_in_the_table_alone,
    "gate 3": unsettle_the_culture,
    "gate 4": unsettle_the_typing,
    "gate 5": expire,
    "gate 6": hold,
    "gate 7": end_the_reservation,
    "gate 8": end_the_study,
}


def test_an_evaluation_keeps_the_snapshot_that_both_will_sign():
    request = approved_request()
    before = head_number()

    release = evaluate_release(request, by=staff(Role.QUALITY_REVIEWER), at=NOON)

    content = json.loads(release.snapshot)
    assert release.snapshot_sha256 == digest(release.snapshot)
    assert content["request"] == request.reference
    assert [unit["unit"] for unit in content["units"]] == [release.units.get().unit.code]
    assert {gate["outcome"] for unit in content["units"] for gate in unit["gates"]} == {"pass"}
    assert kinds_since(before) == ["release.evaluated"]


def test_the_same_facts_are_not_evaluated_twice():
    release = evaluated_release()

    again = evaluate_release(release.request, by=staff(Role.RELEASING_OFFICER), at=NOON + hours(1))

    assert again == release
    assert Release.objects.count() == 1


@pytest.mark.parametrize("gate", FAILING)
def test_no_evaluation_while_a_gate_fails(gate):
    request = approved_request()
    FAILING[gate](request.lines.get().unit)
    before = head_number()

    with pytest.raises(NotReleasable, match=gate):
        evaluate_release(request, by=staff(Role.QUALITY_REVIEWER), at=NOON)

    assert not Release.objects.exists()
    assert not ReleaseUnit.objects.exists()
    assert kinds_since(before) == ["release.evaluated"]


def test_what_is_unknown_refuses_an_evaluation_although_it_let_the_request_be_approved():
    unit = available_unit()
    request = approved_request(unit)

    with pytest.raises(NotReleasable, match="gate 4"):
        evaluate_release(request, by=staff(Role.QUALITY_REVIEWER), at=NOON)

    confirm_segment(unit)
    assert evaluate_release(request, by=staff(Role.QUALITY_REVIEWER), at=NOON).status == "evaluated"


def test_a_request_is_approved_before_it_is_evaluated():
    request = submitted_request()

    with pytest.raises(RequestNotOpen):
        evaluate_release(request, by=staff(Role.QUALITY_REVIEWER), at=NOON)

    assert not Release.objects.exists()


def test_the_second_signature_issues_the_release():
    release = evaluated_release()
    first = sign(release)
    staff(Role.RELEASING_OFFICER)
    before = head_number()

    second = sign(release, Meaning.RELEASED)

    release.refresh_from_db()
    unit = release.units.get().unit
    assert (release.status, release.issued_at, release.request.status) == ("issued", NOON, "released")
    assert unit.state == UnitState.RELEASED
    assert first.content_sha256 == second.content_sha256 == release.snapshot_sha256
    assert kinds_since(before) == ["signature.made", "release.signed", "unit.released"]


def test_units_of_two_donors_are_released_in_one_decision():
    units = [available_unit(segment=True), available_unit(segment=True)]

    issued_release(*units)

    for unit in units:
        unit.refresh_from_db()
        assert unit.state == UnitState.RELEASED


@pytest.mark.parametrize("signatures", [0, 1])
@pytest.mark.parametrize("gate", FAILING)
def test_no_signature_while_a_gate_fails_and_the_evaluation_is_void(gate, signatures):
    release = evaluated_release()
    [unit] = units_of(release)
    meaning = Meaning.RELEASED if signatures else Meaning.REVIEWED
    if signatures:
        sign(release)
    staff(Role.RELEASING_OFFICER)
    FAILING[gate](unit)
    before, made = head_number(), Signature.objects.count()

    with pytest.raises(NotReleasable, match=gate):
        sign(release, meaning)

    release.refresh_from_db()
    unit.refresh_from_db()
    assert (release.status, unit.state) == ("void", UnitState.RESERVED)
    assert (Signature.objects.count(), ReleaseSignature.objects.count()) == (made, signatures)
    assert kinds_since(before).count("release.evaluated") == 1
    assert "unit.released" not in kinds_since(before)


def test_a_signature_over_changed_facts_is_refused_and_the_first_is_void_with_it():
    release = evaluated_release()
    sign(release)
    units = type(units_of(release)[0]).objects
    units.filter(releases__release=release).update(expires_at=NOON + hours(9000), expiry_basis="policy_years")
    staff(Role.RELEASING_OFFICER)
    before = head_number()

    with pytest.raises(NotAsSigned):
        sign(release, Meaning.RELEASED)

    release.refresh_from_db()
    assert release.status == "void"
    assert kinds_since(before) == ["release.evaluated", "release.revoked"]
    anew = evaluated_release(release.request)
    assert anew != release
    assert not anew.signatures.exists()


def test_another_request_under_the_same_protocol_does_not_void_a_first_signature():
    release = evaluated_release()
    sign(release)
    submitted_request(available_unit(), recipient="PATIENT-8")

    sign(release, Meaning.RELEASED)

    release.refresh_from_db()
    assert release.status == "issued"


def test_revoking_gives_the_units_back_and_ends_the_request():
    release = picked_release()
    [unit] = units_of(release)

    revoke_release(release, reason="Patient unfit", by=staff(Role.MEDICAL_DIRECTOR), at=NOON + hours(1))

    release.refresh_from_db()
    unit.refresh_from_db()
    assert (release.status, release.request.status, unit.state) == ("void", "void", UnitState.AVAILABLE)
    assert not Reservation.objects.filter(ended_at__isnull=True).exists()


def test_an_evaluation_nobody_issued_is_not_revoked():
    release = evaluated_release()

    with pytest.raises(ReleaseNotStanding):
        revoke_release(release, reason="?", by=staff(Role.MEDICAL_DIRECTOR), at=NOON)


def test_what_was_handed_over_is_not_revoked_any_more():
    release = shipped().release
    director = staff(Role.MEDICAL_DIRECTOR)

    with nothing_changes(), pytest.raises(RequestNotOpen, match="completed"):
        revoke_release(release, reason="too late", by=director, at=NOON + hours(3))


def test_withdrawal_between_the_signatures_makes_the_release_void():
    consent = given_consent()
    unit = available_unit(consent=consent, segment=True)
    release = evaluated_release(approved_request(unit))
    sign(release)

    withdrawn(consent, at=NOON)

    with pytest.raises(ReleaseNotStanding):
        sign(release, Meaning.RELEASED)
    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED


@pytest.mark.parametrize("signatures", [0, 1])
def test_consent_that_no_longer_covers_the_use_makes_the_release_void_whatever_was_signed(signatures):
    release = evaluated_release()
    [unit] = units_of(release)
    meaning = Meaning.RELEASED if signatures else Meaning.REVIEWED
    if signatures:
        sign(release)
    given_consent(unit.donation.donor, given_at=NOON, at=NOON + hours(0.001), treatment=False)

    with pytest.raises(ReleaseNotStanding):
        sign(release, meaning, at=NOON)

    unit.refresh_from_db()
    assert (unit.state, release.signatures.count()) == (UnitState.QUARANTINED, signatures)


def test_protocol_amended_between_approval_and_release_stops_it():
    request = approved_request()
    protocol_in_force(title="Amended")

    with pytest.raises(NotReleasable, match="gate 8"):
        evaluate_release(request, by=staff(Role.QUALITY_REVIEWER), at=NOON)
