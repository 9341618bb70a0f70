import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services import guard
from biobank.services.ledger import RecordedOutsideService
from inventory.domain.unit import Event, IllegalTransition, UnitState
from inventory.models.unit import Unit
from inventory.queries.unit import lock_unit, lock_units
from inventory.services.unit import Change, change_state, change_states, record_registered
from tests.factories.donation import registered_donation
from tests.factories.person import staff
from tests.factories.request import submitted_request
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import available_unit, received_unit, within_a_service
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (received_unit,)

LOST = Change("unit.lost", Event.LOST, UnitState.LOST, "stocktake", also=("TAKE-1",), occurred_at=NOON - hours(1))
BACK = Change("unit.unreserved", Event.REQUEST_ENDED, None, "cancelled")


def change(units, what):
    ids = [unit.pk for unit in units]
    within_a_service(lambda by: change_states(lock_units(ids), what, by=by, at=NOON))


def test_units_change_together_with_one_entry_each():
    units = [received_unit(), received_unit()]
    staff(Role.QUALITY_REVIEWER)
    before = head_number()

    change(units, LOST)

    assert set(Unit.objects.values_list("state", flat=True)) == {"lost"}
    assert kinds_since(before) == ["unit.lost"] * 2
    entry = last_of("unit.lost")
    assert (entry["old"], entry["new"]) == ({"state": "quarantined"}, {"state": "lost"})
    assert (entry["item"], entry["reason"]) == (units[1].code, "stocktake")


def test_a_change_tells_the_holder_only_where_it_changes():
    unit = received_unit()
    there = Change("unit.lost", Event.LOST, UnitState.LOST, "gone", holder="NOWHERE", fields={"thawed": True})

    change([unit], there)

    entry = last_of("unit.lost")
    assert entry["old"] == {"state": "quarantined", "holder": "BANK-1", "thawed": False}
    assert entry["new"] == {"state": "lost", "holder": "NOWHERE", "thawed": True}
    assert Unit.objects.get().holder == "NOWHERE"


def test_one_unit_that_may_not_change_leaves_all_as_they_were():
    fresh, received = registered_donation().units[0], received_unit()
    taken = Change("unit.lost", Event.RECEIVED_AT_BANK, UnitState.QUARANTINED, "again")
    staff(Role.QUALITY_REVIEWER)

    with pytest.raises(IllegalTransition, match="from quarantined to quarantined"), nothing_changes():
        change([fresh, received], taken)


def test_the_end_of_a_reservation_leads_back_to_where_it_came_from():
    unit = available_unit()
    submitted_request(unit)
    assert lock_unit(unit.pk).reserved_from == "available"

    within_a_service(lambda by: change_state(lock_unit(unit.pk), BACK, by=by, at=NOON))

    unit.refresh_from_db()
    assert (unit.state, unit.reserved_from) == ("available", "")


def test_what_was_not_reserved_does_not_lead_back():
    unit = received_unit()
    staff(Role.QUALITY_REVIEWER)

    with pytest.raises(IllegalTransition), nothing_changes():
        change([unit], BACK)


def test_state_is_changed_and_units_are_recorded_in_a_service_or_not_at_all():
    unit, other = registered_donation().units[0], registered_donation().units[0]

    with pytest.raises(RecordedOutsideService), nothing_changes():
        change_state(unit, LOST, by=staff(Role.LAB_TECHNICIAN), at=NOON)
    with pytest.raises(RecordedOutsideService), nothing_changes():
        record_registered([other], reason="again", by=staff(Role.LAB_TECHNICIAN), at=NOON)


def test_the_database_itself_refuses_a_change_that_no_row_allows_and_without_its_guard_would_not():
    unit = received_unit()
    row = Unit.objects.filter(pk=unit.pk)

    with pytest.raises(DatabaseError, match="changes only along the table"), transaction.atomic():
        row.update(state="shipped")
    assert row.get().state == "quarantined"

    guard.drop_guards(connection)
    try:
        row.update(state="shipped")
    finally:
        guard.install_guards(connection)
    assert row.get().state == "shipped"
