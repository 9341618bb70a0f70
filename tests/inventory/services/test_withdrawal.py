from functools import partial

import pytest

from biobank.domain.role import Role
from consent.domain.consent import WithdrawalScope
from consent.domain.form import WithdrawalStage
from consent.services.erasure import Erasure, erase_identity
from inventory.domain.gate import NotReleasable
from inventory.domain.unit import UnitState, Use
from inventory.models.hold import Hold
from inventory.models.notice import ConsigneeNotice, NoticeItem
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.reservation import Reservation
from inventory.queries.hold import open_holds_on
from inventory.queries.trace import trace_donor, trace_protocol
from inventory.services.request import request_units
from tests.factories.donation import registered_donation
from tests.factories.donor import (
    ANNA,
    consented_donor,
    form_facts,
    form_in_force,
    given_consent,
    registered_donor,
    withdrawn,
)
from tests.factories.person import credentials, person
from tests.factories.release import evaluated_release, issued_release, packed_shipment, received, shipped, sign
from tests.factories.request import approved_request, coordinator, submitted_request, wanted
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import available_unit, available_units_of, received_unit, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, given_consent, available_unit, partial(available_unit, segment=True))


def consent_of(unit):
    """Return the one consent of a unit's donor."""
    return unit.donation.donor.consents.get()


def stages():
    """Return what brings an available unit to every stage before hand-over."""
    return {
        "available": lambda unit: unit,
        "reserved": submitted_request_of,
        "approved": approved_request_of,
        "evaluated": evaluated,
        "signed once": signed_once,
        "issued": issued,
        "packed": packed,
    }


def submitted_request_of(unit):
    submitted_request(unit)
    return unit


def approved_request_of(unit):
    approved_request(unit)
    return unit


def evaluated(unit):
    evaluated_release(approved_request(unit))
    return unit


def signed_once(unit):
    sign(evaluated_release(approved_request(unit)))
    return unit


def issued(unit):
    issued_release(unit)
    return unit


def packed(unit):
    packed_shipment(unit)
    return unit


@pytest.mark.parametrize("stage", stages())
def test_withdrawal_quarantines_holds_and_voids_at_every_stage_before_hand_over(stage):
    unit = stages()[stage](available_unit(segment=True))

    withdrawn(consent_of(unit), at=NOON + hours(3))

    unit.refresh_from_db()
    assert (unit.state, unit.reserved_from, unit.use) == (UnitState.QUARANTINED, "", "")
    assert not Reservation.objects.filter(ended_at__isnull=True).exists()
    assert not Release.objects.exclude(status="void").exists()
    assert not UnitRequest.objects.exclude(status="void").exists()
    assert [each.kind for each in open_holds_on([unit.pk])[unit.pk]] == ["consent_withdrawn"]
    assert not unit.acceptances.filter(withdrawn_at__isnull=True).exists()


def test_nothing_of_the_donor_is_requested_after_withdrawal():
    unit = available_unit(segment=True)
    withdrawn(consent_of(unit), at=NOON)

    with pytest.raises(NotReleasable, match="gate 1"):
        request_units(wanted(unit), by=coordinator(), at=NOON)

    assert not Reservation.objects.exists()


def test_what_is_not_yet_accepted_is_held_where_it_is():
    consent = given_consent()
    registered = registered_donation(consent)
    parent = received_unit(registered)

    withdrawn(consent, at=NOON)

    parent.refresh_from_db()
    assert parent.state == UnitState.QUARANTINED
    assert len(open_holds_on([parent.pk])[parent.pk]) == 1


def test_another_donor_is_left_alone():
    stopped, untouched = available_unit(), available_unit(segment=True)

    withdrawn(consent_of(stopped), at=NOON)

    stopped.refresh_from_db()
    untouched.refresh_from_db()
    assert (stopped.state, untouched.state) == (UnitState.QUARANTINED, UnitState.AVAILABLE)
    assert open_holds_on([untouched.pk])[untouched.pk] == ()


def test_the_other_unit_of_an_issued_release_stays_reserved_to_be_signed_anew():
    stopped, kept = available_unit(segment=True), available_unit(segment=True)
    release = issued_release(stopped, kept)

    withdrawn(consent_of(stopped), at=NOON)

    release.refresh_from_db()
    kept.refresh_from_db()
    stopped.refresh_from_db()
    assert (release.status, release.request.status) == ("void", "approved")
    assert (stopped.state, kept.state) == (UnitState.QUARANTINED, UnitState.RESERVED)
    assert [line.unit_id for line in release.request.lines.filter(removed_at__isnull=True)] == [kept.pk]
    anew = evaluated_release(release.request)
    assert [each.unit_id for each in anew.units.all()] == [kept.pk]


