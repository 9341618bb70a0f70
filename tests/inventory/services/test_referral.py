"""A unit past the stage its form names: stopped by nobody but the medical director, and let go on by nobody else."""

import pytest
from django.db import IntegrityError, connection, transaction

from biobank.domain.role import Role
from biobank.domain.signature import Meaning, SignatureRefused
from biobank.services.guard import drop_guards
from consent.domain.consent import WithdrawalScope
from consent.domain.form import WithdrawalStage
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.referral import ReferralDecision, ReferralRefused
from inventory.domain.unit import UnitState
from inventory.models.referral import WithdrawalReferral
from inventory.models.release import Release
from inventory.queries.hold import open_holds_on
from inventory.queries.referral import open_referrals
from inventory.services.hold import NewHold, place_holds
from inventory.services.pick import pick_unit
from inventory.services.referral import decide_referral
from inventory.services.shipment import hand_over_release, pack_release
from tests.factories.donor import form_facts, form_in_force, given_consent, narrowed, withdrawn
from tests.factories.person import credentials, staff
from tests.factories.release import evaluated_release, issued_release, packing, scans_of, sign
from tests.factories.request import approved_request
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import available_unit, available_units_of, working_bank
from tests.factories.untouched import nothing_changes
from tests.kept import keepable

pytestmark = pytest.mark.django_db


def early_consent(until=WithdrawalStage.RESERVATION):
    return given_consent(form=form_in_force(form_facts(f"CF-UNTIL-{until}", withdrawal_until=until)))


@keepable
def approved():
    """Return a consent, its reserved unit past the stage at which its form stops it, and the approved request."""
    consent = early_consent()
    unit = available_unit(consent=consent, segment=True)
    return consent, unit, approved_request(unit)


BEGINS_WITH = (working_bank, approved)


def referred(reduce=withdrawn):
    """Return a reserved unit of an approved request, past the stage at which its form stops it, and its referral."""
    consent, unit, request = approved()
    reduce(consent, at=NOON)
    return unit, request, WithdrawalReferral.objects.get()


def narrow(consent, at):
    return narrowed(consent, "treatment", at=at)


def decide(referral, decision, *, reason="The mother was told on the form.", by=None):
    director = by or staff(Role.MEDICAL_DIRECTOR)
    return decide_referral(
        referral, decision, reason=reason, credentials=credentials(director), by=director, at=NOON + hours(1)
    )


def test_the_medical_director_is_told_at_once():
    unit, _, referral = referred()

    said = last_of("withdrawal.referred")["new"]

    assert (said["unit"], said["alert"], said["stage"]) == (unit.code, "medical_director", "reservation")
    assert [each.pk for each in open_referrals()] == [referral.pk]
    assert str(referral) == referral.reference


@pytest.mark.parametrize("reduce", [withdrawn, narrow])
def test_until_it_is_decided_the_unit_goes_nowhere(reduce):
    unit, request, _ = referred(reduce)

    with pytest.raises(NotReleasable, match="gate 1"):
        evaluated_release(request)

    unit.refresh_from_db()
    assert unit.state == UnitState.RESERVED
    assert not Release.objects.exists()


@pytest.mark.parametrize("reduce", [withdrawn, narrow])
def test_a_unit_that_goes_on_is_signed_picked_packed_and_handed_over(reduce):
    unit, request, referral = referred(reduce)

    decide(referral, ReferralDecision.GOES_ON)

    release = evaluated_release(request)
    sign(release)
    sign(release, Meaning.RELEASED)
    release.refresh_from_db()
    storage, at = staff(Role.STORAGE_TECHNICIAN), NOON + hours(2)
    pick_unit(release, unit, scans=scans_of(unit), by=storage, at=at)
    shipment = pack_release(release, packing(), by=storage, at=at)
    hand_over_release(shipment, to="Driver 4", by=storage, at=at)
    unit.refresh_from_db()
    assert unit.state == UnitState.SHIPPED


