from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from biobank.domain.role import Role
from inventory.domain.batch import BatchKind, BatchNotUsable, BatchRefused
from inventory.domain.gs1 import Gs1Refused
from inventory.domain.processing import ProcessingRefused
from inventory.models.batch import Batch, BatchUse
from inventory.models.processing import Processing
from inventory.services.batch import NewBatch, inspect_batch, name_batches_of_collection, register_batch
from inventory.services.processing import process_units
from tests.factories.donation import COLLECTED_AT, registered_donation
from tests.factories.journey import batch
from tests.factories.person import LONG_AGO, default_site, staff
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import FROZEN_AT, new_processing, received_unit, working_bank
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, registered_donation)
CARTON = "]C101095200000000111727063010LOT-7\x1d21S9"


def new_batch(**otherwise):
    usual = NewBatch(
        kind=BatchKind.DMSO, manufacturer="Maker", catalogue_number="D-100", site=default_site(), carton=CARTON
    )
    return replace(usual, **otherwise)


def take_in(**otherwise):
    return register_batch(new_batch(**otherwise), by=staff(Role.LAB_TECHNICIAN), at=NOON)


def process(unit, *batches, **otherwise):
    new = new_processing(unit, batch_ids=tuple(each.pk for each in batches), **otherwise)
    return process_units([new], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)[0][0]


def test_a_carton_says_item_lot_expiry_and_serial_and_the_batch_waits_for_its_inspection():
    made = take_in()

    assert (made.gtin, made.lot_number, made.serial_number) == ("09520000000011", "LOT-7", "S9")
    assert (made.expires_on, made.state) == (date(2027, 6, 30), "quarantined")
    assert made.expires_at.isoformat() == "2027-07-01T00:00:00+02:00"
    assert last_of("batch.registered")["new"]["lot_number"] == "LOT-7"


@pytest.mark.parametrize(
    ("otherwise", "refusal", "match"),
    [
        ({"carton": "]C1010952000000001217270630"}, Gs1Refused, "check digit"),
        ({"lot_number": "LOT-8"}, BatchRefused, "The carton says LOT-7, and LOT-8"),
        ({"expires_on": date(2028, 1, 1)}, BatchRefused, "The carton says 2027-06-30"),
        ({"carton": "0109520000000011"}, BatchRefused, "lot number is missing"),
        ({"carton": "", "lot_number": "L"}, BatchRefused, "expiry is missing"),
        ({"carton": "", "lot_number": "L", "gtin": "123", "expires_on": date(2028, 1, 1)}, BatchRefused, "14 digits"),
    ],
)
def test_a_batch_is_not_taken_in_on_what_is_missing_or_contradicts_its_carton(otherwise, refusal, match):
    with pytest.raises(refusal, match=match), nothing_changes():
        take_in(**otherwise)


def test_one_lot_of_one_article_is_one_batch():
    first = take_in()

    with pytest.raises(BatchRefused, match=first.reference), nothing_changes():
        take_in()


def test_quality_releases_a_batch_once_and_never_who_took_it_in():
    made, quality = take_in(), staff(Role.QUALITY_REVIEWER)

    with pytest.raises(BatchRefused, match="Only quality"), nothing_changes():
        inspect_batch(made, released=True, by=staff(Role.LAB_TECHNICIAN), at=NOON)

    inspect_batch(made, released=True, by=quality, at=NOON)
    assert Batch.objects.get().state == "released"
    with pytest.raises(BatchRefused, match="released already"), nothing_changes():
        inspect_batch(made, released=False, note="late", by=quality, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.update(state="rejected")


def test_a_processing_names_its_batches_by_rows():
    unit, dmso, hes = received_unit(), batch("L-1"), batch("L-2", kind=BatchKind.HES)
    before = head_number()

    process(unit, dmso, hes, dmso)

    run = Processing.objects.get()
    assert [use.batch for use in run.batch_uses.order_by("batch_id")] == [dmso, hes]
    assert {use.used_at for use in run.batch_uses.all()} == {FROZEN_AT}
    assert run.batches == []
    assert "batch.used" in kinds_since(before)


FROZEN_ON = FROZEN_AT.date()


@pytest.mark.parametrize(
    ("described", "match"),
    [
        ({"expires_on": FROZEN_ON - timedelta(days=1)}, "expired at"),
        ({"released": False}, "was not released"),
    ],
)
def test_a_batch_that_expired_yesterday_or_was_never_released_is_refused(described, match):
    unit, spoiled, good = received_unit(), batch("L-1", **described), batch("L-2")

    with pytest.raises(ProcessingRefused, match=match), nothing_changes():
        process(unit, good, spoiled)


def test_the_very_instant_at_which_a_batch_expires_is_past():
    unit, ending = received_unit(), batch("L-1", expires_on=FROZEN_ON)
    until = ending.expires_at

    late = new_processing(unit, batch_ids=(ending.pk,), started_at=until, frozen_at=until)

    with pytest.raises(ProcessingRefused, match=f"{ending.reference} expired"), nothing_changes():
        process_units([late], by=staff(Role.LAB_TECHNICIAN), at=until)

    just_before = until - timedelta(seconds=1)
    new = new_processing(unit, batch_ids=(ending.pk,), started_at=just_before, frozen_at=just_before)
    process_units([new], by=staff(Role.LAB_TECHNICIAN), at=until)
    assert BatchUse.objects.get().used_at == just_before


def test_a_batch_that_does_not_exist_is_refused():
    new = new_processing(received_unit(), batch_ids=(0,))

    with pytest.raises(ProcessingRefused, match="does not exist"), nothing_changes():
        process_units([new], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)


def test_a_collection_names_its_batches_once_as_they_were_at_the_birth():
    donation, bags = registered_donation().donation, batch("BAG", kind=BatchKind.COLLECTION_BAG_SET)
    collector = staff(Role.COLLECTION_STAFF)

    name_batches_of_collection([donation], [bags.pk], by=collector, at=NOON)

    assert BatchUse.objects.get().used_at == COLLECTED_AT
    with pytest.raises(BatchNotUsable, match="already"), nothing_changes():
        name_batches_of_collection([donation], [bags.pk], by=collector, at=NOON)


@pytest.mark.parametrize("described", [{"expires_on": LONG_AGO.date()}, {"released": False}])
def test_the_database_itself_refuses_the_use_of_an_unfit_batch(described):
    spoiled, donation = batch("L-1", **described), registered_donation().donation

    with pytest.raises(IntegrityError, match="released and not expired"), transaction.atomic():
        BatchUse.objects.create(batch=spoiled, donation=donation, used_at=COLLECTED_AT)


def test_what_an_older_record_wrote_of_its_batches_stays_readable():
    process(received_unit())
    Processing.objects.update(batches=["BAGSET-4471 exp 06/19"])

    assert Processing.objects.get().batches == ["BAGSET-4471 exp 06/19"]
