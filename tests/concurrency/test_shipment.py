"""One unit, many boxes at the same instant: exactly one has it, and every other packer is told by name."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from biobank.domain.role import Role
from inventory.domain.shipment import ShipmentRefused
from inventory.models.placement import Placement
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Unit
from inventory.queries import journey as journey_queries
from inventory.services import journey as service
from inventory.services.journey import NewShipment, pack_shipment
from tests.concurrency.threads import FEWER, at_once, crew
from tests.factories.journey import transfer_of
from tests.factories.person import staff
from tests.factories.time import NOON
from tests.factories.unit import available_unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
THREADS = 16
INDEX = "one_open_journey_per_unit"


def race(new: NewShipment, together=at_once, threads: int = THREADS) -> list[object]:
    """Pack the one unit into as many boxes as there are threads, at once."""
    by = staff(Role.STORAGE_TECHNICIAN)
    return together([lambda: pack_shipment(new, by=by, at=NOON) for _ in range(threads)])


def inside(unit: Unit) -> list[ShipmentItem]:
    return list(ShipmentItem.objects.filter(unit=unit, ended_at__isnull=True, shipment__kind="transfer"))


def clear(unit: Unit) -> None:
    """End the journeys of a trial, so that the unit can be packed anew."""
    ShipmentItem.objects.filter(unit=unit, ended_at__isnull=True).update(ended_at=NOON, outcome="taken_out")


@contextmanager
def without_the_index() -> Iterator[None]:
    constraint = next(each for each in ShipmentItem._meta.constraints if each.name == INDEX)
    with connection.schema_editor() as editor:
        editor.remove_constraint(ShipmentItem, constraint)
    yield
    ShipmentItem.objects.filter(ended_at__isnull=True).update(ended_at=NOON, outcome="taken_out")
    with connection.schema_editor() as editor:
        editor.add_constraint(ShipmentItem, constraint)


@pytest.mark.postgresql
def test_one_unit_is_in_one_of_sixteen_boxes_every_time():
    unit = available_unit()
    new = transfer_of(unit)

    with crew(THREADS) as together:
        for number in range(FEWER):
            answers = race(new, together)

            packed = [each for each in answers if isinstance(each, Shipment)]
            assert len(packed) == 1, (number, answers)
            told = [each for each in answers if not isinstance(each, Shipment)]
            assert all(isinstance(each, ShipmentRefused) and unit.code in str(each) for each in told), told
            assert [item.shipment_id for item in inside(unit)] == [packed[0].pk]
            clear(unit)

    assert not Placement.objects.filter(unit=unit, removed_at__isnull=True).exists()


@pytest.mark.postgresql
def test_the_index_alone_keeps_a_unit_out_of_two_boxes(monkeypatch):
    """Canary of the lock: packers who neither wait nor look are told by the index."""
    new = blind(monkeypatch)

    answers = race(new)

    assert sum(isinstance(each, Shipment) for each in answers) == 1, answers
    assert all(isinstance(each, Shipment | ShipmentRefused) for each in answers), answers


@pytest.mark.postgresql
def test_without_lock_and_index_a_unit_is_in_many_boxes(monkeypatch):
    """Canary of both: with the protection off the fault shows."""
    new = blind(monkeypatch)

    with without_the_index():
        answers = race(new)
        found = len(inside(Unit.objects.get(pk=new.unit_ids[0])))

    assert sum(isinstance(each, Shipment) for each in answers) > 1
    assert found > 1


def blind(monkeypatch: pytest.MonkeyPatch) -> NewShipment:
    """Return a shipment whose packers take no lock and see no other journey."""
    unit = available_unit()
    Placement.objects.filter(unit=unit, removed_at__isnull=True).update(
        removed_at=NOON, removed_by=staff(Role.STORAGE_TECHNICIAN)
    )
    new = transfer_of(unit)
    monkeypatch.setattr(service, "lock_units", lambda ids: list(Unit.objects.filter(pk__in=ids)))
    monkeypatch.setattr(journey_queries, "open_journeys", lambda **_: {})
    return new
