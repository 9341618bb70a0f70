from decimal import Decimal

import pytest

from biobank.domain.role import Role
from biobank.domain.signature import Credentials
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.sample import SampleState
from inventory.domain.shipment import ShipmentRefused
from inventory.domain.unit import UnitState, Use
from inventory.models.hold import Hold
from inventory.models.receipt import Receipt
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.services.acceptance import accept_units
from inventory.services.collection import pack_collection
from inventory.services.disposition import Loss, lose_unit
from inventory.services.hold import lift_hold
from inventory.services.receipt import receive_collection
from inventory.services.sample import end_samples
from tests.factories.donation import REGISTERED_AT, collection_of, on_its_way, registered_donation, seen
from tests.factories.person import credentials, default_site, staff
from tests.factories.release import shipped
from tests.factories.specification import specifications_in_force
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import (
    ACCEPTED_AT,
    RECEIVED_AT,
    determined,
    frozen_unit,
    measured,
    received_unit,
    working_bank,
)
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, registered_donation)


def receive(shipment, found):
    return receive_collection(shipment, found, by=staff(Role.LAB_TECHNICIAN), at=RECEIVED_AT)


def signed(role=Role.QUALITY_REVIEWER) -> tuple[Credentials, object]:
    signer = staff(role)
    return credentials(signer), signer


def accept(unit, use):
    proof, quality = signed()
    return accept_units([unit.pk], use, credentials=proof, by=quality, at=ACCEPTED_AT)


def test_what_came_as_it_was_sent_is_accepted_into_quarantine_without_a_hold():
    registered = registered_donation()
    shipment, _ = on_its_way(registered), staff(Role.LAB_TECHNICIAN)
    before = head_number()

    receive(shipment, {registered.units[0].pk: seen(registered.units[0])})

    unit = Unit.objects.get()
    assert (unit.state, unit.holder) == (UnitState.QUARANTINED, default_site().code)
    assert Receipt.objects.get().decision == "accept"
    assert not Hold.objects.exists()
    assert set(ReferenceSample.objects.values_list("holder", flat=True)) == {default_site().code}
    assert kinds_since(before) == ["receipt.recorded", *["shipment.received"] * 4]


@pytest.mark.parametrize(
    ("otherwise", "decision", "reason", "holds"),
    [
        ({"volume_ml": Decimal(39)}, "accept_laboratory", "less than 40 mL", 0),
        ({"warmest_celsius": None}, "accept_laboratory", "not kept at", 0),
        ({"papers_present": False}, "accept_laboratory", "papers are missing", 1),
        ({"seal_intact": False}, "accept_laboratory", "the seal was broken", 1),
        ({"bag_intact": False}, "reject", "damaged", 1),
        ({"label_matches": False}, "reject", "not the one that was sent", 1),
        ({"hours_since_collection": Decimal(73)}, "reject", "more than 72 hours", 1),
    ],
)
def test_the_banks_criteria_decide_and_every_difference_places_a_hold(otherwise, decision, reason, holds):
    unit = received_unit(**otherwise)

    receipt = Receipt.objects.get()
    assert (receipt.decision, unit.state) == (decision, UnitState.QUARANTINED)
    assert reason in receipt.reason
    assert Hold.objects.filter(unit=unit, kind="receipt", lifted_at__isnull=True).count() == holds
    assert last_of("receipt.recorded")["new"]["decision"] == decision


@pytest.mark.parametrize("name", ["hours_since_collection", "coldest_celsius", "warmest_celsius", "volume_ml"])
@pytest.mark.parametrize("number", ["NaN", "sNaN", "-Infinity"])
def test_what_was_measured_at_receipt_is_a_number(name, number):
    registered = registered_donation()
    shipment = on_its_way(registered)
    found = {registered.units[0].pk: seen(registered.units[0], **{name: Decimal(number)})}
    by = staff(Role.LAB_TECHNICIAN)

    with nothing_changes(), pytest.raises(ShipmentRefused, match=f"{name.replace('_', ' ')} is a number"):
        receive_collection(shipment, found, by=by, at=NOON)


def test_each_of_a_box_is_decided_by_itself():
    good, warm, broken = (registered_donation() for _ in range(3))
    shipment = on_its_way(good, warm, broken)
    found = {
        good.units[0].pk: seen(good.units[0]),
        warm.units[0].pk: seen(warm.units[0], warmest_celsius=Decimal(26)),
        broken.units[0].pk: seen(broken.units[0], bag_intact=False),
    }

    receive(shipment, found)

    decisions = dict(Receipt.objects.values_list("unit_id", "decision"))
    assert list(decisions.values()) == ["accept", "accept_laboratory", "reject"]
    assert {hold.unit_id for hold in Hold.objects.all()} == {warm.units[0].pk, broken.units[0].pk}


