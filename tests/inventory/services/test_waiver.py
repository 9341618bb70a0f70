"""Exceptional and urgent release: what each may leave open, what it needs, and every way around that is refused."""

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.duty import DutyKind
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.release import ReleaseKind
from inventory.domain.shipment import ShipmentRefused
from inventory.domain.unit import UnitState
from inventory.domain.waiver import Statement, WaiverRefused
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.reservation import Reservation
from inventory.queries.duty import open_duties
from inventory.queries.waiver import conditions_of
from inventory.services.hold import NewHold, place_holds
from inventory.services.pick import pick_unit
from inventory.services.release import evaluate_release, revoke_release
from inventory.services.request import cancel_request, request_units, submit_request
from inventory.services.shipment import hand_over_release, pack_release
from inventory.services.waiver import Acknowledgement, acknowledge_condition, request_by_exception
from inventory.services.waiver import state_benefit_and_risk as state
from tests.factories.person import person, staff
from tests.factories.protocol import protocol_in_force
from tests.factories.release import evaluated_release, issued_release, packing, scans_of, sign, units_of
from tests.factories.request import approved_request, coordinator, wanted
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import available_unit, frozen_unit
from tests.factories.untouched import nothing_changes
from tests.factories.waiver import (
    WEIGHED,
    acknowledge,
    approved,
    grounds,
    issued,
    requested,
    undetermined_unit,
    weak_unit,
)

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit, weak_unit, approved_request)
URGENT = ReleaseKind.URGENT


def test_a_unit_out_of_quarantine_is_reserved_only_by_exception() -> None:
    unit = weak_unit()

    with nothing_changes(leaving=("request.refused",)), pytest.raises(NotReleasable, match="it is quarantined"):
        request_units(wanted(unit), by=coordinator(), at=NOON)

    requested(unit)
    unit.refresh_from_db()
    assert (unit.state, unit.reserved_from) == (UnitState.RESERVED, UnitState.QUARANTINED)


def test_the_snapshot_names_each_criterion_left_open_and_the_grounds() -> None:
    release = evaluated_release(approved(weak_unit()))

    signed = json.loads(release.snapshot)
    [unit] = signed["units"]
    assert release.kind == signed["kind"] == "exceptional"
    assert [(each["gate"], each["criteria"]) for each in unit["waived"]] == [(3, ["pre_freeze:tnc_viability_percent"])]
    assert signed["waiver"]["physician"] == "Dr Treating"
    assert signed["waiver"]["benefit"] == WEIGHED.benefit
    assert conditions_of(release)[unit["unit"]][0].startswith("EXCEPTIONAL RELEASE: Viability of nucleated cells 78")


def test_a_cancelled_exception_sends_the_unit_back_to_quarantine() -> None:
    unit = weak_unit()
    request = requested(unit)

    cancel_request(request, reason="The patient died.", by=coordinator(), at=NOON + hours(1))

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED


def test_a_revoked_exception_sends_the_unit_back_to_quarantine() -> None:
    release = issued(weak_unit())

    revoke_release(release, reason="A better match was found.", by=staff(Role.MEDICAL_DIRECTOR), at=NOON + hours(1))

    assert [unit.state for unit in units_of(release)] == [UnitState.QUARANTINED]


@pytest.mark.parametrize("kind", [ReleaseKind.EXCEPTIONAL, URGENT])
def test_a_hold_is_never_waived(kind: ReleaseKind) -> None:
    unit = weak_unit()
    hold = NewHold(HoldKind.INVESTIGATION, "A doubt.", unit_id=unit.pk)
    place_holds([hold], by=staff(Role.LAB_TECHNICIAN), at=NOON)

    with nothing_changes(leaving=("request.refused",)), pytest.raises(NotReleasable, match="gate 6"):
        requested(unit, kind=kind)


