"""What is said when a shipment comes: what is missing or otherwise, its seal and logger, and the doubts this raises."""

from decimal import Decimal
from functools import partial

import pytest

from biobank.domain.role import Role
from inventory.domain.receipt import Condition
from inventory.domain.shipment import ShipmentRefused
from inventory.models.hold import Hold
from inventory.models.receipt import Receipt
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.queries.fold import fold_findings
from inventory.services.arrival import Besides, LoggerFile
from inventory.services.disposition import Loss, lose_unit
from inventory.services.receipt import Arrival, receive_shipment
from tests.factories.journey import (
    NEXT_DAY,
    device,
    hand_over,
    packed_transfer,
    receive,
    receiver,
    second_bank,
    transferred,
)
from tests.factories.person import credentials, staff
from tests.factories.release import COLD
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit, available_units
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, partial(available_units, 3))
FINE = Condition()


def storage():
    return staff(Role.STORAGE_TECHNICIAN)


def held():
    return {hold.unit_id: hold.reason for hold in Hold.objects.filter(kind="receipt", lifted_at__isnull=True)}


def file_of(shipment, **otherwise):
    usual = {
        "content": b"1;-182.4",
        "logger_code": shipment.logger_code,
        "first_at": NOON,
        "last_at": NEXT_DAY,
        "coldest_celsius": Decimal(-190),
        "warmest_celsius": COLD,
    }
    return LoggerFile(**usual | otherwise)


def test_what_was_never_sent_is_not_received():
    sent, other, _ = available_units(3)
    packed = packed_transfer(sent)
    receiver(packed.to_site)

    with pytest.raises(ShipmentRefused, match="not on its way"), nothing_changes():
        receive(packed, sent)

    hand_over(packed)
    with pytest.raises(ShipmentRefused, match=f"{other.code} came and was not sent"), nothing_changes():
        receive(packed, sent, other)
    with pytest.raises(ShipmentRefused, match="does not exist"), nothing_changes():
        receive(packed, sent, missing_units=frozenset({0}))


def test_nothing_is_received_twice():
    unit = available_unit()
    shipment = transferred(unit, papers=False)
    receive(shipment, unit)

    with pytest.raises(ShipmentRefused, match="received already"), nothing_changes():
        receive(shipment, unit)


def test_silence_about_what_was_sent_refuses_the_receipt():
    one, two, _ = available_units(3)
    shipment = transferred(one, two, papers=False)
    receiver(shipment.to_site)

    with pytest.raises(ShipmentRefused, match=f"{two.code} was sent and did not come"), nothing_changes():
        receive(shipment, one)


def test_what_was_sent_to_one_site_of_the_bank_is_not_received_by_people_of_the_other():
    unit, there = available_unit(), receiver(second_bank())
    shipment, by = transferred(unit, papers=False), storage()
    arrival = Arrival(units={unit.pk: FINE}, besides=Besides(warmest_celsius=COLD))

    with pytest.raises(ShipmentRefused, match="people of BANK-2; this is somebody of BANK-1"), nothing_changes():
        receive_shipment(shipment, arrival, by=by, at=NEXT_DAY)
    receive_shipment(shipment, arrival, by=there, at=NEXT_DAY)

    unit.refresh_from_db()
    assert unit.holder == "BANK-2"


def test_each_difference_holds_exactly_the_things_concerned():
    (good, mislabelled, missing), extra = available_units(3), available_unit()
    shipment = transferred(good, mislabelled, missing, papers=False)
    arrival = Arrival(
        units={good.pk: FINE, mislabelled.pk: Condition(label_matches=False)},
        besides=Besides(
            missing_units=frozenset({missing.pk}), extra=(extra.code, "NOBODY-KNOWS"), warmest_celsius=COLD
        ),
    )

    receive_shipment(shipment, arrival, by=receiver(shipment.to_site), at=NEXT_DAY)

    assert set(held()) == {mislabelled.pk, missing.pk, extra.pk}
    assert "label" in held()[mislabelled.pk]
    assert "did not come" in held()[missing.pk]
    assert "was not sent" in held()[extra.pk]
    missing.refresh_from_db()
    extra.refresh_from_db()
    assert (missing.holder, extra.holder) == (shipment.reference, "BANK-1")
    assert dict(Receipt.objects.filter(shipment=shipment).values_list("unit_id", "decision")) == {
        good.pk: "accept",
        mislabelled.pk: "reject",
    }


