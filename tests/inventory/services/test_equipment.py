import pytest

from biobank.domain.role import Role
from inventory.domain.equipment import CheckKind, EquipmentKind, EquipmentRefused
from inventory.domain.processing import ProcessingRefused
from inventory.domain.shipment import ShipmentRefused
from inventory.models.equipment import EquipmentOutage, EquipmentUse
from inventory.services.collection import pack_collection
from inventory.services.equipment import (
    NewCheck,
    NewEquipment,
    record_check,
    register_equipment,
    return_to_service,
    take_out_of_service,
)
from inventory.services.processing import process_units
from tests.factories.donation import REGISTERED_AT, collection_of, registered_donation
from tests.factories.journey import device
from tests.factories.person import LONG_AGO, default_site, staff
from tests.factories.time import NOON, hours
from tests.factories.trail import last_of
from tests.factories.unit import FROZEN_AT, new_processing, received_unit, working_bank
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, registered_donation)
FREEZER = EquipmentKind.CONTROLLED_RATE_FREEZER


def process(unit, *devices):
    new = new_processing(unit, equipment_ids=tuple(each.pk for each in devices))
    return process_units([new], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)[0][0]


def stop(equipment, *, began_at):
    return take_out_of_service(
        equipment, reason="alarm", began_at=began_at, by=staff(Role.QUALITY_REVIEWER), at=FROZEN_AT
    )


def new_device(**otherwise):
    usual = {"code": "CRF-1", "kind": FREEZER, "manufacturer": "Maker", "serial_number": "77", "site": default_site()}
    return register_equipment(NewEquipment(**usual | otherwise), by=staff(Role.QUALITY_REVIEWER), at=LONG_AGO)


def test_a_device_is_registered_once_by_code_and_by_serial_number():
    new_device()

    assert last_of("equipment.registered")["new"]["serial_number"] == "77"
    for again, match in (({"serial_number": "78"}, "CRF-1 already"), ({"code": "CRF-2"}, "registered already")):
        with pytest.raises(EquipmentRefused, match=match), nothing_changes():
            new_device(**again)


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "certificate", "match"),
    [
        (NOON, NOON, "C", "ends after it begins"),
        (NOON + hours(1), NOON + hours(2), "C", "begins in the past"),
        (NOON, NOON + hours(1), " ", "certificate is missing"),
    ],
)
def test_a_check_has_a_certificate_and_times_in_order(valid_from, valid_until, certificate, match):
    made = new_device()
    new = NewCheck(kind=CheckKind.CALIBRATION, valid_from=valid_from, valid_until=valid_until, certificate=certificate)

    with pytest.raises(EquipmentRefused, match=match), nothing_changes():
        record_check(made, new, by=staff(Role.QUALITY_REVIEWER), at=NOON)


def test_a_processing_names_its_devices_by_rows():
    freezer = device("CRF-1", FREEZER)

    process(received_unit(), freezer)

    assert EquipmentUse.objects.get(processing__isnull=False).equipment == freezer


@pytest.mark.parametrize(
    "described", [{"checked": False}, {"until": FROZEN_AT - hours(1)}, {"until": FROZEN_AT - hours(500)}]
)
def test_a_device_that_is_not_calibrated_until_the_run_ends_is_refused(described):
    unit, freezer = received_unit(), device("CRF-1", FREEZER, **described)

    with pytest.raises(ProcessingRefused, match="CRF-1 has no calibration that covers"), nothing_changes():
        process(unit, freezer)


def test_a_device_out_of_service_is_refused_until_it_is_back():
    unit, freezer = received_unit(), device("CRF-1", FREEZER)
    stop(freezer, began_at=FROZEN_AT - hours(1))

    with pytest.raises(ProcessingRefused, match="CRF-1 was out of service"), nothing_changes():
        process(unit, freezer)

    with pytest.raises(EquipmentRefused, match="out of service already"), nothing_changes():
        stop(freezer, began_at=FROZEN_AT)
    return_to_service(freezer, reason="repaired", by=staff(Role.QUALITY_REVIEWER), at=FROZEN_AT + hours(1))
    assert EquipmentOutage.objects.get().until == FROZEN_AT + hours(1)
    with pytest.raises(EquipmentRefused, match="is in service"), nothing_changes():
        return_to_service(freezer, reason="again", by=staff(Role.QUALITY_REVIEWER), at=FROZEN_AT + hours(2))


def test_an_outage_is_not_told_ahead():
    freezer = device("CRF-1", FREEZER)

    with pytest.raises(EquipmentRefused, match="in the future"), nothing_changes():
        stop(freezer, began_at=FROZEN_AT + hours(1))


@pytest.mark.parametrize(
    ("described", "match"),
    [
        ({"checked": False}, "no calibration"),
        ({"until": REGISTERED_AT}, "no calibration"),
        ({"kind": EquipmentKind.BALANCE}, "is no logger"),
    ],
)
def test_no_box_travels_with_a_logger_that_is_unfit(described, match):
    registered = registered_donation()
    device("LOG-77", **described)
    new = collection_of(registered, logger_code="LOG-77")

    with pytest.raises(ShipmentRefused, match=match), nothing_changes():
        pack_collection(new, by=staff(Role.COLLECTION_STAFF), at=REGISTERED_AT)


def test_a_logger_that_nobody_registered_does_not_travel():
    new = collection_of(registered_donation(), logger_code="LOG-404")

    with pytest.raises(ShipmentRefused, match="LOG-404 is no logger of the bank"), nothing_changes():
        pack_collection(new, by=staff(Role.COLLECTION_STAFF), at=REGISTERED_AT)