def test_a_decision_for_one_unit_lets_no_other_go_on():
    consent = early_consent()
    first, second = available_units_of(consent)
    approved_request(first)
    other = approved_request(second)
    withdrawn(consent, at=NOON)

    decide(WithdrawalReferral.objects.get(unit=first), ReferralDecision.GOES_ON)

    assert [len(open_holds_on([each.pk])[each.pk]) for each in (first, second)] == [0, 1]
    with pytest.raises(NotReleasable, match="gate 1"):
        evaluated_release(other)


def test_another_hold_still_stops_a_unit_that_goes_on():
    unit, request, referral = referred()
    decide(referral, ReferralDecision.GOES_ON)
    place_holds(
        [NewHold(kind=HoldKind.INVESTIGATION, reason="Doubt", unit_id=unit.pk)], by=staff(Role.LAB_TECHNICIAN), at=NOON
    )

    with pytest.raises(NotReleasable, match="gate 6"):
        evaluated_release(request)

    assert not Release.objects.exists()


def test_a_unit_that_is_stopped_is_quarantined_and_its_release_void():
    consent = early_consent(WithdrawalStage.RELEASE)
    unit = available_unit(consent=consent, segment=True)
    release = issued_release(unit)
    withdrawn(consent, at=NOON)
    before = head_number()

    decide(WithdrawalReferral.objects.get(), ReferralDecision.STOPPED)

    unit.refresh_from_db()
    release.refresh_from_db()
    assert (unit.state, release.status) == (UnitState.QUARANTINED, "void")
    assert len(open_holds_on([unit.pk])[unit.pk]) == 1
    assert {"withdrawal.decided", "release.revoked", "acceptance.withdrawn"} <= set(kinds_since(before))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MEDICAL_DIRECTOR])
def test_nobody_but_the_medical_director_decides(role):
    _, _, referral = referred()
    somebody = staff(role)

    with nothing_changes(leaving=("signature.refused",)), pytest.raises(SignatureRefused):
        decide(referral, ReferralDecision.GOES_ON, by=somebody)


def test_a_decision_needs_a_reason_and_stands():
    _, _, referral = referred()
    staff(Role.MEDICAL_DIRECTOR)

    with nothing_changes(), pytest.raises(ReferralRefused, match="reason is missing"):
        decide(referral, ReferralDecision.GOES_ON, reason=" ")
    decide(referral, ReferralDecision.STOPPED)
    with nothing_changes(), pytest.raises(ReferralRefused, match="the decision stands"):
        decide(referral, ReferralDecision.GOES_ON)


def test_what_is_taken_back_twice_is_decided_twice():
    consent, _, request = approved()
    narrowed(consent, "treatment", at=NOON)
    withdrawn(consent, scope=WithdrawalScope.FUTURE_USE, at=NOON + hours(0.5))
    withdrawn(consent, at=NOON + hours(0.6))
    first, second = WithdrawalReferral.objects.order_by("pk")

    decide(first, ReferralDecision.GOES_ON)

    with pytest.raises(NotReleasable, match="gate 1"):
        evaluated_release(request)
    decide(second, ReferralDecision.GOES_ON)
    assert evaluated_release(request).status == "evaluated"


def test_the_database_keeps_a_decision():
    _, _, referral = referred()
    decide(referral, ReferralDecision.STOPPED)

    for change in ({"decision": "goes_on"}, {"reason": "another"}, {"decision": "perhaps"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            WithdrawalReferral.objects.update(**change)

    referral.refresh_from_db()
    assert referral.decision == "stopped"


def test_canary_without_the_guards_a_decision_is_turned_round():
    _, _, referral = referred()
    decide(referral, ReferralDecision.STOPPED)
    drop_guards(connection)

    WithdrawalReferral.objects.update(decision="goes_on")

    assert open_holds_on([referral.unit_id])[referral.unit_id] == ()
