"""What becomes of a release on arrival: accepted, refused, sent back, and received again at the bank."""

from datetime import datetime
from decimal import Decimal
from functools import partial

import pytest

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from consent.domain.form import WithdrawalStage
from inventory.domain.container import NotPlaceable
from inventory.domain.disposition import DispositionRefused
from inventory.domain.shipment import ShipmentRefused
from inventory.domain.unit import IllegalTransition, UnitState, Use
from inventory.models.receipt import Receipt
from inventory.models.release import Release
from inventory.models.unit import Unit
from inventory.queries.placement import free_positions
from inventory.services.acceptance import accept_units
from inventory.services.approval import approve_request
from inventory.services.delivery import AsReceived, Delivery, receive_at_site, receive_return, return_unit
from inventory.services.pick import pick_unit
from inventory.services.placement import PutAway, put_away
from inventory.services.release import evaluate_release
from inventory.services.request import request_units
from inventory.services.withdrawal import past_their_stage
from tests.factories.journey import NEXT_DAY, receiver, second_bank
from tests.factories.person import credentials, default_site, person, staff
from tests.factories.protocol import clinic
from tests.factories.release import (
    COLD,
    inside,
    received,
    scans_of,
    shipped,
    sign,
)
from tests.factories.request import coordinator, wanted
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit, box, received_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, partial(available_unit, segment=True), shipped, received)


@pytest.mark.parametrize("never_left", [received_unit, available_unit])
def test_what_never_left_the_bank_cannot_come_back(never_left):
    unit, by, to = never_left(), staff(Role.STORAGE_TECHNICIAN), default_site()

    with nothing_changes(), pytest.raises(IllegalTransition, match="returned to bank"):
        receive_return(unit, to=to, opened=False, warmest_celsius=COLD, findings={}, by=by, at=NOON)


def deliver(shipment, *accepted, reason="Seal broken", warmest=COLD):
    items = {
        unit.pk: AsReceived(accepted=unit in accepted, reason="" if unit in accepted else reason)
        for unit in inside(shipment)
    }
    return receive_at_site(shipment, Delivery(items=items, warmest_celsius=warmest), by=coordinator(), at=NEXT_DAY)


def take_back(unit, *, opened=False, warmest=COLD):
    return receive_return(
        unit,
        to=default_site(),
        opened=opened,
        warmest_celsius=warmest,
        findings={},
        by=staff(Role.STORAGE_TECHNICIAN),
        at=NOON + hours(48),
    )


def test_the_site_accepts_one_and_refuses_another():
    good, bad = available_unit(segment=True), available_unit(segment=True)
    shipment = shipped(good, bad)

    receipts = deliver(shipment, good)

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, good.holder) == (UnitState.RECEIVED, "CLINIC-1")
    assert (bad.state, bad.holder) == (UnitState.RETURNED, "CLINIC-1")
    assert sorted(each.decision for each in receipts) == ["accept", "reject"]


def test_the_site_states_every_unit_that_was_sent():
    one, two = available_unit(segment=True), available_unit(segment=True)
    shipment = shipped(one, two)
    delivery = Delivery(items={one.pk: AsReceived(accepted=True)}, warmest_celsius=COLD)

    with pytest.raises(ShipmentRefused, match=f"{two.code} was sent and did not come"):
        receive_at_site(shipment, delivery, by=coordinator(), at=NEXT_DAY)

    one.refresh_from_db()
    assert one.state == UnitState.SHIPPED
    assert not Receipt.objects.filter(shipment=shipment).exists()


def test_a_release_is_received_by_people_of_its_own_study_site_alone():
    shipment = shipped()
    unit, elsewhere = inside(shipment)[0], person(Role.COORDINATOR, site=clinic("CLINIC-2"))
    delivery = Delivery(items={unit.pk: AsReceived(accepted=True)}, warmest_celsius=COLD)

    for by in (elsewhere, staff(Role.STORAGE_TECHNICIAN)):
        with nothing_changes(), pytest.raises(ShipmentRefused, match="is received by people of CLINIC-1") as refused:
            receive_at_site(shipment, delivery, by=by, at=NEXT_DAY)
        assert [each.code for each in refused.value.reasons] == ["other-site"]
    deliver(shipment, unit)

    assert inside(shipment)[0].state == UnitState.RECEIVED


def test_what_came_back_is_received_at_the_bank_by_people_of_the_site_where_it_is():
    unit, there = inside(received())[0], receiver(second_bank())
    return_unit(unit, reason="Patient unfit", occurred_at=NEXT_DAY, by=coordinator(), at=NEXT_DAY)
    back = {"opened": False, "warmest_celsius": COLD, "findings": {}, "at": NOON + hours(48)}

    for to, by, why in (
        (default_site(), coordinator(), "somebody of CLINIC-1"),
        (default_site(), there, "somebody of BANK-2"),
        (clinic(), coordinator(), "no site of the bank"),
    ):
        with nothing_changes(), pytest.raises(DispositionRefused, match=why):
            receive_return(unit, to=to, by=by, **back)
    receive_return(unit, to=second_bank(), by=there, **back)

    unit.refresh_from_db()
    assert (unit.state, unit.holder) == (UnitState.QUARANTINED, "BANK-2")


