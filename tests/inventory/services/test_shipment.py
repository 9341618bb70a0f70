from functools import partial

import pytest

from biobank.domain.role import Role
from inventory.domain.container import NotPlaceable
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.shipment import ShipmentRefused
from inventory.domain.snapshot import NotAsSigned, ReleaseNotStanding
from inventory.domain.unit import UnitState
from inventory.models.placement import Placement
from inventory.models.reservation import Reservation
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment
from inventory.queries.placement import places_of
from inventory.services.hold import NewHold, place_holds
from inventory.services.pick import pick_unit
from inventory.services.placement import PutAway, put_away
from inventory.services.release import revoke_release
from inventory.services.shipment import hand_over_release, pack_release
from tests.factories.donor import given_consent
from tests.factories.person import staff
from tests.factories.release import (
    inside,
    issued_release,
    packed_shipment,
    packing,
    picked_release,
    scans_of,
    shipped,
    units_of,
)
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import available_units

pytestmark = pytest.mark.django_db
BEGINS_WITH = (partial(available_units, 2, segment=True), picked_release)
AT_TWO = NOON + hours(2)


def pack(release, **otherwise):
    return pack_release(release, packing(**otherwise), by=staff(Role.STORAGE_TECHNICIAN), at=NOON + hours(1))


def hand_over(shipment):
    return hand_over_release(shipment, to="Driver 4", by=staff(Role.STORAGE_TECHNICIAN), at=AT_TWO)


def put_back(unit, position):
    wanted = [PutAway(position.pk, unit_id=unit.pk)]
    put_away(wanted, reason="put back", by=staff(Role.STORAGE_TECHNICIAN), at=AT_TWO)


def test_packing_names_every_unit_and_the_logger():
    release = picked_release(*available_units(2, segment=True))
    packing()
    before = head_number()

    shipment = pack(release)

    assert shipment.items.count() == 2
    assert shipment.to_site == release.request.site
    assert kinds_since(before) == ["shipment.packed"]


def test_a_release_is_packed_whole():
    one, two = available_units(2, segment=True)
    release = issued_release(one, two)
    pick_unit(release, one, scans=scans_of(one), by=staff(Role.STORAGE_TECHNICIAN), at=NOON)

    with pytest.raises(ShipmentRefused, match=f"{two.code} has not been picked"):
        pack(release)

    assert not Shipment.objects.filter(kind="release").exists()


def test_a_dry_shipper_travels_with_a_logger():
    release = picked_release()

    with pytest.raises(ShipmentRefused, match="logger"):
        pack(release, logger_code="")

    assert not Shipment.objects.filter(kind="release").exists()


def test_a_picked_unit_is_put_away_only_once_its_release_is_revoked():
    release = picked_release()
    [unit] = units_of(release)
    position = release.picks.get().position

    with pytest.raises(NotPlaceable, match=f"picked for {release.reference}"):
        put_back(unit, position)

    assert places_of([unit.pk]) == {}
    revoke_release(release, reason="Patient unfit", by=staff(Role.QUALITY_REVIEWER), at=AT_TWO)
    put_back(unit, position)
    assert places_of([unit.pk]) == {unit.pk: position}


def test_a_unit_that_lies_in_a_position_is_neither_packed_nor_handed_over():
    release = picked_release()
    [unit] = units_of(release)
    position = release.picks.get().position
    technician = staff(Role.STORAGE_TECHNICIAN)
    again = Placement.objects.create(position=position, unit=unit, placed_at=AT_TWO, placed_by=technician)

    with pytest.raises(ShipmentRefused, match=f"{unit.code} lies in {position.code}"):
        pack(release)

    assert not Shipment.objects.filter(kind="release").exists()
    Placement.objects.filter(pk=again.pk).update(removed_at=AT_TWO, removed_by=technician)
    shipment = pack(release)
    Placement.objects.create(position=position, unit=unit, placed_at=AT_TWO, placed_by=technician)
    with pytest.raises(ShipmentRefused, match=f"{unit.code} lies in {position.code}"):
        hand_over(shipment)
    unit.refresh_from_db()
    assert unit.state == UnitState.RELEASED


