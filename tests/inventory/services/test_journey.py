"""Transfers and samples on their way to a laboratory."""

from dataclasses import replace
from decimal import Decimal

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
from inventory.models.shipment import Shipment, ShipmentItem, ShipmentPaper
from inventory.models.unit import Unit
from inventory.queries.fold import fold_findings
from inventory.queries.placement import free_positions, places_of
from inventory.queries.shipment import laboratory_of
from inventory.services.arrival import Besides, LoggerFile
from inventory.services.disposition import Loss, lose_unit
from inventory.services.journey import NewShipment, hand_over_shipment, pack_shipment, unpack_shipment
from inventory.services.paper import enclose_papers
from inventory.services.placement import PutAway, put_away
from inventory.services.processing import process_units
from inventory.services.receipt import Arrival, receive_shipment
from inventory.services.result import NewResult, record_results
from inventory.services.sample import end_samples
from tests.factories.journey import device, laboratory, packed_transfer, second_bank, transfer_of, transferred
from tests.factories.person import credentials, default_site
from tests.factories.release import packed_shipment
from tests.factories.request import submitted_request
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit, box, frozen_unit, new_processing, staff
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit,)
NEXT_DAY, COLD, FINE = NOON + hours(24), Decimal("-182.4"), Condition()


def storage():
    return staff(Role.STORAGE_TECHNICIAN)


def hand_over(shipment):
    return hand_over_shipment(shipment, to="Driver 5", by=storage(), at=NOON + hours(1))


def receive(shipment, *units, at=NEXT_DAY, **otherwise):
    besides = Besides(**{"warmest_celsius": COLD} | otherwise)
    arrival = Arrival(units={unit.pk: FINE for unit in units}, besides=besides)
    return receive_shipment(shipment, arrival, by=storage(), at=at)


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
    assert held() == {}
    assert list(fold_findings()) == []


def test_a_unit_in_quarantine_leaves_only_with_its_papers():
    unit = frozen_unit()
    shipment = packed_transfer(unit)

    with pytest.raises(ShipmentRefused, match="leaves only with its papers"), nothing_changes():
        hand_over(shipment)

    enclose_papers(shipment, by=storage(), at=NOON)
    paper = ShipmentPaper.objects.get()
    assert paper.statements[0] == f"Unit {unit.code}."
    assert paper.statements[1] == f"The donor is identified by the donation number {unit.donation.code}."
    assert "determination of the donor's eligibility has not been completed" in paper.statements[2]
    assert "must not be implanted" in paper.statements[3]
    hand_over(shipment)
    unit.refresh_from_db()
    assert unit.holder == shipment.reference


def test_the_database_itself_refuses_a_transfer_in_quarantine_without_papers():
    shipment = packed_transfer(frozen_unit())

    with pytest.raises(IntegrityError, match="only with its papers"), transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).update(handed_over_at=NOON)


def test_papers_that_are_no_longer_true_are_enclosed_anew():
    unit = frozen_unit()
    shipment = packed_transfer(unit)
    enclose_papers(shipment, by=storage(), at=NOON)
    Hold.objects.create(
        reference="HLD-1", kind="investigation", reason="odd colour", unit=unit, placed_by=storage(), placed_at=NOON
    )

    with pytest.raises(ShipmentRefused, match="no longer say what is true"), nothing_changes():
        hand_over(shipment)

    enclose_papers(shipment, by=storage(), at=NOON)
    assert "On hold: investigation (HLD-1)." in ShipmentPaper.objects.last().statements
    hand_over(shipment)


def test_there_are_no_papers_for_what_needs_none_and_none_after_the_hand_over():
    shipment = packed_transfer(available_unit())

    with pytest.raises(ShipmentRefused, match="Nothing in"), nothing_changes():
        enclose_papers(shipment, by=storage(), at=NOON)

    hand_over(shipment)
    with pytest.raises(ShipmentRefused, match="handed over already"), nothing_changes():
        enclose_papers(shipment, by=storage(), at=NOON)


def test_one_unit_is_not_in_two_boxes():
    unit = available_unit()
    first = packed_transfer(unit)

    with pytest.raises(ShipmentRefused, match=f"is packed in {first.reference}"), nothing_changes():
        packed_transfer(unit)


@pytest.mark.parametrize("column", ["unit", "sample"])
def test_the_index_has_the_last_word_on_what_is_in_two_boxes(column):
    unit = available_unit()
    things = {"unit": unit, "sample": loose(unit)[0]}
    first, second = packed_transfer(available_unit()), packed_transfer(available_unit())
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


def test_what_was_never_sent_is_not_received():
    sent, other = available_unit(), available_unit()
    packed = packed_transfer(sent)

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
    one, two = available_unit(), available_unit()
    shipment = transferred(one, two, papers=False)

    with pytest.raises(ShipmentRefused, match=f"{two.code} was sent and did not come"), nothing_changes():
        receive(shipment, one)


def test_each_difference_holds_exactly_the_things_concerned():
    good, mislabelled, missing, extra = (available_unit() for _ in range(4))
    shipment = transferred(good, mislabelled, missing, papers=False)
    arrival = Arrival(
        units={good.pk: FINE, mislabelled.pk: Condition(label_matches=False)},
        besides=Besides(
            missing_units=frozenset({missing.pk}), extra=(extra.code, "NOBODY-KNOWS"), warmest_celsius=COLD
        ),
    )

    receive_shipment(shipment, arrival, by=storage(), at=NEXT_DAY)

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
    one, two, elsewhere = available_unit(), available_unit(), available_unit()
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
    came, late, lost = (available_unit() for _ in range(3))
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

    with pytest.raises(ShipmentRefused, match=match), nothing_changes():
        receive(shipment, unit, logger=file_of(shipment, **otherwise))


def test_the_file_of_another_shipment_is_refused():
    one, two = available_unit(), available_unit()
    first, second = transferred(one, papers=False), transferred(two, papers=False)
    receive(first, one, logger=file_of(first))

    with pytest.raises(ShipmentRefused, match=f"The file is that of {first.reference}"), nothing_changes():
        receive(second, two, logger=file_of(second))


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
