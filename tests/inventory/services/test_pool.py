"""Pools through the services: every donor is behind every vial, and one who takes back consent reaches them all."""

from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.donation import DonationPurpose
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.lot import LotRefused
from inventory.domain.unit import ProductClass, UnitState
from inventory.models.acceptance import Acceptance
from inventory.models.donation import Donation
from inventory.models.lot import Lot
from inventory.models.reservation import Reservation
from inventory.models.unit import Unit, UnitSource
from inventory.queries.lot import donations_behind_lots
from inventory.services.donation import register_donations
from inventory.services.hold import NewHold, place_holds
from inventory.services.lot import make_lot
from inventory.services.lot_source import Taken
from inventory.services.request import request_units
from tests.factories.donation import REGISTERED_AT, new_donation, next_din, registered_donation
from tests.factories.donor import given_consent, withdrawn
from tests.factories.lot import available_lot, made_pool, new_lot, tissue, vials_of, vials_wanted
from tests.factories.person import staff
from tests.factories.request import coordinator
from tests.factories.time import NOON
from tests.factories.unit import FROZEN_AT, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, tissue)


def make(new):
    return make_lot(new, by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)


def nothing_was_made(*parents):
    for parent in parents:
        parent.refresh_from_db()
    return {parent.state for parent in parents} == {"quarantined"} and not Lot.objects.exists()


def test_a_pool_has_a_din_of_its_own_and_names_every_donation():
    parents = [tissue(), tissue(), tissue()]

    pool = made_pool(*parents)

    vials = vials_of(pool)
    assert {vial.code[:13] for vial in vials} == {pool.pool_din}
    assert not Donation.objects.filter(code=pool.pool_din).exists()
    assert [each.pk for each in donations_behind_lots([pool.pk])[pool.pk]] == [each.donation_id for each in parents]
    assert UnitSource.objects.filter(unit__in=vials).count() == 24 * 3


def test_a_pool_takes_parts_of_its_parents():
    first, second = tissue(), tissue()

    made_pool(first, second, parents=(Taken(first.pk, Decimal(10)), Taken(second.pk)))

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.mass_g, first.state, second.state) == (Decimal(30), "quarantined", "consumed")


def test_one_donor_who_withdrew_before_stops_the_pool_and_nothing_is_made():
    consent = given_consent()
    withdrawn_one = tissue(donation=registered_donation(consent, product=ProductClass.CORD_TISSUE))
    other = tissue()
    withdrawn(consent, at=FROZEN_AT)

    with pytest.raises(LotRefused, match="withdrawn, not in force"):
        make(new_lot(withdrawn_one, other, pool_din=next_din()))

    assert nothing_was_made(withdrawn_one, other)


def test_what_is_for_one_recipient_is_not_pooled():
    new = new_donation(product=ProductClass.CORD_TISSUE, purpose=DonationPurpose.AUTOLOGOUS)
    [registered] = register_donations([new], by=new.collector, at=REGISTERED_AT)
    first, second = tissue(donation=registered), tissue()

    with pytest.raises(LotRefused, match="never pooled"):
        make(new_lot(first, second, pool_din=next_din()))

    assert nothing_was_made(first, second)


def test_what_is_held_is_not_pooled():
    first, second = tissue(), tissue()
    hold = NewHold(HoldKind.INVESTIGATION, "doubt", unit_id=first.pk)
    place_holds([hold], by=staff(Role.STORAGE_TECHNICIAN), at=FROZEN_AT)

    with pytest.raises(LotRefused, match="open on what would be pooled"):
        make(new_lot(first, second, pool_din=next_din()))

    assert nothing_was_made(first, second)


def test_a_pool_without_its_own_din_or_with_one_that_is_taken_is_not_made():
    first, second = tissue(), tissue()

    with pytest.raises(LotRefused, match="DIN of its own"):
        make(new_lot(first, second))
    with pytest.raises(LotRefused, match="is taken"):
        make(new_lot(first, second, pool_din=first.donation.code))
    with pytest.raises(LotRefused, match="not one of a pool"):
        make(new_lot(first, pool_din=next_din()))

    assert nothing_was_made(first, second)


def test_the_withdrawal_of_one_donor_reaches_every_vial_of_the_pool():
    consent = given_consent()
    theirs = tissue(donation=registered_donation(consent, product=ProductClass.CORD_TISSUE))
    pool = available_lot(theirs, tissue())
    request_units(vials_wanted(pool), by=coordinator(), at=NOON)

    withdrawn(consent)

    assert {(vial.state, vial.use) for vial in vials_of(pool)} == {("quarantined", "")}
    assert not Reservation.objects.filter(ended_at__isnull=True).exists()
    assert not Acceptance.objects.filter(lot=pool, withdrawn_at__isnull=True).exists()


def test_a_hold_on_one_donation_stops_every_vial_of_the_pool():
    first = tissue()
    pool = available_lot(first, tissue())
    hold = NewHold(HoldKind.INVESTIGATION, "doubt", donation_id=first.donation_id)
    place_holds([hold], by=staff(Role.STORAGE_TECHNICIAN), at=NOON)

    with pytest.raises(NotReleasable, match="gate 6"):
        request_units(vials_wanted(pool), by=coordinator(), at=NOON)

    assert set(Unit.objects.filter(lot=pool).values_list("state", flat=True)) == {UnitState.AVAILABLE.value}
