"""Requests that end, or lose some of their units: what was reserved is let go."""

from functools import partial

import pytest

from biobank.domain.role import Role
from inventory.domain.request import RequestNotOpen
from inventory.domain.unit import UnitState
from inventory.models.request import UnitRequest
from inventory.services.request import (
    NotInRequest,
    cancel_request,
    reject_request,
    take_out_unit,
)
from tests.factories.person import staff
from tests.factories.release import evaluated_release, issued_release, shipped, sign, units_of
from tests.factories.request import approved_request, coordinator, submitted_request
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import available_unit, available_units

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, partial(available_units, 2, segment=True))


@pytest.mark.parametrize(("end", "status"), [(reject_request, "rejected"), (cancel_request, "cancelled")])
def test_ending_a_request_gives_its_units_back(end, status):
    unit = available_unit(segment=True)
    request = submitted_request(unit)
    before = head_number()

    end(request, reason="Not needed", by=staff(Role.QUALITY_REVIEWER), at=NOON)

    request.refresh_from_db()
    unit.refresh_from_db()
    assert (request.status, unit.state, unit.reserved_from) == (status, UnitState.AVAILABLE, "")
    assert request.reservations.get().ended_because == "Not needed"
    assert kinds_since(before) == [f"request.{status}", "unit.unreserved"]
    assert submitted_request(unit).status == "submitted"


def test_cancelling_a_released_request_makes_its_release_void():
    release = issued_release()
    [unit] = units_of(release)

    cancel_request(release.request, reason="The patient has recovered", by=coordinator(), at=NOON)

    release.refresh_from_db()
    unit.refresh_from_db()
    assert (release.status, release.request.status) == ("void", "cancelled")
    assert unit.state == UnitState.AVAILABLE


def test_what_was_handed_over_is_not_cancelled():
    shipment = shipped()
    request = shipment.release.request

    with pytest.raises(RequestNotOpen):
        cancel_request(request, reason="Too late", by=coordinator(), at=NOON + hours(3))

    assert UnitRequest.objects.get().status == "completed"


def test_a_rejected_request_is_not_rejected_twice():
    request = submitted_request()
    reject_request(request, reason="No", by=staff(Role.QUALITY_REVIEWER), at=NOON)

    with pytest.raises(RequestNotOpen):
        reject_request(request, reason="No", by=staff(Role.QUALITY_REVIEWER), at=NOON)


def test_a_unit_taken_out_before_release_goes_back_and_the_rest_must_be_signed_anew():
    out, kept = available_units(2, segment=True)
    release = evaluated_release(approved_request(out, kept))
    sign(release)

    take_out_unit(release.request, out, reason="Bag suspect", by=staff(Role.QUALITY_REVIEWER), at=NOON)

    release.refresh_from_db()
    out.refresh_from_db()
    kept.refresh_from_db()
    assert release.status == "void"
    assert (out.state, kept.state) == (UnitState.AVAILABLE, UnitState.RESERVED)
    assert evaluated_release(release.request).units.get().unit_id == kept.pk


def test_a_unit_taken_out_of_an_issued_release_leaves_the_others_reserved_for_the_request():
    out, kept = available_units(2, segment=True)
    release = issued_release(out, kept)

    take_out_unit(release.request, out, reason="Bag suspect", by=staff(Role.QUALITY_REVIEWER), at=NOON)

    kept.refresh_from_db()
    out.refresh_from_db()
    request = UnitRequest.objects.get()
    assert (out.state, kept.state, request.status) == (UnitState.AVAILABLE, UnitState.RESERVED, "approved")
    assert kept.reservations.get(ended_at__isnull=True).request == request


def test_a_request_with_nothing_left_in_it_is_void():
    unit = available_unit()
    request = submitted_request(unit)

    take_out_unit(request, unit, reason="Bag suspect", by=staff(Role.QUALITY_REVIEWER), at=NOON)

    request.refresh_from_db()
    assert (request.status, request.ended_because) == ("void", "Bag suspect")


def test_a_unit_that_is_not_in_the_request_is_not_taken_out():
    request, other = submitted_request(available_unit()), available_unit()

    with pytest.raises(NotInRequest):
        take_out_unit(request, other, reason="?", by=staff(Role.QUALITY_REVIEWER), at=NOON)
