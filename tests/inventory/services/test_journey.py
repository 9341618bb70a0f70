"""Transfers and samples on their way to a laboratory."""

from dataclasses import replace
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from biobank.domain.role import Role
from inventory.domain.assay import Subject
from inventory.domain.container import NotPlaceable
from inventory.domain.processing import ProcessingRefused
from inventory.domain.receipt import Condition
from inventory.domain.reservation import AlreadyReserved
from inventory.domain.sample import SampleState
from inventory.domain.shipment import ShipmentKind, ShipmentRefused, Shipper
from inventory.domain.unit import UnitState
from inventory.models.hold import Hold
from inventory.models.placement import Placement
from inventory.models.receipt import Receipt
from inventory.models.reservation import Reservation
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import ShipmentItem
from inventory.models.unit import Unit
from inventory.queries.fold import fold_findings
from inventory.queries.placement import free_positions, places_of
from inventory.queries.shipment import laboratory_of
from inventory.services.journey import NewShipment, pack_shipment, unpack_shipment
from inventory.services.placement import PutAway, put_away
from inventory.services.processing import process_units
from inventory.services.receipt import Arrival, receive_shipment
from inventory.services.result import NewResult, record_results
from inventory.services.sample import end_samples
from tests.factories.journey import (
    NEXT_DAY,
    device,
    hand_over,
    laboratory,
    packed_transfer,
    receive,
    second_bank,
    transfer_of,
    transferred,
)
from tests.factories.person import default_site, staff
from tests.factories.release import packed_shipment
from tests.factories.request import submitted_request
from tests.factories.time import NOON
from tests.factories.unit import available_unit, available_units, box, frozen_unit, new_processing
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, frozen_unit, partial(available_units, 2))
FINE = Condition()


def storage():
    return staff(Role.STORAGE_TECHNICIAN)


def samples_to_laboratory(*samples, **otherwise):
    device("LOG-9")
    usual = NewShipment(
        kind=ShipmentKind.TESTING,
        from_site=default_site(),
        to_site=laboratory(),
        sample_ids=tuple(sample.pk for sample in samples),
        shipper_code="BOX-5",
        logger_code="LOG-9",
        seal_code="SEAL-5",
        courier="Courier",
    )
    return pack_shipment(replace(usual, **otherwise), by=storage(), at=NOON)


def loose(unit):
    return unit.donation.samples.filter(attached=False, state="stored").order_by("pk")


def test_a_transfer_takes_what_is_inside_from_its_position_to_the_other_site():
    unit = available_unit()

    shipment = transferred(unit, papers=False)

    unit.refresh_from_db()
    assert (unit.state, unit.holder, places_of([unit.pk])) == (UnitState.AVAILABLE, shipment.reference, {})
    assert set(unit.samples.filter(attached=True).values_list("holder", flat=True)) == {shipment.reference}
    receive(shipment, unit)
    unit.refresh_from_db()
    assert (unit.state, unit.holder) == (UnitState.AVAILABLE, "BANK-2")
    assert set(unit.samples.filter(attached=True).values_list("holder", flat=True)) == {"BANK-2"}
    assert ShipmentItem.objects.get(shipment=shipment).outcome == "received"
    assert not Hold.objects.filter(kind="receipt", lifted_at__isnull=True).exists()
    assert list(fold_findings()) == []


def test_one_unit_is_not_in_two_boxes():
    unit = available_unit()
    first = packed_transfer(unit)

    with pytest.raises(ShipmentRefused, match=f"is packed in {first.reference}"), nothing_changes():
        packed_transfer(unit)


@pytest.mark.parametrize("column", ["unit", "sample"])
def test_the_index_has_the_last_word_on_what_is_in_two_boxes(column):
    unit = available_unit()
    things = {"unit": unit, "sample": loose(unit)[0]}
    first, second = map(packed_transfer, available_units(2))
    ShipmentItem.objects.create(shipment=first, **{column: things[column]})

    with pytest.raises(IntegrityError), transaction.atomic():
        ShipmentItem.objects.create(shipment=second, **{column: things[column]})


@pytest.mark.parametrize("leave", [False, True])
def test_nothing_inside_is_reserved_processed_or_moved(leave):
    unit = available_unit(segment=True)
    place = free_positions([box()], 3)[2]
    shipment = transferred(unit, papers=False) if leave else packed_transfer(unit)
    unit.refresh_from_db()

    with pytest.raises(AlreadyReserved, match=f"is in {shipment.reference}"):
        submitted_request(unit)
    with pytest.raises(ProcessingRefused, match=f"is packed in {shipment.reference}"), nothing_changes():
        process_units([new_processing(unit)], by=staff(Role.LAB_TECHNICIAN), at=NOON)
    with pytest.raises(NotPlaceable, match=f"is packed in {shipment.reference}"), nothing_changes():
        put_away([PutAway(place.pk, unit_id=unit.pk)], reason="back", by=storage(), at=NOON)
    assert not Reservation.objects.exists()


