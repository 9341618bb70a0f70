"""One unit, many requests at the same instant: exactly one has it, and every other is told by name."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from biobank.domain.role import Role
from inventory.domain.reservation import AlreadyReserved
from inventory.domain.unit import UnitState
from inventory.models.request import UnitRequest
from inventory.models.reservation import Reservation
from inventory.models.unit import Unit
from inventory.services import request as request_service
from inventory.services import reservation as reservation_service
from inventory.services.request import cancel_request, request_units
from tests.concurrency.threads import ALWAYS, at_once, crew
from tests.factories.person import person
from tests.factories.protocol import clinic, protocol_in_force
from tests.factories.request import wanted
from tests.factories.time import NOON
from tests.factories.unit import available_unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
THREADS = 16


def race(unit, coordinators, protocol, together=at_once):
    """Let every coordinator request the unit at once; return what each got."""
    return together(
        [lambda by=by: request_units(wanted(unit, protocol=protocol), by=by, at=NOON) for by in coordinators]
    )


def trial(unit, coordinators, protocol, together):
    """Race once, hold that one won and all others were told, and give the unit back."""
    answers = race(unit, coordinators, protocol, together)

    won = [each for each in answers if isinstance(each, UnitRequest)]
    assert len(won) == 1, answers
    assert all(isinstance(each, AlreadyReserved) for each in answers if each is not won[0]), answers
    assert Reservation.objects.filter(unit=unit, ended_at__isnull=True).count() == 1
    unit.refresh_from_db()
    assert unit.state == UnitState.RESERVED
    cancel_request(won[0], reason="next trial", by=coordinators[0], at=NOON)


def coordinators(number):
    return [person(Role.COORDINATOR, site=clinic(), username=f"coordinator-{each}") for each in range(number)]


@pytest.mark.postgresql
def test_sixteen_requests_for_one_unit_reserve_it_once_in_every_trial():
    unit, protocol, people = available_unit(), protocol_in_force(), coordinators(THREADS)

    with crew(THREADS) as together:
        for _ in range(ALWAYS):
            trial(unit, people, protocol, together)

    assert Reservation.objects.count() == ALWAYS


@pytest.mark.sqlite
def test_requests_for_one_unit_reserve_it_once_on_sqlite_too():
    unit, protocol, people = available_unit(), protocol_in_force(), coordinators(8)

    with crew(8) as together:
        for _ in range(10):
            trial(unit, people, protocol, together)

    assert Reservation.objects.count() == 10


@pytest.mark.postgresql
def test_without_the_locks_the_index_alone_still_refuses_by_name(monkeypatch):
    unit, protocol, people = available_unit(), protocol_in_force(), coordinators(THREADS)
    take_away_the_locks(monkeypatch)

    for _ in range(10):
        answers = race(unit, people, protocol)

        won = [each for each in answers if isinstance(each, UnitRequest)]
        assert len(won) == 1, answers
        assert all(isinstance(each, AlreadyReserved) for each in answers if each is not won[0]), answers
        Reservation.objects.filter(ended_at__isnull=True).update(ended_at=NOON, ended_because="next trial")


@pytest.mark.postgresql
def test_canary_without_locks_and_index_one_unit_is_reserved_many_times(monkeypatch):
    unit, protocol, people = available_unit(), protocol_in_force(), coordinators(THREADS)
    take_away_the_locks(monkeypatch)

    with no_index():
        race(unit, people, protocol)

        assert Reservation.objects.filter(unit=unit, ended_at__isnull=True).count() > 1
        end_all_but_one()


def take_away_the_locks(monkeypatch):
    """Read where the service would lock."""
    monkeypatch.setattr(request_service, "lock_donors", lambda _ids: [])
    monkeypatch.setattr(
        request_service,
        "lock_protocols",
        lambda codes: list(protocol_in_force().__class__.objects.filter(code__in=codes)),
    )
    monkeypatch.setattr(request_service, "lock_units", lambda ids: list(Unit.objects.filter(pk__in=ids).order_by("pk")))
    monkeypatch.setattr(reservation_service, "set_reserved", lambda *_given, **_named: None)


@contextmanager
def no_index() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_active_reservation_per_unit")
        try:
            yield
        finally:
            cursor.execute(
                "CREATE UNIQUE INDEX one_active_reservation_per_unit ON inventory_reservation (unit_id)"
                " WHERE ended_at IS NULL"
            )


def end_all_but_one() -> None:
    kept = Reservation.objects.filter(ended_at__isnull=True).order_by("pk").first()
    Reservation.objects.filter(ended_at__isnull=True).exclude(pk=kept.pk).update(ended_at=NOON, ended_because="test")
