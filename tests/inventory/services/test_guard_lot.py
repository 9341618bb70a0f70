"""What the database itself refuses of lots, whatever the services do."""

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from biobank.domain.role import Role
from inventory.models.acceptance import Acceptance
from inventory.models.donation import Donation
from inventory.models.hold import Hold
from inventory.models.lot import Lot
from inventory.models.result import Result
from inventory.models.unit import Unit
from tests.factories.lot import available_lot, made_lot, made_pool, tissue, vials_of
from tests.factories.person import staff
from tests.factories.time import NOON
from tests.factories.unit import working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, tissue)


def refused(write, match=None):
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        write()
    return True


def test_a_vials_lot_never_changes():
    first, second = made_lot(), made_lot()
    vial = Unit.objects.filter(pk=vials_of(first)[0].pk)

    assert refused(lambda: vial.update(lot=second), "lot never changes")
    assert refused(lambda: vial.update(lot=None), "lot never changes")
    assert vial.get().lot == first


def test_what_a_lot_was_made_as_never_changes():
    lot = Lot.objects.filter(pk=made_lot().pk)

    assert refused(lambda: lot.update(size=23))
    assert refused(lambda: lot.update(product_class="hepatocyte"))
    assert lot.get().size == 24


def test_a_vial_is_of_the_product_of_its_lot():
    vial = vials_of(made_lot())[0]
    vial.pk, vial.code, vial.product_class = None, f"{vial.code[:-2]}Z0", "hepatocyte"

    assert refused(lambda: vial.save(force_insert=True), "product of its lot")


def test_a_vial_has_no_expiry_and_no_acceptance_of_its_own():
    lot = available_lot()
    vial, standing = vials_of(lot)[0], Acceptance.objects.get()
    row = Unit.objects.filter(pk=vial.pk)
    own = {
        "unit": vial,
        "use": standing.use,
        "specification": standing.specification,
        "signature": standing.signature,
        "snapshot_sha256": standing.snapshot_sha256,
        "accepted_at": NOON,
    }

    assert refused(lambda: row.update(expires_at=NOON, expiry_basis="stability_data"), "a_vial_expires_with_its_lot")
    assert refused(lambda: Acceptance.objects.create(**own), "accepted with its lot")
    assert refused(lambda: Acceptance.objects.create(**{**own, "lot": lot}))
    assert refused(lambda: Acceptance.objects.create(**{**own, "unit": None, "lot": lot}))


def test_a_hold_and_a_result_are_of_exactly_one_thing():
    lot, lab = made_lot(), staff(Role.LAB_TECHNICIAN)
    vial = vials_of(lot)[0]
    hold = {"reference": "HLD-1", "kind": "mix_up", "reason": "r", "placed_by": lab, "placed_at": NOON}
    result = {"assay": "cell_count", "number": 1, "entered_by": lab, "entered_at": NOON}

    assert refused(lambda: Hold.objects.create(**hold, lot=lot, unit=vial), "a_hold_is_on_one_thing")
    assert refused(lambda: Result.objects.create(**result, subject="lot", lot=lot, unit=vial))
    assert refused(lambda: Result.objects.create(**result, subject="unit", lot=lot))
    assert refused(lambda: Result.objects.create(**result, subject="lot", unit=vial))


def test_a_din_is_a_pools_or_a_donations_and_never_both():
    pool, lot = made_pool(), made_lot()
    other = Donation.objects.order_by("pk")[0]
    run = lot.processing
    lot.pk, lot.code, lot.pool_din = None, "LOT-TWICE", other.code
    donor, site = other.donor, other.collection_site

    assert refused(lambda: lot.save(force_insert=True), "DIN of its own|unique|UNIQUE")
    assert run is not None
    assert refused(
        lambda: Donation.objects.create(
            code=pool.pool_din,
            din=pool.pool_din,
            donor=donor,
            collection_site=site,
            collector=other.collector,
            collected_at=other.collected_at,
            registered_by=other.registered_by,
            registered_at=NOON,
        ),
        "no donation's",
    )


def test_a_lot_of_nothing_cannot_be_written():
    lot = made_lot()
    lot.pk, lot.code, lot.size = None, "LOT-NONE", 0

    with pytest.raises(IntegrityError), transaction.atomic():
        lot.save(force_insert=True)
