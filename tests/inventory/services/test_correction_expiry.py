"""What expires by policy expires anew once the times that it followed from are corrected: a unit, or a whole lot."""

from decimal import Decimal

import pytest
from django.db import connection

from biobank.domain.ledger import written_time
from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.expiry import Expiry, ExpiryBasis
from inventory.domain.unit import UnitKind
from inventory.models.processing import Processing
from inventory.services.processing import Child, process_units
from tests.factories.correction import AT, confirmed, correction
from tests.factories.donation import COLLECTED_AT
from tests.factories.lot import available_lot, made_lot, vials_of
from tests.factories.person import staff
from tests.factories.time import NOON, days, hours
from tests.factories.trail import last_of
from tests.factories.unit import FROZEN_AT, frozen_unit, new_processing, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank,)


def fresh(row):
    row.refresh_from_db()
    return row


def test_an_expiry_that_followed_from_the_fact_follows_it_again():
    unit = frozen_unit()
    run = Processing.objects.get(lineage__child=unit)
    policy = {"product_class": "msc", "expiry_basis": "retest_due", "expires_at": FROZEN_AT.replace(year=2031)}
    with_guards_aside(lambda: type(unit).objects.filter(pk=unit.pk).update(**policy))

    correction("processing", run.pk, "frozen_at", FROZEN_AT + hours(1))

    assert fresh(unit).expires_at == (FROZEN_AT + hours(1)).replace(year=2031)
    assert last_of("expiry.assigned")["old"]["basis"] == "retest_due"


def test_the_expiry_of_a_lot_follows_the_times_of_its_run_and_its_acceptance_opens_again():
    lot, untouched = available_lot(), made_lot()
    assert (lot.expiry_basis, lot.expires_at) == ("retest_due", FROZEN_AT.replace(year=FROZEN_AT.year + 5))

    made = correction("processing", lot.processing_id, "frozen_at", FROZEN_AT - hours(1))
    assert (made.status, fresh(lot).expires_at) == ("proposed", FROZEN_AT.replace(year=FROZEN_AT.year + 5))
    confirmed(made)

    earlier = (FROZEN_AT - hours(1)).replace(year=FROZEN_AT.year + 5)
    assert fresh(lot).expires_at == earlier
    assert fresh(untouched).expires_at != earlier
    assert {vial.state for vial in vials_of(lot)} == {"quarantined"}
    entry = last_of("expiry.assigned")
    assert entry["new"] == {"basis": "retest_due", "expires_at": written_time(earlier)}
    assert LedgerEntry.objects.filter(kind="expiry.assigned", links__code=lot.code).count() == 1


def test_the_expiry_of_a_lot_that_somebody_decided_stays():
    decided = NOON + days(1000)
    lot = made_lot(expiry=Expiry(ExpiryBasis.STABILITY_DATA, decided))

    correction("processing", lot.processing_id, "frozen_at", FROZEN_AT - hours(1))

    assert fresh(lot).expires_at == decided


def test_what_was_divided_in_the_cold_expires_by_the_run_that_froze_it():
    unit = frozen_unit()
    run = unit.made_from.get().processing
    policy = {"product_class": "msc", "expiry_basis": "retest_due", "expires_at": FROZEN_AT.replace(year=2031)}
    with_guards_aside(lambda: type(unit).objects.filter(pk=unit.pk).update(**policy))
    part = Child("S9002VC0", UnitKind.CRYOBAG, taken_ml=Decimal(1), volume_ml=Decimal(1))
    plain = {"children": (part,), "stays_frozen": True, "frozen_at": None, "lives_on": True, "started_at": AT}
    [[divided]] = process_units([new_processing(fresh(unit), **plain)], by=staff(Role.LAB_TECHNICIAN), at=AT)
    assert divided.expires_at == FROZEN_AT.replace(year=2031)

    correction("processing", run.pk, "frozen_at", FROZEN_AT - hours(1))

    assert fresh(divided).expires_at == (FROZEN_AT - hours(1)).replace(year=2031) == fresh(unit).expires_at


def test_an_expiry_that_somebody_decided_stays():
    unit = frozen_unit()
    run = Processing.objects.get(lineage__child=unit)
    decided = NOON + days(1000)
    type(unit).objects.filter(pk=unit.pk).update(expiry_basis="stability_data", expires_at=decided)

    correction("processing", run.pk, "frozen_at", FROZEN_AT + hours(1))

    assert fresh(unit).expires_at == decided


def with_guards_aside(write):
    drop_guards(connection)
    try:
        write()
    finally:
        install_guards(connection)


def test_a_collection_that_was_not_known_is_filled_in_where_no_run_of_record_made_the_unit():
    unit, nothing = frozen_unit(), {"collected_at": None, "origin": "migrated"}
    with_guards_aside(lambda: unit.made_from.update(processing=None))
    with_guards_aside(lambda: type(unit.donation).objects.filter(pk=unit.donation_id).update(**nothing))
    before = fresh(unit).expires_at

    confirmed(correction("donation", unit.donation_id, "collected_at", COLLECTED_AT))

    assert (fresh(unit).expires_at, fresh(unit.donation).collected_at) == (before, COLLECTED_AT)