@pytest.mark.parametrize(
    ("otherwise", "why"),
    [
        ({"seal_intact": False}, "seal of the shipment was broken"),
        ({"warmest_celsius": Decimal(-149)}, "the logger saw -149 °C"),
        ({"warmest_celsius": None}, "nothing shows that it stayed below"),
    ],
)
def test_a_broken_seal_or_a_warm_logger_holds_everything_inside_and_nothing_else(otherwise, why):
    one, two, elsewhere = available_units(3)
    shipment = transferred(one, two, papers=False)

    receive(shipment, one, two, **otherwise)

    assert set(held()) == {one.pk, two.pk}
    assert elsewhere.pk not in held()
    assert all(why in reason for reason in held().values())


def test_a_logger_whose_calibration_ended_on_the_way_proves_nothing():
    device("LOG-8", until=NOON + hours(5))
    unit = available_unit()
    shipment = transferred(unit, papers=False, logger_code="LOG-8")

    receive(shipment, unit)

    assert "LOG-8 has no calibration that covers all of it" in held()[unit.pk]


def test_what_was_missing_is_received_when_it_comes_or_lost_by_a_signature():
    came, late, lost = available_units(3)
    shipment, quality = transferred(came, late, lost, papers=False), staff(Role.QUALITY_REVIEWER)
    receive(shipment, came, missing_units=frozenset({late.pk, lost.pk}))

    with pytest.raises(ShipmentRefused, match="is packed in"), nothing_changes():
        packed_transfer(late)
    receive(shipment, late, missing_units=frozenset({lost.pk}), at=NEXT_DAY + hours(1))
    lose_unit(
        lost,
        Loss(reason="never came", occurred_at=NEXT_DAY, witness=staff(Role.STORAGE_TECHNICIAN)),
        credentials=credentials(quality),
        by=quality,
        at=NEXT_DAY + hours(2),
    )

    late.refresh_from_db()
    assert late.holder == "BANK-2"
    outcomes = dict(ShipmentItem.objects.filter(shipment=shipment).values_list("unit_id", "outcome"))
    assert outcomes == {came.pk: "received", late.pk: "received", lost.pk: "lost"}
    assert Shipment.objects.get(pk=shipment.pk).received_at == NEXT_DAY
    assert list(fold_findings()) == []


def test_the_loggers_own_file_says_how_warm_it_was():
    unit = available_unit()
    shipment = transferred(unit, papers=False)

    receive(shipment, unit, warmest_celsius=None, logger=file_of(shipment))

    shipment.refresh_from_db()
    assert (shipment.warmest_celsius, len(shipment.logger_file_sha256)) == (COLD, 64)
    assert held() == {}


@pytest.mark.parametrize(
    ("otherwise", "match"),
    [
        ({"logger_code": "LOG-1"}, "The file is of LOG-1"),
        ({"first_at": NOON + hours(2)}, "begins after the hand-over"),
        ({"last_at": NEXT_DAY - hours(1)}, "ends before the receipt"),
        ({"warmest_celsius": Decimal("NaN")}, "numbers from"),
    ],
)
def test_a_file_that_does_not_speak_of_this_journey_is_refused(otherwise, match):
    unit = available_unit()
    shipment = transferred(unit, papers=False)
    receiver(shipment.to_site)

    with pytest.raises(ShipmentRefused, match=match), nothing_changes():
        receive(shipment, unit, logger=file_of(shipment, **otherwise))


def test_the_file_of_another_shipment_is_refused():
    one, two, _ = available_units(3)
    first, second = transferred(one, papers=False), transferred(two, papers=False)
    receive(first, one, logger=file_of(first))

    with pytest.raises(ShipmentRefused, match=f"The file is that of {first.reference}"), nothing_changes():
        receive(second, two, logger=file_of(second))