def test_a_release_is_packed_once():
    shipment = packed_shipment()

    with pytest.raises(ShipmentRefused, match="packed already"):
        pack(shipment.release)

    assert Shipment.objects.filter(kind="release").count() == 1


def test_handing_over_gives_the_units_and_what_is_attached_to_the_courier():
    shipment = packed_shipment()
    [unit] = inside(shipment)

    hand_over(shipment)

    unit.refresh_from_db()
    assert (unit.state, unit.holder) == (UnitState.SHIPPED, shipment.reference)
    assert set(unit.samples.filter(attached=True).values_list("holder", flat=True)) == {shipment.reference}
    assert not ReferenceSample.objects.filter(attached=False, holder=shipment.reference).exists()
    assert not Reservation.objects.filter(ended_at__isnull=True).exists()
    shipment.release.request.refresh_from_db()
    assert shipment.release.request.status == "completed"


def test_a_hold_placed_after_packing_stops_the_hand_over():
    shipment = packed_shipment()
    [unit] = inside(shipment)
    place_holds([NewHold(HoldKind.EXCURSION, "warm", unit_id=unit.pk)], by=staff(Role.LAB_TECHNICIAN), at=AT_TWO)
    before = head_number()

    with pytest.raises(NotReleasable, match="gate 6"):
        hand_over(shipment)

    shipment.refresh_from_db()
    shipment.release.refresh_from_db()
    unit.refresh_from_db()
    assert shipment.handed_over_at is None
    assert (shipment.release.status, unit.state) == ("void", UnitState.RESERVED)
    assert kinds_since(before).count("release.evaluated") == 1


def test_a_unit_that_expires_between_pick_and_hand_over_does_not_leave():
    shipment = packed_shipment()
    [unit] = inside(shipment)
    type(unit).objects.filter(pk=unit.pk).update(expires_at=AT_TWO, expiry_basis="policy_years")

    with pytest.raises(NotReleasable, match="gate 5"):
        hand_over(shipment)

    unit.refresh_from_db()
    assert unit.state == UnitState.RESERVED


def test_what_changed_since_the_signatures_stops_the_hand_over():
    shipment = packed_shipment()
    unit = inside(shipment)[0]
    type(unit).objects.filter(pk=unit.pk).update(expires_at=NOON + hours(99999), expiry_basis="policy_years")

    with pytest.raises(NotAsSigned):
        hand_over(shipment)

    unit.refresh_from_db()
    shipment.release.refresh_from_db()
    assert (unit.state, shipment.release.status) == (UnitState.RESERVED, "void")


def test_consent_narrowed_before_the_hand_over_makes_the_release_void_and_takes_everything_out():
    shipment = packed_shipment()
    unit = inside(shipment)[0]
    given_consent(unit.donation.donor, given_at=NOON, at=AT_TWO + hours(0.001), treatment=False)

    with pytest.raises(ReleaseNotStanding):
        hand_over(shipment)

    unit.refresh_from_db()
    shipment.release.refresh_from_db()
    assert (unit.state != UnitState.SHIPPED, shipment.release.status) == (True, "void")
    assert shipment.items.get().outcome == "taken_out"


def test_a_revoked_release_is_not_handed_over():
    shipment = packed_shipment()
    [unit] = inside(shipment)
    revoke_release(shipment.release, reason="Patient unfit", by=staff(Role.MEDICAL_DIRECTOR), at=AT_TWO)

    with pytest.raises(ReleaseNotStanding):
        hand_over(shipment)

    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE


def test_what_was_handed_over_is_not_handed_over_again():
    shipment = shipped()

    with pytest.raises(ShipmentRefused, match="already"):
        hand_over(shipment)
