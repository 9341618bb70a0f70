"""Many parts taken of one unit at the same instant: never more than is there, and the rest is what is left."""

from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.processing import ProcessingRefused
from inventory.models.unit import Lineage, Unit
from inventory.services import processing as processing_service
from inventory.services.processing import process_units
from tests.concurrency.threads import FEWER, crew
from tests.factories.person import staff
from tests.factories.unit import FROZEN_AT, child_of, new_processing, received_unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
THREADS = 16
DIVISIONS = "ABCDEFGHIJKLMNOP"


def takings(unit, ml="10"):
    """Return one run for each division, each taking as much."""
    runs = []
    for division in DIVISIONS:
        child = child_of(
            unit,
            product_code=f"S9002V{division}0",
            taken_ml=Decimal(ml),
            volume_ml=Decimal(ml),
            attached=(),
            kept=(),
        )
        runs.append(new_processing(unit, children=(child,), lives_on=True))
    return runs


def race(unit, together):
    lab = staff(Role.LAB_TECHNICIAN)
    assert lab.site
    return together(
        [lambda run=run: process_units([run], by=lab, at=FROZEN_AT) for run in takings(unit)],
    )


def taken_of(unit):
    return sum((each.taken_ml for each in Lineage.objects.filter(parent=unit)), Decimal(0))


def trial(together):
    """Race once; nine of sixteen have their 10 mL of 95, all others are told how much is left."""
    unit = received_unit()

    answers = race(unit, together)

    made = [each for each in answers if isinstance(each, list)]
    refused = [each for each in answers if not isinstance(each, list)]
    assert len(made) == 9, answers
    assert all(isinstance(each, ProcessingRefused) and "which holds 5.00" in str(each) for each in refused), refused
    unit.refresh_from_db()
    assert (taken_of(unit), unit.volume_ml, unit.state) == (Decimal(90), Decimal(5), "quarantined")


@pytest.mark.postgresql
def test_sixteen_take_ten_of_ninety_five_millilitres_and_nine_have_them_in_every_trial():
    with crew(THREADS) as together:
        for _ in range(FEWER):
            trial(together)


@pytest.mark.sqlite
def test_never_more_is_taken_than_is_there_on_sqlite_too():
    with crew(THREADS) as together:
        for _ in range(3):
            trial(together)


@pytest.mark.postgresql
def test_canary_without_the_locks_more_is_taken_than_is_there(monkeypatch):
    monkeypatch.setattr(processing_service, "lock_donors", lambda _ids: [])
    monkeypatch.setattr(
        processing_service, "lock_units", lambda ids: list(Unit.objects.filter(pk__in=ids).order_by("pk"))
    )

    with crew(THREADS) as together:
        for _ in range(10):
            unit = received_unit()
            race(unit, together)
            unit.refresh_from_db()
            if taken_of(unit) + unit.volume_ml > Decimal(95):
                return

    pytest.fail("Without the locks every part was still accounted for: the race proves nothing.")
