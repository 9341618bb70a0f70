from itertools import product

import pytest
from django.db import DatabaseError, transaction

from inventory.domain.unit import FINAL, TRANSITIONS, UnitState
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.services.guard import allowed_changes, first_states
from tests.factories.request import submitted_request
from tests.factories.time import NOON
from tests.factories.unit import available_unit, registered_donation

pytestmark = pytest.mark.django_db


def is_refused(change):
    try:
        with transaction.atomic():
            change()
    except DatabaseError as error:
        return "along the table" in str(error)
    return False


def test_the_database_allows_the_changes_of_the_table_and_no_other():
    accepted, collected = available_unit(), registered_donation().units[0]
    wrong = []
    for old, new in product(UnitState, UnitState):
        unit = collected if old is UnitState.COLLECTED else accepted
        if old is new:
            continue
        refused = try_change(unit, old, new)
        if refused is ((old, new) in allowed_changes()):
            wrong.append((old, new, refused))

    assert wrong == []


def try_change(unit, old, new):
    """Write one state after another past every service; return whether the database refused the second."""
    path = {
        UnitState.RECEIVED: [UnitState.RESERVED, UnitState.RELEASED, UnitState.SHIPPED],
        UnitState.RETURNED: [UnitState.RESERVED, UnitState.RELEASED, UnitState.SHIPPED],
        UnitState.SHIPPED: [UnitState.RESERVED, UnitState.RELEASED],
        UnitState.RELEASED: [UnitState.RESERVED],
        UnitState.USED: [UnitState.RESERVED, UnitState.RELEASED, UnitState.SHIPPED, UnitState.RECEIVED],
        UnitState.VOIDED: [UnitState.QUARANTINED],
    }
    answer = []
    try:
        with transaction.atomic():
            for state in [*path.get(old, []), old]:
                write(unit, state)
            answer.append(is_refused(lambda: write(unit, new)))
            raise _UndoneError
    except _UndoneError:
        return answer[0]


class _UndoneError(Exception):
    pass


def write(unit, state):
    kept = "available" if state in {UnitState.RESERVED, UnitState.RELEASED} else ""
    if Unit.objects.filter(pk=unit.pk, state=state).exists():
        return
    Unit.objects.filter(pk=unit.pk).update(state=state.value, reserved_from=kept)


def test_a_final_state_leads_nowhere():
    assert not {old for old, _ in allowed_changes()} & FINAL
    assert first_states() == {UnitState.COLLECTED, UnitState.QUARANTINED}
    assert len(TRANSITIONS) == len({id(row) for row in TRANSITIONS})


def test_an_ended_reservation_and_a_verified_result_stay_as_they_are():
    request = submitted_request(available_unit())
    reservation = request.reservations.get()
    request.reservations.update(ended_at=NOON, ended_because="test")
    result = Result.objects.filter(verified_at__isnull=False).first()

    for change in (
        lambda: request.reservations.update(ended_at=None),
        lambda: Result.objects.filter(pk=result.pk).update(text="edited"),
        lambda: Unit.objects.filter(pk=reservation.unit_id).update(code="OTHER"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

    result.refresh_from_db()
    assert result.text != "edited"