def test_a_refusal_on_arrival_says_why():
    shipment = shipped()

    with pytest.raises(ShipmentRefused, match="Say why"):
        deliver(shipment, reason=" ")

    assert inside(shipment)[0].state == UnitState.SHIPPED


def test_a_shipment_is_received_once():
    shipment = received()

    with pytest.raises(ShipmentRefused, match="received already"):
        deliver(shipment)


def test_a_returned_unit_that_stayed_shut_is_quarantined_and_must_be_accepted_anew():
    [unit] = inside(received())

    return_unit(unit, reason="Patient unfit", occurred_at=NEXT_DAY, by=coordinator(), at=NEXT_DAY)
    receive_return(
        unit,
        to=default_site(),
        opened=False,
        warmest_celsius=COLD,
        findings={"seal": "intact"},
        by=staff(Role.STORAGE_TECHNICIAN),
        at=NOON + hours(48),
    )

    unit.refresh_from_db()
    assert (unit.state, unit.holder, unit.use) == (UnitState.QUARANTINED, "BANK-1", "")
    assert not unit.acceptances.filter(withdrawn_at__isnull=True).exists()
    assert unit.dispositions.get().kind == "returned"


def sent_again(unit: Unit, at: datetime) -> Release:
    """Release a unit that came back anew, up to the pick."""
    quality = staff(Role.QUALITY_REVIEWER)
    request = request_units(wanted(unit), by=coordinator(), at=at)
    approve_request(request, owner=quality, credentials=credentials(quality), by=quality, at=at)
    release = evaluate_release(request, by=quality, at=at)
    sign(release, at=at)
    sign(release, Meaning.RELEASED, at=at)
    release.refresh_from_db()
    return release


def test_what_came_back_is_put_away_accepted_anew_and_released_again() -> None:
    [unit], later = inside(received()), NOON + hours(49)
    quality, storage = staff(Role.QUALITY_REVIEWER), staff(Role.STORAGE_TECHNICIAN)
    return_unit(unit, reason="Patient unfit", occurred_at=NEXT_DAY, by=coordinator(), at=NEXT_DAY)
    take_back(unit)

    place = PutAway(free_positions([box()], 1)[0].pk, unit_id=unit.pk)
    put_away([place], reason="came back", by=storage, at=later)
    accept_units([unit.pk], Use.HUMAN_APPLICATION, credentials=credentials(quality), by=quality, at=later)
    release = sent_again(unit, later)

    assert past_their_stage(WithdrawalStage.PICK, [unit.pk]) == set()
    assert pick_unit(release, unit, scans=scans_of(unit), by=storage, at=later).release == release
    assert past_their_stage(WithdrawalStage.PICK, [unit.pk]) == {unit.pk}
    with pytest.raises(NotPlaceable, match=f"picked for {release.reference}"):
        put_away([place], reason="never mind", by=storage, at=later)


@pytest.mark.parametrize(
    ("opened", "warmest", "why"),
    [(True, COLD, "opened: discard it"), (False, Decimal(25), "stayed frozen"), (False, None, "stayed frozen")],
)
def test_a_returned_unit_that_was_opened_or_warm_on_its_way_is_never_stored_again(opened, warmest, why):
    [unit] = inside(received())
    return_unit(unit, reason="Patient unfit", occurred_at=NEXT_DAY, by=coordinator(), at=NEXT_DAY)

    with pytest.raises(DispositionRefused, match=why):
        take_back(unit, opened=opened, warmest=warmest)

    unit.refresh_from_db()
    assert unit.state == UnitState.RETURNED


@pytest.mark.parametrize("warmest", [Decimal(25), Decimal("-149.9"), None, Decimal("NaN"), Decimal("1e9")])
def test_a_frozen_unit_that_is_not_known_to_have_stayed_cold_is_not_accepted(warmest):
    shipment = shipped()
    unit = inside(shipment)[0]

    with pytest.raises(ShipmentRefused, match=r"cannot be accepted|a number from"):
        deliver(shipment, unit, warmest=warmest)

    unit.refresh_from_db()
    shipment.refresh_from_db()
    assert (unit.state, shipment.received_at) == (UnitState.SHIPPED, None)


@pytest.mark.parametrize("warmest", [Decimal(25), None])
def test_what_was_refused_because_it_was_warm_counts_as_thawed_and_is_never_stored_again(warmest):
    shipment = shipped()
    unit = inside(shipment)[0]

    deliver(shipment, reason="Arrived warm", warmest=warmest)

    unit.refresh_from_db()
    assert (unit.state, unit.thawed) == (UnitState.RETURNED, True)
    with pytest.raises(DispositionRefused, match="discard it"):
        take_back(unit)


def test_what_was_refused_cold_was_not_thawed():
    shipment = shipped()

    deliver(shipment, reason="Wrong recipient")

    assert not inside(shipment)[0].thawed


def test_what_never_left_does_not_come_back():
    unit = available_unit(segment=True)

    with pytest.raises(IllegalTransition):
        return_unit(unit, reason="?", occurred_at=NOON, by=coordinator(), at=NOON)

    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE
