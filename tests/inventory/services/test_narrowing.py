"""A consent that allows less reaches every unit; what it still allows goes on."""

from dataclasses import replace
from functools import partial

import pytest
from django.db import connection

from biobank.services.guard import drop_guards
from consent.domain.duo import BIOMEDICAL, DISEASE_SPECIFIC
from consent.domain.form import Extent, StatementFacts, WithdrawalStage
from consent.models.donor import Infant
from consent.services.consent import Declined, NewConsent, decline_consent, give_consent
from consent.services.expiry import record_expiries
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.gate import NotReleasable
from inventory.domain.unit import UnitState, Use
from inventory.models.hold import Hold
from inventory.models.notice import NoticeItem
from inventory.models.referral import WithdrawalReferral
from inventory.models.release import Release
from inventory.models.reservation import Reservation
from inventory.queries.hold import open_holds_on
from inventory.services.acceptance import accept_units
from inventory.services.request import request_units
from tests.factories.donation import registered_donation
from tests.factories.donor import (
    GIVEN_AT,
    RESEARCH,
    STORAGE,
    TREATMENT,
    USUAL_STATEMENTS,
    form_facts,
    form_in_force,
    given_consent,
    mondo_of,
    narrowed,
    recorder,
    withdrawn,
)
from tests.factories.person import credentials, staff
from tests.factories.protocol import protocol_in_force
from tests.factories.release import issued_release, received, shipped
from tests.factories.request import coordinator, submitted_request, wanted
from tests.factories.specification import specifications_in_force
from tests.factories.time import NOON, days, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import (
    ACCEPTED_AT,
    Role,
    available_unit,
    available_units_of,
    determined_unit,
    working_bank,
)
from tests.inventory.services.test_withdrawal import consent_of, stages
from tests.kept import keepable

pytestmark = pytest.mark.django_db
HEPATITIS = StatementFacts(
    key="hepatitis", text="Research on hepatitis B.", duo=DISEASE_SPECIFIC, mondo=mondo_of("hepatitis B")
)
WIDE = replace(RESEARCH, mandatory=False)


def wide_consent(until=WithdrawalStage.HAND_OVER):
    """Return a consent for all health research and, apart, for hepatitis B: the first can be taken back alone."""
    form = form_in_force(
        form_facts(f"CF-WIDE-{until.replace('_', '-')}", withdrawal_until=until), [STORAGE, WIDE, HEPATITIS, TREATMENT]
    )
    return given_consent(form=form)


@keepable
def wide_unit():
    """Return an available unit of a donor who gave the wide consent, its segment confirmed."""
    return available_unit(consent=wide_consent(), segment=True)


@keepable
def unit_for_collection_only():
    """Return a determined unit of a donor who allowed its collection and nothing more."""
    specifications_in_force()
    form = form_in_force(form_facts("CF-COLLECT", extent=Extent.COLLECTION_ONLY), [STORAGE])
    return determined_unit(registered_donation(given_consent(form=form)))


BEGINS_WITH = (
    working_bank,
    given_consent,
    available_unit,
    partial(available_unit, segment=True),
    wide_unit,
    unit_for_collection_only,
)


@pytest.mark.parametrize("stage", stages())
def test_human_application_taken_back_quarantines_and_voids_at_every_stage_before_hand_over(stage):
    unit = stages()[stage](available_unit(segment=True))

    narrowed(consent_of(unit), "treatment", at=NOON + hours(3))

    unit.refresh_from_db()
    assert (unit.state, unit.reserved_from, unit.use) == (UnitState.QUARANTINED, "", "")
    assert not Reservation.objects.filter(ended_at__isnull=True).exists()
    assert not Release.objects.exclude(status="void").exists()
    assert not unit.acceptances.filter(withdrawn_at__isnull=True).exists()
    assert open_holds_on([unit.pk])[unit.pk] == ()


@pytest.mark.parametrize("stage", [each for each in stages() if each != "available"])
def test_a_study_no_longer_allowed_lets_the_unit_go_and_it_stays_accepted(stage):
    unit = stages()[stage](wide_unit())

    narrowed(consent_of(unit), "research", at=NOON + hours(3))

    unit.refresh_from_db()
    assert (unit.state, unit.use) == (UnitState.AVAILABLE, "human_application")
    assert not Reservation.objects.filter(ended_at__isnull=True).exists()
    assert not Release.objects.exclude(status="void").exists()
    with pytest.raises(NotReleasable, match="gate 1"):
        request_units(wanted(unit), by=coordinator(), at=NOON + hours(4))


def test_what_is_still_allowed_goes_on():
    consent, untouched = wide_consent(), available_unit()
    laboratory = available_unit(Use.LABORATORY, consent=consent)
    submitted_request(untouched)

    narrowed(consent, "treatment")

    laboratory.refresh_from_db()
    untouched.refresh_from_db()
    assert (laboratory.state, laboratory.use) == (UnitState.AVAILABLE, "laboratory")
    assert untouched.state == UnitState.RESERVED
    assert not Hold.objects.exists()


