"""A batch that is rejected after its release: used no more, and everything that it touched stopped and listed."""

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.batch import BatchKind, BatchNotUsable, BatchRefused
from inventory.domain.deviation import Disposition
from inventory.domain.finding import Gate
from inventory.domain.gate import evaluate
from inventory.domain.processing import ProcessingRefused
from inventory.domain.verdict import Outcome
from inventory.models.batch import Batch, BatchUse
from inventory.models.deviation import Deviation
from inventory.models.duty import Duty
from inventory.models.notice import ConsigneeNotice
from inventory.models.unit import Unit
from inventory.queries.batch import touched_by_batch
from inventory.queries.gate import gate_facts
from inventory.services.batch import inspect_batch, name_batches_of_collection
from inventory.services.batch_rejection import reject_released_batch
from inventory.services.deviation import Closing, close_deviation
from inventory.services.processing import process_units
from tests.factories.journey import batch
from tests.factories.person import credentials, staff
from tests.factories.release import shipped
from tests.factories.time import NOON, days
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import FROZEN_AT, available_unit, new_processing, received_unit, working_bank
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, available_unit)
WHY = "The maker recalls the lot: bags leak at the port."
LATER = NOON + days(4)


def bags_of(*units: Unit) -> Batch:
    """Return a released batch of collection bags with which these units were collected."""
    bags, by = batch("BAGS", kind=BatchKind.COLLECTION_BAG_SET), staff(Role.COLLECTION_STAFF)
    name_batches_of_collection([unit.donation for unit in units], [bags.pk], by=by, at=NOON)
    return bags


def rejected(made: Batch) -> Deviation | None:
    return reject_released_batch(made, reason=WHY, by=staff(Role.QUALITY_REVIEWER), at=LATER)


def quality_of(unit: Unit) -> str:
    """Return what gate 3 says of a unit against it, if anything."""
    findings = evaluate(gate_facts([unit], None, at=LATER)[unit.pk], LATER)
    return next(each.reason for each in findings if each.gate is Gate.QUALITY and each.outcome is Outcome.FAIL)


def test_everything_that_a_rejected_batch_touched_is_listed_and_stopped_wherever_it_is() -> None:
    unit, gone, other = available_unit(), available_unit(segment=True), available_unit()
    bags = bags_of(unit, gone)
    shipped(gone)
    before = head_number()

    deviation = rejected(bags)

    assert deviation is not None
    assert (deviation.deviation_class, WHY in deviation.what_happened) == ("major", True)
    named = {item.unit.code for item in deviation.items.select_related("unit") if item.unit}
    assert named == {each.code for each in touched_by_batch(bags) if each.state != "consumed"}
    assert {unit.code, gone.code} <= named
    assert other.code not in named
    assert deviation.reference in quality_of(unit)
    assert Duty.objects.filter(kind="report_deviation", subject=deviation.reference).exists()
    assert {"batch.rejected", "deviation.opened"} <= set(kinds_since(before))


def test_the_deviation_is_closed_unit_by_unit_and_recalls_what_had_left() -> None:
    unit, gone = available_unit(), available_unit(segment=True)
    bags, director = bags_of(unit, gone), staff(Role.MEDICAL_DIRECTOR)
    shipped(gone)
    deviation = rejected(bags)
    assert deviation is not None

    said = Disposition("discard", (unit.code, gone.code), "The port may have leaked.")
    closing = Closing("All bags of the lot were collected with this port.", (said,))
    close_deviation(deviation, closing, credentials=credentials(director), by=director, at=LATER)

    unit.refresh_from_db()
    assert unit.state == "quarantined"
    assert ConsigneeNotice.objects.get().kind == "recall"


def test_a_rejected_batch_is_named_as_used_no_more() -> None:
    spoiled, unit = batch("L-1"), received_unit()
    rejected(spoiled)
    new = new_processing(unit, batch_ids=(spoiled.pk,))
    lab, donation = staff(Role.LAB_TECHNICIAN), unit.donation

    with nothing_changes(), pytest.raises(ProcessingRefused, match=f"{spoiled.reference} was rejected"):
        process_units([new], by=lab, at=FROZEN_AT)
    with nothing_changes(), pytest.raises(BatchNotUsable, match=f"{spoiled.reference} was rejected"):
        name_batches_of_collection([donation], [spoiled.pk], by=lab, at=NOON)
    with pytest.raises(DatabaseError, match="released and not expired"), transaction.atomic():
        BatchUse.objects.create(batch=spoiled, donation=donation, used_at=NOON)


def test_a_batch_that_touched_nothing_is_rejected_without_a_deviation() -> None:
    spoiled = batch("L-1")

    assert rejected(spoiled) is None
    assert (Batch.objects.get().state, Batch.objects.get().note) == ("rejected", WHY)


def test_quality_rejects_with_a_reason_and_once_what_was_released() -> None:
    good, waiting = batch("L-1"), batch("L-2", released=False)
    quality, lab = staff(Role.QUALITY_REVIEWER), staff(Role.LAB_TECHNICIAN)

    for made, reason, by, code in (
        (good, " ", quality, "missing"),
        (good, WHY, lab, "not-quality"),
        (waiting, WHY, quality, "uninspected"),
    ):
        with nothing_changes(), pytest.raises(BatchRefused) as refused:
            reject_released_batch(made, reason=reason, by=by, at=LATER)
        assert [each.code for each in refused.value.reasons] == [code]
    rejected(good)
    with nothing_changes(), pytest.raises(BatchRefused, match="rejected already"):
        rejected(good)
    with nothing_changes(), pytest.raises(BatchRefused, match="rejected already"):
        inspect_batch(good, released=True, by=quality, at=LATER)


# What nobody may write of a batch that was released, and is rejected now: how it comes back, or is told otherwise.
REWRITTEN = ({"state": "released"}, {"note": "fine after all"}, {"inspected_at": LATER}, {"lot_number": "L-9"})


@pytest.mark.parametrize("otherwise", REWRITTEN)
def test_the_database_takes_back_no_rejection(otherwise: dict[str, object]) -> None:
    spoiled = batch("L-1")
    rejected(spoiled)

    with pytest.raises(DatabaseError), transaction.atomic():
        Batch.objects.filter(pk=spoiled.pk).update(**otherwise)


def test_the_database_rejects_no_batch_without_the_reason() -> None:
    good = Batch.objects.filter(pk=batch("L-1").pk)

    with pytest.raises(DatabaseError, match="rejection with the reason"), transaction.atomic():
        good.update(state="rejected")
    with pytest.raises(DatabaseError, match="rejection with the reason"), transaction.atomic():
        good.update(note="told later")


def test_canary_without_its_guards_a_rejected_batch_comes_back() -> None:
    spoiled = batch("L-1")
    rejected(spoiled)

    drop_guards(connection)
    try:
        assert Batch.objects.filter(pk=spoiled.pk).update(state="released", note="") == 1
    finally:
        install_guards(connection)