def test_eligibility_is_waived_for_urgent_need_and_not_by_exception() -> None:
    unit = undetermined_unit()

    with nothing_changes(leaving=("request.refused",)), pytest.raises(NotReleasable, match="gate 2"):
        requested(unit)

    release = issued(unit, kind=URGENT)
    assert "NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in conditions_of(release)[unit.code]
    assert "WARNING: Advise patient of communicable disease risks" in conditions_of(release)[unit.code]


def test_urgent_need_owes_the_determination_and_the_physician_word_of_it() -> None:
    unit = undetermined_unit()

    release = issued(unit, kind=URGENT)

    owed = {(duty.kind, duty.subject) for duty in open_duties()}
    assert owed == {
        (DutyKind.COMPLETE_DETERMINATION, unit.donation.code),
        (DutyKind.INFORM_TREATING_PHYSICIAN, release.reference),
    }


def test_an_exception_owes_nothing_about_a_determined_donor() -> None:
    issued(weak_unit())

    assert not open_duties().exists()


def test_the_release_is_signed_by_the_director_who_weighed_it_and_nobody_else() -> None:
    release = evaluated_release(approved(weak_unit()))
    sign(release)

    others = (staff(Role.RELEASING_OFFICER), person(Role.MEDICAL_DIRECTOR, username="another-director"))

    for other in others:
        with nothing_changes(leaving=("release.evaluated",)), pytest.raises(NotReleasable, match="gate 9"):
            sign(release, Meaning.RELEASED, other)

    sign(release, Meaning.RELEASED, staff(Role.MEDICAL_DIRECTOR))
    release.refresh_from_db()
    assert release.status == "issued"


def test_without_benefit_and_risk_nobody_can_sign_as_released() -> None:
    bare = requested(weak_unit())

    with nothing_changes(), pytest.raises(WaiverRefused, match="not recorded"):
        state(bare, WEIGHED, by=staff(Role.RELEASING_OFFICER), at=NOON)
    with nothing_changes(), pytest.raises(WaiverRefused, match="not recorded"):
        state(bare, Statement(benefit="Much.", risk=" "), by=staff(Role.MEDICAL_DIRECTOR), at=NOON)


def test_stating_anew_makes_the_evaluation_void() -> None:
    request = approved(weak_unit())
    release = evaluated_release(request)
    sign(release)

    state(request, Statement(benefit="Less.", risk="More."), by=staff(Role.MEDICAL_DIRECTOR), at=NOON + hours(1))

    release.refresh_from_db()
    assert release.status == "void"


def test_who_made_the_request_does_not_weigh_it() -> None:
    director = staff(Role.MEDICAL_DIRECTOR)
    request = request_by_exception(wanted(weak_unit()), grounds(), by=director, at=NOON)

    with nothing_changes(), pytest.raises(WaiverRefused, match="does not weigh it"):
        state(request, WEIGHED, by=director, at=NOON)


def test_where_every_gate_passes_there_is_nothing_to_except() -> None:
    request = approved(available_unit(segment=True))

    with nothing_changes(), pytest.raises(WaiverRefused, match="nothing to except"):
        evaluate_release(request, by=staff(Role.QUALITY_REVIEWER), at=NOON)


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"kind": ReleaseKind.NORMAL}, "normal release"),
        ({"physician": ""}, "physician"),
        ({"physician_request_sha256": "C" * 64}, "SHA-256"),
        ({"deviation_known": " "}, "deviation_known"),
        ({"no_alternative": ""}, "no_alternative"),
    ],
)
def test_grounds_that_do_not_bear_an_exception_are_refused(otherwise: dict[str, Any], said: str) -> None:
    unit = weak_unit()
    protocol_in_force()

    with nothing_changes(), pytest.raises(WaiverRefused) as refusal:
        request_by_exception(wanted(unit), grounds(**otherwise), by=coordinator(), at=NOON)

    assert said in str(refusal.value) or said in {reason.field for reason in refusal.value.reasons}