def test_what_left_for_a_study_no_longer_allowed_is_told_to_its_site_and_the_rest_is_not():
    unit = wide_unit()
    shipment = received(unit)
    shipped(available_unit(segment=True))

    narrowed(consent_of(unit), "research", at=NOON + hours(30))

    assert [(item.unit_id, item.notice.site) for item in NoticeItem.objects.all()] == [
        (shipment.items.get(unit__isnull=False).unit_id, shipment.to_site)
    ]


def test_a_narrowing_that_leaves_the_study_allowed_tells_nobody():
    unit = wide_unit()
    received(unit)

    narrowed(consent_of(unit), "hepatitis", at=NOON + hours(30))

    assert not NoticeItem.objects.exists()


def test_a_unit_past_the_forms_stage_is_held_and_referred_and_no_other():
    consent = wide_consent(until=WithdrawalStage.RELEASE)
    past, early = available_units_of(consent)
    issued_release(past)

    narrowed(consent, "treatment", at=NOON + hours(3))

    past.refresh_from_db()
    early.refresh_from_db()
    assert (past.state, early.state) == (UnitState.RELEASED, UnitState.QUARANTINED)
    assert [each.unit_id for each in WithdrawalReferral.objects.all()] == [past.pk]
    assert [len(open_holds_on([each.pk])[each.pk]) for each in (past, early)] == [1, 0]


def test_a_new_consent_that_grants_less_stops_what_it_no_longer_allows():
    unit = available_unit()
    submitted_request(unit)

    given_consent(unit.donation.donor, given_at=NOON, at=NOON, treatment=False)

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED


def test_a_new_consent_that_grants_as_much_changes_nothing_in_stock():
    unit = available_unit()
    submitted_request(unit)
    before = head_number()

    given_consent(unit.donation.donor, given_at=NOON, at=NOON)

    unit.refresh_from_db()
    assert (unit.state, kinds_since(before)) == (UnitState.RESERVED, ["consent.given"])


def test_a_consent_given_again_lifts_no_hold_by_itself():
    unit = available_unit()
    withdrawn(consent_of(unit), at=NOON)

    given_consent(unit.donation.donor, given_at=NOON + hours(1))
    accept(unit)

    assert [hold.kind for hold in open_holds_on([unit.pk])[unit.pk]] == ["consent_withdrawn"]
    with pytest.raises(NotReleasable, match="gate 6"):
        request_units(wanted(unit), by=coordinator(), at=NOON + hours(2))


def ending():
    answers = {each.key: True for each in USUAL_STATEMENTS}
    donor = given_consent().donor
    new = NewConsent(donor=donor, form=form_in_force(), answers=answers, given_at=GIVEN_AT, ends_at=NOON + hours(5))
    return give_consent(new, by=recorder(), at=GIVEN_AT)


def test_an_end_that_has_passed_refuses_by_the_instant_and_stops_when_it_is_recorded():
    consent = ending()
    unit, reserved = available_unit(consent=consent), available_unit(consent=consent)
    submitted_request(reserved)

    with pytest.raises(NotReleasable, match="has expired"):
        request_units(wanted(unit), by=coordinator(), at=NOON + hours(5))
    record_expiries(by=recorder(), at=NOON + hours(6))

    for each in (unit, reserved):
        each.refresh_from_db()
        assert each.state == UnitState.QUARANTINED
    assert not Hold.objects.exists()


def test_who_has_come_of_age_is_asked_before_the_next_use():
    unit = available_unit()
    drop_guards(connection)
    Infant.objects.update(born_at=NOON - days(366 * 18))

    with pytest.raises(NotReleasable, match="has come of age"):
        request_units(wanted(unit), by=coordinator(), at=NOON)

    assert not Reservation.objects.exists()


def accept(unit, use=Use.LABORATORY):
    quality = staff(Role.QUALITY_REVIEWER)
    return accept_units([unit.pk], use, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)


@pytest.mark.parametrize("use", Use)
def test_collection_only_collects_carries_tests_and_freezes_but_accepts_nothing_until_the_full_consent(use):
    unit = unit_for_collection_only()

    with pytest.raises(NotAcceptable, match="no full consent"):
        accept(unit, use)
    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED
    given_consent(unit.donation.donor, given_at=GIVEN_AT + hours(100))
    accept(unit, use)

    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE


def test_the_full_consent_of_another_mother_accepts_nothing():
    unit = unit_for_collection_only()
    given_consent(given_at=GIVEN_AT + hours(100))

    with pytest.raises(NotAcceptable, match="no full consent"):
        accept(unit)

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED


def test_a_mother_who_declines_the_full_consent_has_everything_held():
    unit = unit_for_collection_only()
    declined = Declined(donor=unit.donation.donor, form=form_in_force(), declined_at=NOON, reason="No")

    decline_consent(declined, by=recorder(), at=NOON)

    assert [hold.kind for hold in open_holds_on([unit.pk])[unit.pk]] == ["consent_withdrawn"]


def test_a_study_of_the_disease_that_is_left_may_still_ask():
    unit = wide_unit()
    narrowed(consent_of(unit), "research", at=NOON - hours(1))
    study = protocol_in_force(code="LIVER-B", indication=mondo_of("hepatitis B"), duo=(DISEASE_SPECIFIC,))

    request_units(wanted(unit, protocol=study), by=coordinator(), at=NOON)

    unit.refresh_from_db()
    assert unit.state == UnitState.RESERVED
    assert BIOMEDICAL not in study.duo
