import pytest

from biobank.domain.role import Role
from biobank.domain.signature import SignatureRefused
from biobank.services.person import grant_role
from inventory.domain.finding import Gate
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.request import OwnRequest, RequestNotOpen
from inventory.models.request import WorklistItem
from inventory.queries.request import open_worklist
from inventory.services.approval import WorkDone, approve_request, finish_work
from inventory.services.hold import NewHold, place_holds
from tests.factories.person import LONG_AGO, credentials, person, staff, the_system
from tests.factories.request import approved_request, coordinator, submitted_request
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit,)


def approve(request, by=None):
    quality = by or staff(Role.QUALITY_REVIEWER)
    return approve_request(
        request, owner=staff(Role.LAB_TECHNICIAN), credentials=credentials(quality), by=quality, at=NOON
    )


def test_what_is_unknown_becomes_the_worklist():
    request = submitted_request(available_unit())

    approve(request)

    items = open_worklist(request.pk)
    request.refresh_from_db()
    assert request.status == "approved"
    assert {item.gate for item in items} == {Gate.QUALITY, Gate.TYPING}
    assert {item.due_date for item in items} == {request.needed_by}
    assert {item.owner for item in items} == {staff(Role.LAB_TECHNICIAN)}


def test_nothing_unknown_makes_no_work():
    request = approved_request(available_unit(segment=True))

    assert open_worklist(request.pk) == []


def test_a_line_of_work_is_finished_once():
    request = approved_request(available_unit())
    item = open_worklist(request.pk)[0]
    before = head_number()

    finish_work(item, by=staff(Role.LAB_TECHNICIAN), at=NOON)

    with pytest.raises(WorkDone):
        finish_work(item, by=staff(Role.LAB_TECHNICIAN), at=NOON)
    assert kinds_since(before) == ["worklist.done"]


def test_a_hold_placed_since_the_request_stops_its_approval():
    unit = available_unit()
    request = submitted_request(unit)
    quality = staff(Role.QUALITY_REVIEWER)
    place_holds([NewHold(HoldKind.MIX_UP, "odd", unit_id=unit.pk)], by=quality, at=NOON)
    staff(Role.LAB_TECHNICIAN)
    before = head_number()

    with pytest.raises(NotReleasable, match="gate 6"):
        approve(request)

    request.refresh_from_db()
    assert request.status == "submitted"
    assert not WorklistItem.objects.exists()
    assert kinds_since(before) == ["request.refused"]


def test_nobody_approves_their_own_request():
    request = submitted_request()
    grant_role(coordinator(), Role.QUALITY_REVIEWER, by=the_system(), at=LONG_AGO)

    with pytest.raises(OwnRequest):
        approve(request, by=coordinator())

    request.refresh_from_db()
    assert request.status == "submitted"


@pytest.mark.parametrize("who", [lambda: person(Role.STORAGE_TECHNICIAN), lambda: coordinator("another")])
def test_only_quality_approves(who):
    request = submitted_request()

    with pytest.raises(SignatureRefused):
        approve(request, by=who())

    request.refresh_from_db()
    assert request.status == "submitted"


def test_a_request_is_approved_once():
    request = approved_request()

    with pytest.raises(RequestNotOpen):
        approve(request)
