"""A day of journeys: samples to the laboratory, a bag in quarantine to the other site, and what all of it touched."""

from datetime import timedelta
from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.equipment import EquipmentKind
from inventory.domain.receipt import Condition
from inventory.domain.sample import SampleState
from inventory.domain.shipment import ShipmentKind, ShipmentRefused
from inventory.models.equipment import Equipment
from inventory.models.hold import Hold
from inventory.models.shipment import ShipmentPaper
from inventory.models.unit import Unit
from inventory.queries.batch import touched_by_batch
from inventory.queries.equipment import touched_by_equipment
from inventory.queries.fold import fold_findings
from inventory.queries.journey import touches_of
from inventory.services.arrival import Besides, LoggerFile
from inventory.services.batch import name_batches_of_collection
from inventory.services.hold import lift_hold
from inventory.services.journey import NewShipment, hand_over_shipment, pack_shipment
from inventory.services.paper import enclose_papers
from inventory.services.placement import PutAway, put_away
from inventory.services.processing import process_units
from inventory.services.receipt import Arrival, receive_shipment
from inventory.services.sample import end_samples
from tests.factories.donation import registered_donation
from tests.factories.journey import batch, device, laboratory, receiver, second_bank, transfer_of
from tests.factories.person import default_site, staff
from tests.factories.time import NOON, hours
from tests.factories.unit import FROZEN_AT, box, new_processing, put_in_box, received_unit

pytestmark = pytest.mark.django_db
EVENING, NEXT_DAY = NOON + hours(6), NOON + hours(24)


def processed(batches, devices):
    """Return a bag frozen with these, and in the box; its birth names the bag set."""
    registered = registered_donation()
    bag_set = batch("BAGSET")
    name_batches_of_collection([registered.donation], [bag_set.pk], by=staff(Role.COLLECTION_STAFF), at=NOON)
    new = new_processing(
        received_unit(registered),
        batch_ids=tuple(each.pk for each in batches),
        equipment_ids=tuple(each.pk for each in devices),
    )
    unit = process_units([new], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)[0][0]
    put_in_box(unit)
    return unit, bag_set


def samples_go_to_the_laboratory(unit):
    """Send a DNA tube; the laboratory uses it up."""
    storage, tube = staff(Role.STORAGE_TECHNICIAN), unit.samples.get(role="dna")
    new = NewShipment(
        kind=ShipmentKind.TESTING,
        from_site=default_site(),
        to_site=laboratory(),
        sample_ids=(tube.pk,),
        shipper_code="BOX-5",
        logger_code="LOG-1",
        seal_code="SEAL-5",
        courier="Courier",
    )
    shipment = pack_shipment(new, by=storage, at=NOON)
    hand_over_shipment(shipment, to="Driver 1", by=storage, at=NOON)
    receive_shipment(shipment, Arrival(samples={tube.pk: Condition(note="clear")}), by=storage, at=EVENING)
    end_samples([tube.pk], SampleState.CONSUMED, reason="used up by tests", by=storage, at=EVENING)
    tube.refresh_from_db()
    assert (tube.holder, tube.state) == ("LAB-1", "consumed")


def the_bag_goes_to_the_other_site(unit):
    """Transfer the quarantined bag with its papers; its logger says that it warmed up on the way."""
    storage = staff(Role.STORAGE_TECHNICIAN)
    shipment = pack_shipment(transfer_of(unit), by=storage, at=NOON)
    with pytest.raises(ShipmentRefused, match="leaves only with its papers"):
        hand_over_shipment(shipment, to="Driver 2", by=storage, at=NOON)
    enclose_papers(shipment, by=storage, at=NOON)
    hand_over_shipment(shipment, to="Driver 2", by=storage, at=NOON)
    file = LoggerFile(
        content=b"12:00;-188.0\n15:00;-140.2\n",
        logger_code="LOG-9",
        first_at=NOON - timedelta(minutes=5),
        last_at=NEXT_DAY,
        coldest_celsius=Decimal("-188.0"),
        warmest_celsius=Decimal("-140.2"),
    )
    arrival = Arrival(units={unit.pk: Condition()}, besides=Besides(logger=file))
    receive_shipment(shipment, arrival, by=receiver(second_bank()), at=NEXT_DAY)
    return shipment


def test_a_day_of_journeys(django_assert_num_queries):
    dmso, freezer = batch("DMSO-1"), device("CRF-1", EquipmentKind.CONTROLLED_RATE_FREEZER)
    unit, bag_set = processed([dmso], [freezer])
    other, _ = received_unit(), box("B2-BOX", at=second_bank())

    samples_go_to_the_laboratory(unit)
    shipment = the_bag_goes_to_the_other_site(unit)

    # The bag stands at the other site, in doubt until quality has looked at it; its papers said what was not known.
    unit.refresh_from_db()
    assert (unit.holder, unit.state) == ("BANK-2", "quarantined")
    assert "has not been completed" in " ".join(ShipmentPaper.objects.get(unit=unit).statements)
    doubt = Hold.objects.get(lifted_at__isnull=True)
    assert (doubt.kind, doubt.unit) == ("receipt", unit)
    assert "-140.2" in doubt.reason
    lift_hold(doubt, reason="seconds only; stays quarantined", by=staff(Role.QUALITY_REVIEWER), at=NEXT_DAY)
    place = box("B2-BOX").positions.order_by("pk")[0]
    moved = [PutAway(place.pk, unit_id=unit.pk)]
    put_away(moved, reason="put away", by=staff(Role.STORAGE_TECHNICIAN), at=NEXT_DAY)

    # Whatever a batch or a device touched is found with where it is now, and the other way round.
    parent = Unit.objects.get(made__child=unit)
    logger = Equipment.objects.get(code="LOG-9")
    with django_assert_num_queries(3):
        touched = touched_by_batch(dmso)
    assert {(each.code, each.place, each.holder) for each in touched} == {
        (parent.code, "", "BANK-1"),
        (unit.code, place.code, "BANK-2"),
    }
    assert {each.code for each in touched_by_batch(bag_set)} == {parent.code, unit.code}
    assert {each.code for each in touched_by_equipment(freezer)} == {parent.code, unit.code}
    assert [each.code for each in touched_by_equipment(logger)] == [unit.code]
    assert other.code not in {each.code for each in touched}
    with django_assert_num_queries(3):
        touches = touches_of([unit.pk])
    assert {each.what for each in touches} == {bag_set.reference, dmso.reference, "CRF-1", "LOG-9", "LOG-1", "DS-1"}
    assert shipment.reference in {each.used_in for each in touches}
    assert list(fold_findings()) == []
