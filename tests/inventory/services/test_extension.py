"""Extending what a lot or a unit was assigned: by quality's signature over new evidence, and in no other way."""

from datetime import date
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.domain.signature import SignatureRefused
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.assay import Subject
from inventory.domain.expiry import Expiry, ExpiryBasis
from inventory.domain.extension import Document, ExtensionRefused
from inventory.domain.lot import RecordOnTheLot
from inventory.models.extension import ExpiryExtension
from inventory.models.lot import Lot
from inventory.models.unit import Unit
from inventory.services.correction import Correction, correct_result
from inventory.services.extension import NewExtension, extend_expiry
from inventory.services.result import NewResult, verify_results
from tests.factories.lot import available_lot, vials_of
from tests.factories.person import credentials, staff
from tests.factories.time import NOON, days, hours
from tests.factories.trail import last_of
from tests.factories.unit import available_unit
from tests.factories.untouched import nothing_changes
from tests.inventory.services.test_guard_retest import measured

pytestmark = pytest.mark.django_db
DUE = Expiry(ExpiryBasis.RETEST_DUE, NOON + days(30))
BEGINS_WITH = (available_unit, partial(available_lot, expiry=DUE))
LATER = NOON + days(1)
UNTIL = NOON + days(1800)
PAPER = Document("Stability programme, year 5", date(2026, 3, 14), "a" * 64)


def lot_due():
    return available_lot(expiry=DUE)


def unit_due():
    unit = available_unit()
    Unit.objects.filter(pk=unit.pk).update(expires_at=NOON + days(30), expiry_basis="stability_data")
    return Unit.objects.get(pk=unit.pk)


def extended(thing, *, result=None, until=UNTIL, document=None, by=None, at=LATER):
    signer = by or staff(Role.QUALITY_REVIEWER)
    new = NewExtension(until, "retested", result_id=result.pk if result else None, document=document)
    return extend_expiry(thing, new, credentials=credentials(signer), by=signer, at=at)


@pytest.mark.parametrize("make", [lot_due, unit_due])
def test_a_new_result_extends_by_signature(make):
    thing = make()
    before = thing.expires_at
    result = measured(thing)

    done = extended(thing, result=result)

    thing.refresh_from_db()
    entry = last_of("expiry.extended")
    assert thing.expires_at == UNTIL
    assert (done.expired_at, done.expires_at, done.result) == (before, UNTIL, result)
    assert thing.code in done.signature.content
    assert entry["new"]["content_sha256"] == done.signature.content_sha256
    assert entry["new"]["result"] == result.pk


def test_a_document_extends_by_signature():
    lot = lot_due()
    newer = Document(PAPER.name, date(2026, 3, 15), PAPER.sha256)

    done = extended(lot, document=newer, at=NOON + days(2))

    assert (done.document_sha256, Lot.objects.get().expires_at) == (newer.sha256, UNTIL)


def test_a_result_extends_once():
    lot = lot_due()
    result = measured(lot)
    extended(lot, result=result)

    with pytest.raises(ExtensionRefused, match="known when"), nothing_changes():
        extended(Lot.objects.get(), result=result, until=UNTIL + hours(1))


def test_what_was_known_at_the_last_extension_extends_nothing():
    lot = lot_due()
    old, new = measured(lot, at=NOON), measured(lot, assay="cd73_positive_percent", value="98.00")
    extended(lot, result=new)

    with pytest.raises(ExtensionRefused, match="known when"), nothing_changes():
        extended(Lot.objects.get(), result=old, until=UNTIL + hours(1))


def test_never_later_than_policy_allows():
    lot = lot_due()
    result = measured(lot)

    with pytest.raises(ExtensionRefused, match="By policy"), nothing_changes():
        extended(lot, result=result, until=NOON.replace(year=NOON.year + 5) + days(1))


def corrected(result, **otherwise):
    value = NewResult(result.assay, Subject.LOT, lot=result.lot, value="93.0", **otherwise)
    made = correct_result(Correction(result.pk, value, "misread"), by=staff(Role.LAB_TECHNICIAN), at=LATER)
    verify_results([made.pk], by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=LATER)
    return made


def test_a_specimen_that_turns_out_to_be_old_shows_nothing_new():
    lot = lot_due()
    result = corrected(measured(lot), specimen_at=NOON - days(1500))

    with pytest.raises(ExtensionRefused) as refused, nothing_changes():
        extended(lot, result=result)
    assert [each.code for each in refused.value.reasons] == ["old-evidence", "policy"]


def test_another_lots_result_and_one_that_waits_extend_nothing():
    lot, other = lot_due(), lot_due()
    result = measured(other)

    with pytest.raises(ExtensionRefused, match="something else"), nothing_changes():
        extended(lot, result=result)
    with pytest.raises(ExtensionRefused, match="one result or one document"), nothing_changes():
        extended(lot)


def test_a_vial_expires_with_its_lot():
    lot = lot_due()

    with pytest.raises(RecordOnTheLot), nothing_changes():
        extended(vials_of(lot)[0], document=PAPER)


def test_what_has_left_for_good_is_not_extended():
    lot = lot_due()
    result = measured(lot)
    Unit.objects.filter(lot=lot).update(state="quarantined", use="")
    Unit.objects.filter(lot=lot).update(state="discarded")

    with pytest.raises(ExtensionRefused, match="in the bank"), nothing_changes():
        extended(lot, result=result)


def test_a_technician_extends_nothing():
    lot = lot_due()
    result = measured(lot)

    with pytest.raises(SignatureRefused), nothing_changes(leaving=("signature.refused",)):
        extended(lot, result=result, by=staff(Role.LAB_TECHNICIAN))
    assert not ExpiryExtension.objects.exists()


def moved_by_sql(thing, **columns):
    try:
        with transaction.atomic():
            type(thing).objects.filter(pk=thing.pk).update(**columns)
    except DatabaseError as error:
        if "only by a signed extension" not in str(error):
            raise
        return False
    return True


@pytest.mark.parametrize("make", [lot_due, unit_due])
def test_the_database_itself_moves_no_expiry_later(make):
    thing = make()

    assert not moved_by_sql(thing, expires_at=UNTIL)
    assert not moved_by_sql(thing, expires_at=None, expiry_basis="not_assigned")
    assert moved_by_sql(thing, expires_at=NOON)


def test_the_database_itself_rewrites_no_extension():
    lot = lot_due()
    done = extended(lot, result=measured(lot))

    with pytest.raises(DatabaseError), transaction.atomic():
        ExpiryExtension.objects.filter(pk=done.pk).update(expires_at=UNTIL + days(1))


def longer_by_sql(done, **columns):
    """Write an extension beside another one, on the evidence named; say whether the database took it."""
    row = ExpiryExtension.objects.get(pk=done.pk)
    for name, value in {"pk": None, "reference": "EXT-MORE", "result": None, **columns}.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except DatabaseError as error:
        if "no longer than policy lets" not in str(error):
            raise
        return False
    return True


# Evidence of 14 March 2026 carries until that day in 2031.
LAST_DAY = NOON.replace(year=NOON.year + 5)
IN_PAPER = {"document": PAPER.name, "document_date": PAPER.dated, "document_sha256": PAPER.sha256}


def test_the_database_itself_extends_no_longer_than_evidence_carries():
    lot = lot_due()
    old = extended(lot, result=measured(lot))
    result = corrected(measured(lot, at=NOON + hours(2), assay="cd73_positive_percent", value="98.00"))

    assert not longer_by_sql(old, **IN_PAPER, expires_at=LAST_DAY + days(1))
    assert not longer_by_sql(old, result=result, expires_at=LAST_DAY + days(1))
    assert longer_by_sql(old, result=result, expires_at=LAST_DAY)


def test_canary_without_the_guards_an_extension_is_longer_than_its_evidence_carries():
    lot = lot_due()
    old = extended(lot, result=measured(lot))
    drop_guards(connection)

    taken = longer_by_sql(old, **IN_PAPER, expires_at=LAST_DAY + days(1))

    install_guards(connection)
    assert taken


@pytest.mark.parametrize("make", [lot_due, unit_due])
def test_canary_without_the_guards_an_expiry_moves_later_by_a_statement(make):
    thing = make()
    drop_guards(connection)

    moved = moved_by_sql(thing, expires_at=UNTIL)

    install_guards(connection)
    assert moved
