"""The batch and device that were really used: what they touched follows, and what was not fit calls for a deviation."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.batch import BatchKind
from inventory.domain.correction import CorrectionRefused
from inventory.domain.equipment import EquipmentKind
from inventory.domain.unit import UnitState
from inventory.models.batch import BatchUse
from inventory.models.deviation import Deviation
from inventory.models.equipment import EquipmentUse
from inventory.queries.batch import touched_by_batch
from inventory.queries.correction_proof import correction_findings
from inventory.queries.equipment import touched_by_equipment
from inventory.services.batch import name_batches_of_collection
from inventory.services.batch_rejection import reject_released_batch
from inventory.services.processing import process_units
from tests.factories.correction import AT, confirmed, correction
from tests.factories.donation import COLLECTED_AT
from tests.factories.journey import batch, device
from tests.factories.person import staff
from tests.factories.release import inside, shipped
from tests.factories.time import NOON, hours
from tests.factories.unit import FROZEN_AT, available_unit, new_processing, received_unit, working_bank
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, available_unit)
PROCESSOR = EquipmentKind.CELL_PROCESSOR


def fresh(row):
    row.refresh_from_db()
    return row


def processed(dmso=None, device=None):
    """Return a unit made with this batch and on this device."""
    means = {"batch_ids": (dmso.pk,) if dmso else (), "equipment_ids": (device.pk,) if device else ()}
    new = new_processing(received_unit(), **means)
    return process_units([new], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)[0][0]


def codes(touched):
    return [each.code for each in touched]


def test_what_a_batch_touched_follows_the_batch_that_was_really_used():
    wrong, right = batch("L-1"), batch("L-2")
    unit, other = processed(wrong), processed(wrong)
    use = BatchUse.objects.get(processing__lineage__child=unit)

    made = correction("batch_use", use.pk, "batch", right.reference)

    assert (made.status, fresh(use).batch, made.deviation) == ("in_effect", right, None)
    assert unit.code in codes(touched_by_batch(right))
    assert unit.code not in codes(touched_by_batch(wrong))
    assert other.code in codes(touched_by_batch(wrong))
    assert not Deviation.objects.exists()
    assert list(correction_findings()) == []


def test_what_was_accepted_is_corrected_by_two_and_is_accepted_anew():
    unit, stays = available_unit(), available_unit()
    wrong, right = batch("L-1"), batch("L-2")
    name_batches_of_collection([unit.donation, stays.donation], [wrong.pk], by=staff(Role.LAB_TECHNICIAN), at=NOON)
    use = BatchUse.objects.get(donation=unit.donation)

    made = correction("batch_use", use.pk, "batch", right.reference)
    assert (made.rested, fresh(use).batch) == (["acceptance"], wrong)
    confirmed(made)

    assert (fresh(use).batch, fresh(unit).state) == (right, UnitState.QUARANTINED)
    assert fresh(stays).state == UnitState.AVAILABLE


@pytest.mark.parametrize("how", ["rejected", "expired", "never released"])
def test_a_batch_that_was_not_fit_opens_a_deviation_of_all_that_it_touched(how):
    wrong, other = batch("L-1"), processed()
    right = batch(
        "L-2", released=how != "never released", expires_on=date(2026, 2, 1) if how == "expired" else date(2030, 1, 1)
    )
    if how == "rejected":
        reject_released_batch(right, reason="recalled", by=staff(Role.QUALITY_REVIEWER), at=NOON)
    unit = processed(wrong)
    use = BatchUse.objects.get(processing__lineage__child=unit)

    made = correction("batch_use", use.pk, "batch", right.reference)

    opened = Deviation.objects.get()
    assert (made.deviation, opened.deviation_class, fresh(use).batch) == (opened, "major", right)
    assert {item.unit for item in opened.items.all()} == {unit}
    assert other not in {item.unit for item in opened.items.all()}
    assert f"{right.reference} {'expired' if how == 'expired' else 'was'}" in opened.what_happened
    assert made.reference in opened.what_happened


def test_a_device_that_was_not_calibrated_opens_a_deviation():
    wrong, right = device("SEP-1", PROCESSOR), device("SEP-2", PROCESSOR)
    unchecked = device("SEP-3", PROCESSOR, checked=False)
    unit, other = processed(device=wrong), processed(device=wrong)
    use = EquipmentUse.objects.get(processing__lineage__child=unit)

    made = correction("equipment_use", use.pk, "equipment", right.code)
    assert (made.deviation, fresh(use).equipment) == (None, right)
    made = correction("equipment_use", use.pk, "equipment", unchecked.code)

    assert "SEP-3 has no calibration that covers all of it." in made.deviation.what_happened
    assert codes(touched_by_equipment(unchecked)) == sorted([unit.made_from.get().parent.code, unit.code])
    assert other.code in codes(touched_by_equipment(wrong))


def test_the_logger_that_really_travelled_follows_its_code_and_what_left_with_an_unfit_one_is_a_deviation():
    shipment = shipped(available_unit(segment=True))
    right, unfit = device("LOG-7"), device("LOG-8", checked=False)
    device("DS-7", EquipmentKind.DRY_SHIPPER)
    use = EquipmentUse.objects.get(shipment=shipment, equipment__code="LOG-9")

    correction("shipment", shipment.pk, "logger_code", "LOG-7")
    assert (fresh(shipment).logger_code, fresh(use).equipment) == ("LOG-7", right)
    assert not Deviation.objects.exists()
    for value, match in (("LOG-404", "no logger of the bank"), ("DS-7", "no logger of the bank")):
        with pytest.raises(CorrectionRefused, match=match), nothing_changes():
            correction("shipment", shipment.pk, "logger_code", value)
    with pytest.raises(CorrectionRefused, match="follows the code"), nothing_changes():
        correction("equipment_use", use.pk, "equipment", "LOG-8")
    made = correction("shipment", shipment.pk, "logger_code", "LOG-8", at=NOON + hours(3))

    assert fresh(use).equipment == unfit
    assert set(made.deviation.items.filter(unit__isnull=False).values_list("unit", flat=True)) == {
        inside(shipment)[0].pk
    }
    assert made.deviation.items.filter(shipment=shipment).exists()
    assert list(correction_findings()) == []


def test_a_run_that_ended_later_used_its_batch_later_and_an_expiry_before_that_is_a_deviation():
    soon = batch("L-1", expires_on=FROZEN_AT.date())
    unit, other = processed(soon, device("SEP-1", PROCESSOR)), processed(batch("L-2"))
    run = unit.made_from.get().processing
    use, device_use = run.batch_uses.get(), run.equipment_uses.get()

    made = correction("processing", run.pk, "frozen_at", FROZEN_AT + hours(1))
    assert (made.deviation, fresh(use).used_at) == (None, FROZEN_AT + hours(1))
    made = correction("processing", run.pk, "frozen_at", FROZEN_AT + hours(30))

    assert (made.deviation, fresh(use).used_at) == (Deviation.objects.get(), FROZEN_AT + hours(30))
    assert f"{soon.reference} expired at" in made.deviation.what_happened
    assert {item.unit for item in made.deviation.items.all()} == {unit}
    made = correction("processing", run.pk, "started_at", FROZEN_AT - hours(1))
    assert (made.deviation, fresh(device_use).used_from) == (None, FROZEN_AT - hours(1))
    assert other.made_from.get().processing.batch_uses.get().used_at == FROZEN_AT


def test_a_later_birth_used_its_bag_later():
    unit, bag = processed(), batch("L-1", kind=BatchKind.COLLECTION_BAG_SET)
    name_batches_of_collection([unit.donation], [bag.pk], by=staff(Role.LAB_TECHNICIAN), at=NOON)

    confirmed(correction("donation", unit.donation_id, "collected_at", COLLECTED_AT + hours(1)))

    assert BatchUse.objects.get().used_at == COLLECTED_AT + hours(1)


def test_what_cannot_have_been_used_is_refused_and_nothing_changes():
    first, second = batch("L-1"), batch("L-2", kind=BatchKind.HES)
    new = new_processing(received_unit(), batch_ids=(first.pk, second.pk))
    process_units([new], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)
    use = BatchUse.objects.get(batch=first)

    for value, match in (
        ("BAT-NONE", "no batch BAT-NONE"),
        (second.reference, "named there already"),
        (first.reference, "is that already"),
        ("", "missing"),
    ):
        with pytest.raises(CorrectionRefused, match=match), nothing_changes():
            correction("batch_use", use.pk, "batch", value)


def test_what_was_used_changes_only_by_the_correction_that_says_so():
    dmso, processor = batch("L-1"), device("SEP-1", PROCESSOR)
    other, another = batch("L-2"), device("SEP-2", PROCESSOR)
    unit, twin = processed(dmso, processor), processed()
    mine = BatchUse.objects.filter(processing__lineage__child=unit)
    devices = EquipmentUse.objects.filter(processing__lineage__child=unit)
    steps = unit.made_from.all()
    statements = (
        lambda: mine.update(batch=other),
        lambda: mine.update(used_at=AT),
        lambda: mine.update(processing=twin.made_from.get().processing),
        lambda: devices.update(equipment=another),
        lambda: devices.update(used_from=AT),
        lambda: steps.update(taken_ml=Decimal("0.01")),
        lambda: steps.update(taken_g=Decimal("0.01")),
        lambda: steps.update(parent=twin),
    )

    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()

    drop_guards(connection)
    try:
        for statement in statements:
            with transaction.atomic():
                assert statement()
                transaction.set_rollback(True)
    finally:
        install_guards(connection)
