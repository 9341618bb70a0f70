import pytest

from biobank.domain.role import Role
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.pick import PickMismatch
from inventory.domain.snapshot import NotAsSigned, ReleaseNotStanding
from inventory.domain.unit import UnitState
from inventory.models.identifier import Identifier
from inventory.models.pick import Pick
from inventory.models.protocol import Protocol
from inventory.models.reservation import Reservation
from inventory.queries.placement import places_of
from inventory.services.hold import NewHold, place_holds
from inventory.services.pick import PickRefused, Scans, pick_unit
from tests.factories.person import staff
from tests.factories.release import evaluated_release, issued_release, picked_release, scans_of, units_of
from tests.factories.time import NOON, days, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (issued_release, available_unit)


AT_ONE = NOON + hours(1)


def pick(release, unit, scans=None, at=AT_ONE):
    return pick_unit(release, unit, scans=scans or scans_of(unit), by=staff(Role.STORAGE_TECHNICIAN), at=at)


def test_a_pick_takes_the_unit_from_its_position():
    release = issued_release()
    [unit] = units_of(release)
    place = places_of([unit.pk])[unit.pk]
    before = head_number()

    made = pick(release, unit)

    assert made.position == place
    assert places_of([unit.pk]) == {}
    assert kinds_since(before) == ["unit.removed", "unit.picked"]
    assert last_of("unit.removed")["new"] == {"place": ""}


def test_a_unit_is_known_by_any_code_that_is_its_alone():
    release = issued_release()
    [unit] = units_of(release)
    Identifier.objects.create(issuer="rack scanner", value="FX12345678", unit=unit)

    made = pick(release, unit, Scans(position=places_of([unit.pk])[unit.pk].code, unit="FX12345678"))

    assert made.unit == unit


@pytest.mark.parametrize("wrong", ["unit", "position", "both"])
def test_a_scan_that_does_not_match_stops_the_pick_and_is_recorded(wrong):
    release, neighbour = issued_release(), available_unit()
    [unit] = units_of(release)
    right, other = scans_of(unit), scans_of(neighbour)
    scans = Scans(
        position=right.position if wrong == "unit" else other.position,
        unit=right.unit if wrong == "position" else other.unit,
    )
    before = head_number()

    with pytest.raises(PickMismatch) as stopped:
        pick(release, unit, scans)

    assert len(stopped.value.reasons) == (2 if wrong == "both" else 1)
    assert not Pick.objects.exists()
    assert places_of([unit.pk])
    release.refresh_from_db()
    assert release.status == "issued"
    assert kinds_since(before) == ["pick.mismatched"]


def held(unit):
    place_holds([NewHold(HoldKind.MIX_UP, "odd", unit_id=unit.pk)], by=staff(Role.LAB_TECHNICIAN), at=NOON)


def out_of_date(unit):
    type(unit).objects.filter(pk=unit.pk).update(expires_at=NOON + hours(1), expiry_basis="policy_years")


def end_the_study(_unit):
    Protocol.objects.update(status="superseded")


def end_the_reservation(_unit):
    Reservation.objects.update(ended_at=NOON, ended_because="test")


@pytest.mark.parametrize(
    ("gate", "fail"),
    [("gate 5", out_of_date), ("gate 6", held), ("gate 7", end_the_reservation), ("gate 8", end_the_study)],
)
def test_a_gate_that_fails_at_the_pick_stops_the_unit_and_makes_its_release_void(gate, fail):
    release = issued_release()
    [unit] = units_of(release)
    staff(Role.STORAGE_TECHNICIAN)
    fail(unit)
    before = head_number()

    with pytest.raises(NotReleasable, match=gate):
        pick(release, unit)

    release.refresh_from_db()
    unit.refresh_from_db()
    assert (release.status, unit.state) == ("void", UnitState.RESERVED)
    assert not Pick.objects.exists()
    assert places_of([unit.pk])
    kinds = kinds_since(before)
    assert kinds.count("release.evaluated") == 1
    assert kinds == ["release.evaluated", "release.revoked", "unit.unreserved", "unit.reserved"]


def expire_later(unit):
    type(unit).objects.filter(pk=unit.pk).update(expires_at=NOON + days(4000), expiry_basis="policy_years")


def test_what_changed_since_the_signatures_stops_the_pick_and_makes_the_release_void():
    release = issued_release()
    [unit] = units_of(release)
    staff(Role.STORAGE_TECHNICIAN)
    expire_later(unit)
    before = head_number()

    with pytest.raises(NotAsSigned):
        pick(release, unit)

    release.refresh_from_db()
    unit.refresh_from_db()
    assert (release.status, unit.state) == ("void", UnitState.RESERVED)
    assert not Pick.objects.exists()
    assert kinds_since(before) == ["release.evaluated", "release.revoked", "unit.unreserved", "unit.reserved"]


def test_a_reservation_that_ran_out_after_release_does_not_stop_the_pick():
    release = issued_release()
    [unit] = units_of(release)

    made = pick(release, unit, at=NOON + days(20))

    assert made.unit == unit


def test_a_unit_is_picked_once():
    release = picked_release()
    [unit] = units_of(release)

    with pytest.raises(PickRefused, match="picked already"):
        pick(release, unit, Scans("T01-R01-01-A01", unit.code))

    assert Pick.objects.count() == 1


def test_a_unit_of_another_release_is_not_picked_for_this_one():
    release, other = issued_release(), available_unit()

    with pytest.raises(PickRefused, match="not of this release"):
        pick(release, other)

    assert not Pick.objects.exists()


def test_nothing_is_picked_before_the_second_signature():
    release = evaluated_release()

    with pytest.raises(ReleaseNotStanding):
        pick(release, release.units.get().unit)

    assert not Pick.objects.exists()