def test_a_unit_sent_and_not_stated_refuses_the_whole_receipt():
    stated, missing = registered_donation(), registered_donation()
    shipment = on_its_way(stated, missing)

    with pytest.raises(ShipmentRefused, match=missing.units[0].code), nothing_changes():
        receive(shipment, {stated.units[0].pk: seen(stated.units[0])})


def test_a_unit_stated_and_not_sent_refuses_the_whole_receipt():
    sent, other = registered_donation(), registered_donation()
    shipment = on_its_way(sent)
    found = {each.units[0].pk: seen(each.units[0]) for each in (sent, other)}

    with pytest.raises(ShipmentRefused, match=other.units[0].code), nothing_changes():
        receive(shipment, found)


def test_a_unit_that_does_not_exist_refuses_the_whole_receipt():
    sent = registered_donation()
    shipment, unit = on_its_way(sent), sent.units[0]

    with pytest.raises(ShipmentRefused, match="does not exist"), nothing_changes():
        receive(shipment, {unit.pk: seen(unit), 0: seen(unit)})


def test_a_box_is_received_once():
    registered = registered_donation()
    shipment, found = on_its_way(registered), {registered.units[0].pk: seen(registered.units[0])}
    receive(shipment, found)

    with pytest.raises(ShipmentRefused, match="is not on its way"), nothing_changes():
        receive(shipment, found)


def test_a_box_that_nobody_handed_over_is_not_received():
    registered = registered_donation()
    shipment = pack_collection(collection_of(registered), by=staff(Role.COLLECTION_STAFF), at=REGISTERED_AT)

    with pytest.raises(ShipmentRefused, match="is not on its way"), nothing_changes():
        receive(shipment, {registered.units[0].pk: seen(registered.units[0])})


def test_a_release_is_not_received_by_the_bank_as_if_it_were_a_collection():
    shipment = shipped()
    unit = Unit.objects.get(state=UnitState.SHIPPED)

    with pytest.raises(ShipmentRefused, match="is no collection shipment"), nothing_changes():
        receive_collection(shipment, {unit.pk: seen(unit)}, by=staff(Role.LAB_TECHNICIAN), at=NOON)


def test_what_was_lost_on_the_way_does_not_keep_the_rest_from_being_received():
    came, lost = registered_donation(), registered_donation()
    shipment, (proof, quality) = on_its_way(came, lost), signed()
    end_samples(
        [lost.samples[0].pk], SampleState.LOST, reason="not in the box", by=staff(Role.LAB_TECHNICIAN), at=RECEIVED_AT
    )
    lose_unit(
        lost.units[0],
        Loss(reason="not in the box", occurred_at=RECEIVED_AT, witness=staff(Role.STORAGE_TECHNICIAN)),
        credentials=proof,
        by=quality,
        at=RECEIVED_AT,
    )

    receive(shipment, {came.units[0].pk: seen(came.units[0])})

    assert Unit.objects.get(pk=came.units[0].pk).state == UnitState.QUARANTINED
    assert Unit.objects.get(pk=lost.units[0].pk).state == UnitState.LOST
    assert ReferenceSample.objects.get(pk=lost.samples[0].pk).holder == shipment.reference


def unit_determined_after(**otherwise):
    """Return a unit with everything for acceptance, whose bag came to the bank like that."""
    specifications_in_force()
    return determined(measured(frozen_unit(**otherwise)))


def test_accepted_for_the_laboratory_at_receipt_means_never_human_application():
    unit = unit_determined_after(volume_ml=Decimal(39))

    with pytest.raises(NotAcceptable, match="use only ever goes down"), nothing_changes():
        accept(unit, Use.HUMAN_APPLICATION)

    accept(unit, Use.LABORATORY)
    unit.refresh_from_db()
    assert (unit.state, unit.use) == (UnitState.AVAILABLE, Use.LABORATORY)


@pytest.mark.parametrize("use", list(Use))
def test_what_was_rejected_at_receipt_is_accepted_for_no_use_even_when_its_hold_is_lifted(use):
    unit = unit_determined_after(bag_intact=False)
    lift_hold(Hold.objects.get(), reason="looked at it", by=staff(Role.QUALITY_REVIEWER), at=ACCEPTED_AT)

    with pytest.raises(NotAcceptable, match="was rejected at receipt"), nothing_changes():
        accept(unit, use)


def test_what_a_rejected_bag_was_made_into_stays_on_hold():
    unit = frozen_unit(bag_intact=False)

    assert Hold.objects.get(lifted_at__isnull=True).unit_id == unit.made_from.get().parent_id