def test_what_was_handed_over_is_listed_in_a_notice_to_its_site():
    shipment = shipped()
    unit = shipment.items.get().unit

    withdrawn(consent_of(unit), at=NOON + hours(3))

    unit.refresh_from_db()
    notice = ConsigneeNotice.objects.get()
    assert unit.state == UnitState.SHIPPED
    assert (notice.site, notice.kind) == (shipment.to_site, "consent_withdrawal")
    assert [(each.unit_id, each.state) for each in notice.items.all()] == [(unit.pk, "shipped")]
    assert last_of("notice.opened")["new"]["alert"] == "medical_director"


def test_what_the_site_has_received_is_listed_too_and_traced_both_ways():
    shipment = received()
    consent = consent_of(shipment.items.get().unit)

    withdrawn(consent, at=NOON + hours(30))

    assert NoticeItem.objects.get().state == "received"
    gone = [each for each in trace_donor(consent.donor_id) if each.site]
    assert [(each.site, each.protocol, each.recipient) for each in gone] == [("CLINIC-1", "LIVER-1", "PATIENT-7")]
    assert gone == trace_protocol("LIVER-1")
    assert gone[0].shipment == shipment.reference


def test_an_identity_erased_while_a_unit_is_out_leaves_the_trace_the_withdrawal_and_the_notice():
    consent = given_consent(registered_donor(identity=ANNA))
    shipment = shipped(available_unit(consent=consent, segment=True))
    officer = person(Role.IDENTITY_OFFICER)
    erasure = Erasure(donor=consent.donor, reason="Lawful request 7/2026")

    erase_identity(erasure, credentials=credentials(officer), by=officer, at=NOON + hours(2))
    withdrawn(consent, at=NOON + hours(3))

    assert NoticeItem.objects.get().unit_id == shipment.items.get().unit_id
    assert [each.shipment for each in trace_donor(consent.donor_id) if each.site] == [shipment.reference]


def test_a_unit_that_never_left_opens_no_notice():
    unit = available_unit()

    withdrawn(consent_of(unit), at=NOON)

    assert not ConsigneeNotice.objects.exists()


@pytest.mark.parametrize(
    ("until", "stage", "state"),
    [
        (WithdrawalStage.RESERVATION, "reserved", UnitState.RESERVED),
        (WithdrawalStage.RESERVATION, "available", UnitState.QUARANTINED),
        (WithdrawalStage.RELEASE, "issued", UnitState.RELEASED),
        (WithdrawalStage.RELEASE, "signed once", UnitState.QUARANTINED),
        (WithdrawalStage.PICK, "packed", UnitState.RELEASED),
        (WithdrawalStage.PICK, "issued", UnitState.QUARANTINED),
    ],
)
def test_a_unit_past_the_stage_its_form_names_is_left_to_the_medical_director_but_held(until, stage, state):
    form = form_in_force(form_facts("CF-EARLY", withdrawal_until=until))
    consent = given_consent(form=form)
    unit = stages()[stage](available_unit(consent=consent, segment=True))

    withdrawn(consent, at=NOON + hours(3))

    unit.refresh_from_db()
    past = state in {UnitState.RESERVED, UnitState.RELEASED}
    assert unit.state == state
    assert len(open_holds_on([unit.pk])[unit.pk]) == 1
    assert NoticeItem.objects.filter(unit=unit).exists() is past


def test_a_withdrawal_that_widens_to_all_places_no_second_hold():
    consent = consent_of(available_unit())
    withdrawn(consent, scope=WithdrawalScope.FUTURE_USE, at=NOON)

    withdrawn(consent, at=NOON + hours(1))

    assert Hold.objects.count() == 1


def test_one_withdrawal_reaches_every_unit_of_the_donor():
    consent = given_consent()
    reserved, free = available_units_of(consent)
    submitted_request(reserved)
    before = head_number()

    withdrawn(consent, at=NOON)

    for unit in (reserved, free):
        unit.refresh_from_db()
        assert unit.state == UnitState.QUARANTINED
    assert kinds_since(before).count("acceptance.withdrawn") == 2
    assert kinds_since(before).count("hold.placed") == 1


def test_an_accepted_laboratory_unit_is_stopped_too():
    consent = given_consent()
    unit = available_unit(Use.LABORATORY, consent=consent)

    withdrawn(consent, at=NOON)

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED


def test_a_donor_without_units_withdraws_with_a_hold_for_whatever_comes():
    donor = consented_donor()

    withdrawn(donor.consents.get(), at=NOON)

    assert Hold.objects.get().donor_id == donor.pk