def test_a_laboratory_study_and_a_nameless_recipient_have_no_exceptions() -> None:
    unit = weak_unit()
    protocol_in_force()
    laboratory = protocol_in_force(code="LAB-1", human_application=False, authorisation="", authorisation_from=None)

    for asked in (wanted(unit, protocol=laboratory), wanted(unit, recipient="")):
        with nothing_changes(), pytest.raises(WaiverRefused):
            request_by_exception(asked, grounds(), by=coordinator(), at=NOON)


def test_nothing_is_handed_over_before_the_site_acknowledged_the_condition() -> None:
    release = issued(weak_unit())
    storage = staff(Role.STORAGE_TECHNICIAN)
    [unit] = units_of(release)
    pick_unit(release, unit, scans=scans_of(unit), by=storage, at=NOON + hours(1))
    shipment = pack_release(release, packing(), by=storage, at=NOON + hours(1))

    with nothing_changes(), pytest.raises(ShipmentRefused, match="not acknowledged"):
        hand_over_release(shipment, to="Driver 4", by=storage, at=NOON + hours(2))

    acknowledge(release)
    number = head_number()
    hand_over_release(shipment, to="Driver 4", by=storage, at=NOON + hours(2))
    assert "unit.shipped" in kinds_since(number)


def test_the_site_acknowledges_once_after_the_signatures_and_only_an_exception() -> None:
    release, normal = issued(weak_unit()), issued_release()
    word = {"acknowledged_by": "Dr Site", "document_sha256": "d" * 64}
    early, late = (Acknowledgement(**word, occurred_at=NOON + hours(h)) for h in (-1, 2))

    for bad in (early, late):
        with nothing_changes(), pytest.raises(WaiverRefused, match="after the signatures"):
            acknowledge_condition(release, bad, by=coordinator(), at=NOON + hours(1))
    with nothing_changes(), pytest.raises(WaiverRefused, match="normal"):
        acknowledge_condition(normal, early, by=coordinator(), at=NOON + hours(1))
    acknowledge(release)
    with nothing_changes(), pytest.raises(WaiverRefused, match="already"):
        acknowledge(release)


def test_no_request_takes_a_unit_out_of_quarantine_without_grounds_that_bear_it() -> None:
    unit, by = weak_unit(), coordinator()
    new = wanted(unit)

    with nothing_changes(leaving=("request.refused",)), pytest.raises(NotReleasable, match="it is quarantined"):
        submit_request(new, by=by, at=NOON)
    with nothing_changes(), pytest.raises(WaiverRefused) as refused:
        submit_request(new, grounds=grounds(ReleaseKind.NORMAL, physician=""), by=by, at=NOON)

    assert {each.field for each in refused.value.reasons} == {"kind", "physician"}


def reservation_without_grounds(kind: str) -> Reservation:
    """Reserve, past the services, a unit in quarantine for a request of this kind that says no grounds."""
    unit, request = weak_unit(), approved_request()
    request.pk, request.kind, request.reference = None, kind, f"REQ-{kind}"
    request.save(force_insert=True)
    return Reservation.objects.create(unit=unit, request=request, reserved_at=NOON, until=NOON + hours(1))


@pytest.mark.parametrize("kind", ["normal", "exceptional", "urgent"])
def test_the_database_takes_no_unit_out_of_quarantine_without_grounds(kind: str) -> None:
    with pytest.raises(DatabaseError, match="whose grounds are written"), transaction.atomic():
        reservation_without_grounds(kind)


def test_canary_without_its_guard_a_kind_alone_opens_the_quarantine() -> None:
    drop_guards(connection)
    try:
        assert reservation_without_grounds("urgent").pk
    finally:
        install_guards(connection)


def test_the_database_takes_no_kind_without_its_grounds() -> None:
    release = evaluated_release(approved(weak_unit()))
    request = UnitRequest.objects.get(pk=release.request_id)

    with pytest.raises(DatabaseError), transaction.atomic():
        UnitRequest.objects.filter(pk=request.pk).update(kind="normal")
    with pytest.raises(DatabaseError), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(kind="urgent")
