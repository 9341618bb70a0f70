from functools import partial

import pytest

from biobank.services.sweep import SweepFailed
from inventory.domain.unit import UnitState
from inventory.models.reservation import Reservation
from inventory.models.unit import Unit
from inventory.services.reservation import lapse_request, lapse_reservations
from tests.factories.person import the_system
from tests.factories.release import evaluated_release, issued_release, sign
from tests.factories.request import approved_request, submitted_request
from tests.factories.time import NOON, days
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import available_unit, available_units

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, partial(available_units, 2))
RUN_OUT = NOON + days(14)


def lapse(at=RUN_OUT):
    return lapse_reservations(by=the_system(), at=at)


def test_a_reservation_that_ran_out_gives_every_unit_of_its_request_back():
    units = available_units(2)
    request = submitted_request(*units)
    before = head_number()

    assert lapse() == 1

    request.refresh_from_db()
    assert request.status == "lapsed"
    for unit in units:
        unit.refresh_from_db()
        assert (unit.state, unit.reserved_from) == (UnitState.AVAILABLE, "")
    assert kinds_since(before) == ["reservation.lapsed", "unit.unreserved", "unit.unreserved"]


def test_a_reservation_lasts_until_its_last_instant():
    unit = available_unit()
    submitted_request(unit)

    assert lapse(RUN_OUT - days(0.001)) == 0

    unit.refresh_from_db()
    assert unit.state == UnitState.RESERVED


def test_a_first_signature_does_not_keep_a_reservation_from_lapsing():
    unit = available_unit(segment=True)
    release = evaluated_release(approved_request(unit))
    sign(release)

    lapse()

    release.refresh_from_db()
    unit.refresh_from_db()
    assert (release.status, unit.state) == ("void", UnitState.AVAILABLE)


def test_a_released_unit_never_lapses():
    unit = available_unit(segment=True)
    release = issued_release(unit)

    assert lapse() == 0
    assert lapse_request(release.request_id, by=the_system(), at=RUN_OUT) is False

    unit.refresh_from_db()
    assert unit.state == UnitState.RELEASED
    assert Reservation.objects.filter(ended_at__isnull=True).exists()


def test_a_request_that_cannot_lapse_keeps_no_other_from_lapsing():
    (odd, beside), fine = available_units(2), available_unit()
    bad, good = submitted_request(odd, beside), submitted_request(fine)
    # No service leaves a unit released whose request was not: it stands for any row that cannot go on.
    Unit.objects.filter(pk=odd.pk).update(state=UnitState.RELEASED)

    with pytest.raises(SweepFailed, match="1 failed, 1 done") as failed:
        lapse()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == ("submitted", "lapsed")
    assert failed.value.exceptions[0].__notes__ == [f"reservation.lapse of {bad.pk}"]
    assert Unit.objects.get(pk=fine.pk).state == UnitState.AVAILABLE


def test_a_second_sweep_finds_nothing():
    request = submitted_request(available_unit())
    lapse()

    assert lapse() == 0
    assert lapse_request(request.pk, by=the_system(), at=RUN_OUT) is False


def test_a_request_that_has_time_left_is_not_lapsed_by_name():
    request = submitted_request(available_unit())

    assert lapse_request(request.pk, by=the_system(), at=NOON + days(1)) is False

    request.refresh_from_db()
    assert request.status == "submitted"
