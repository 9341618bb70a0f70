"""One lot, many who ask for twelve of its vials at the same instant: as many have them as there are dozens left."""

import pytest

from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Role
from inventory.domain.gate import NotReleasable
from inventory.domain.lot import TooFewVials
from inventory.domain.reservation import AlreadyReserved
from inventory.models.lot import Lot
from inventory.models.protocol import Protocol
from inventory.models.request import RequestLine, UnitRequest
from inventory.models.reservation import Reservation
from inventory.models.unit import Unit
from inventory.services import request as request_service
from inventory.services import reservation as reservation_service
from inventory.services.request import cancel_request, request_units
from tests.concurrency.test_reservation import end_all_but_one, no_index
from tests.concurrency.threads import FEWER, at_once, crew
from tests.factories.lot import available_lot, lot_protocol, vials_wanted
from tests.factories.person import person
from tests.factories.protocol import clinic
from tests.factories.time import NOON

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
THREADS = 16


def race(lot, coordinators, protocol, together=at_once):
    return together(
        [lambda by=by: request_units(vials_wanted(lot, 12, protocol=protocol), by=by, at=NOON) for by in coordinators]
    )


def trial(lot, coordinators, protocol, together, *, winners=2):
    """Race once: as many win as there are dozens, each with its own vials; the others are told; then give all back."""
    answers = race(lot, coordinators, protocol, together)

    won = [each for each in answers if isinstance(each, UnitRequest)]
    assert len(won) == winners, answers
    assert all(isinstance(each, TooFewVials) for each in answers if each not in won), answers
    lines = RequestLine.objects.filter(request__in=won)
    assert lines.count() == lines.values("unit").distinct().count() == 12 * winners
    assert Reservation.objects.filter(ended_at__isnull=True).count() == 12 * winners
    for request in won:
        cancel_request(request, reason="next trial", by=coordinators[0], at=NOON)


def coordinators(number):
    return [person(Role.COORDINATOR, site=clinic(), username=f"coordinator-{each}") for each in range(number)]


@pytest.mark.postgresql
def test_of_sixteen_who_ask_for_twelve_of_24_exactly_two_have_them_in_every_trial():
    lot, protocol, people = available_lot(), lot_protocol(), coordinators(THREADS)

    with crew(THREADS) as together:
        for _ in range(FEWER):
            trial(lot, people, protocol, together)


@pytest.mark.sqlite
def test_of_eight_who_ask_for_twelve_of_24_exactly_two_have_them_on_sqlite_too():
    lot, protocol, people = available_lot(), lot_protocol(), coordinators(8)

    with crew(8) as together:
        for _ in range(5):
            trial(lot, people, protocol, together)


@pytest.mark.postgresql
def test_without_the_locks_the_index_still_gives_no_vial_twice(monkeypatch):
    lot, protocol, people = available_lot(), lot_protocol(), coordinators(THREADS)
    take_away_the_locks(monkeypatch)

    answers = race(lot, people, protocol)

    won = [each for each in answers if isinstance(each, UnitRequest)]
    lost = (TooFewVials, AlreadyReserved, NotReleasable)
    assert all(isinstance(each, lost) for each in answers if each not in won), answers
    active = Reservation.objects.filter(ended_at__isnull=True)
    assert active.count() == active.values("unit").distinct().count() == 12 * len(won)


@pytest.mark.postgresql
def test_canary_without_locks_and_index_the_same_vials_are_given_many_times(monkeypatch):
    lot, protocol, people = available_lot(), lot_protocol(), coordinators(THREADS)
    take_away_the_locks(monkeypatch)

    with no_index():
        answers = race(lot, people, protocol)
        active = Reservation.objects.filter(ended_at__isnull=True)

        assert not any(isinstance(each, Exception) and not isinstance(each, RuleViolation) for each in answers), answers
        assert active.count() > active.values("unit").distinct().count()
        end_all_but_one()


def take_away_the_locks(monkeypatch):
    """Read where the service would lock."""
    monkeypatch.setattr(request_service, "lock_donors", lambda _ids: [])
    monkeypatch.setattr(
        request_service, "lock_protocols", lambda codes: list(Protocol.objects.filter(code__in=codes).order_by("pk"))
    )
    monkeypatch.setattr(request_service, "lock_lots", lambda ids: list(Lot.objects.filter(pk__in=ids).order_by("pk")))
    monkeypatch.setattr(request_service, "lock_units", lambda ids: list(Unit.objects.filter(pk__in=ids).order_by("pk")))
    monkeypatch.setattr(reservation_service, "change_states", lambda *_given, **_named: None, raising=False)
    monkeypatch.setattr(reservation_service, "set_reserved", lambda *_given, **_named: None)