def test_the_database_itself_refuses_to_reserve_or_place_what_travels():
    unit = available_unit(segment=True)
    request = submitted_request(available_unit(segment=True))
    place = free_positions([box()], 3)[2]
    transferred(unit, papers=False)

    with pytest.raises(IntegrityError, match="not reserved"), transaction.atomic():
        Reservation.objects.create(unit=unit, request=request, reserved_at=NOON, until=NEXT_DAY)
    with pytest.raises(IntegrityError, match="What travels has no position"), transaction.atomic():
        Placement.objects.create(unit=unit, position=place, placed_at=NOON, placed_by=storage())


def test_what_was_packed_and_not_handed_over_can_be_taken_out_again():
    unit = available_unit()
    shipment = packed_transfer(unit)

    unpack_shipment(shipment, because="courier did not come", by=storage(), at=NOON)

    with pytest.raises(ShipmentRefused, match="Nothing is left inside"), nothing_changes():
        hand_over(shipment)
    again = packed_transfer(unit)
    hand_over(again)
    with pytest.raises(ShipmentRefused, match="handed over already"), nothing_changes():
        unpack_shipment(again, because="too late", by=storage(), at=NOON)


def test_a_release_is_handed_over_and_received_past_its_own_steps_only():
    shipment = packed_shipment()

    with pytest.raises(ShipmentRefused, match="past its gates"), nothing_changes():
        hand_over(shipment)
    with pytest.raises(ShipmentRefused, match="another way"), nothing_changes():
        receive_shipment(shipment, Arrival(), by=storage(), at=NEXT_DAY)


def test_samples_go_to_a_laboratory_which_has_them_until_they_are_used_up():
    unit = frozen_unit()
    serum = loose(unit)[0]
    shipment = samples_to_laboratory(serum)
    hand_over(shipment)
    serum.refresh_from_db()
    assert serum.holder == shipment.reference

    arrival = Arrival(samples={serum.pk: Condition(note="clear")})
    receive_shipment(shipment, arrival, by=storage(), at=NEXT_DAY)
    end_samples([serum.pk], SampleState.CONSUMED, reason="used up by tests", by=storage(), at=NEXT_DAY)

    serum.refresh_from_db()
    assert (serum.holder, serum.state) == ("LAB-1", "consumed")
    assert laboratory_of([serum.pk]) == {serum.pk: "LAB-1"}
    assert Receipt.objects.get(sample=serum).findings["note"] == "clear"
    assert not Hold.objects.exists()
    assert list(fold_findings()) == []


def test_a_result_of_a_sample_that_was_sent_names_that_laboratory():
    unit = frozen_unit()
    tube = loose(unit)[0]
    shipment = samples_to_laboratory(tube)
    hand_over(shipment)
    receive_shipment(shipment, Arrival(samples={tube.pk: FINE}), by=storage(), at=NEXT_DAY)
    of_tube = NewResult("hla_identity", Subject.UNIT, unit=unit, sample=tube, value="confirmed")
    own = NewResult("tnc", Subject.UNIT, unit=unit, value="1100000000")

    results = record_results([of_tube, own], by=staff(Role.LAB_TECHNICIAN), at=NEXT_DAY)

    assert [each.laboratory for each in results][:2] == ["LAB-1", ""]


def test_a_sample_that_came_warm_is_held_and_no_other():
    first, second = loose(frozen_unit())[0], loose(frozen_unit())[0]
    shipment = samples_to_laboratory(first, second)
    hand_over(shipment)

    arrival = Arrival(samples={first.pk: FINE, second.pk: Condition(temperature_kept=False)})
    receive_shipment(shipment, arrival, by=storage(), at=NEXT_DAY)

    assert [hold.sample for hold in Hold.objects.all()] == [second]


def test_an_attached_segment_goes_nowhere_without_its_bag():
    unit = frozen_unit()
    segment = ReferenceSample.objects.filter(unit=unit, attached=True)[0]
    device("LOG-9"), laboratory()

    with pytest.raises(ShipmentRefused, match=f"attached to {unit.code}"), nothing_changes():
        samples_to_laboratory(segment)


@pytest.mark.parametrize(
    ("otherwise", "match"),
    [
        ({"shipper": Shipper.BOX}, "travels in a dry shipper"),
        ({"unit_ids": (0,)}, "does not exist"),
        ({"unit_ids": ()}, "holds something"),
        ({"seal_code": ""}, "by which seal"),
        ({"kind": ShipmentKind.RELEASE}, "has a release"),
        ({"kind": ShipmentKind.COLLECTION}, "does not go from a bank"),
    ],
)
def test_nothing_is_packed_that_the_table_does_not_allow(otherwise, match):
    new = transfer_of(available_unit(), **otherwise)

    with pytest.raises(ShipmentRefused, match=match), nothing_changes():
        pack_shipment(new, by=storage(), at=NOON)


def test_a_transfer_goes_from_where_the_unit_is():
    unit = available_unit()
    new = transfer_of(unit, from_site=second_bank(), to_site=default_site())

    with pytest.raises(ShipmentRefused, match="is at BANK-1, not here"), nothing_changes():
        pack_shipment(new, by=storage(), at=NOON)

    assert Unit.objects.get(pk=unit.pk).holder == "BANK-1"
