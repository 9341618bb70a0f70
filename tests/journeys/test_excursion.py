"""A tank warms up at night: what was inside is held before breakfast, and quality says what becomes of each unit."""

from datetime import timedelta
from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.container import Grid, Limit
from inventory.domain.excursion import Group, Reading, warming_of
from inventory.domain.gate import NotReleasable
from inventory.domain.unit import UnitState
from inventory.models.unit import Unit
from inventory.queries.container import limit_of
from inventory.queries.fold import fold_findings
from inventory.queries.hold import open_holds_on
from inventory.queries.placement import free_positions
from inventory.services.container import NewContainer, NewContainerKind, register_container_kind, register_containers
from inventory.services.excursion import NewExcursion, assess_excursion, open_excursion
from inventory.services.pick import pick_unit
from inventory.services.rack import Read, re_rack
from tests.factories.person import LONG_AGO, credentials, default_site, staff
from tests.factories.release import issued_release, scans_of
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit, box

pytestmark = pytest.mark.django_db
MIDNIGHT = NOON - hours(12)


def a_warm_night():
    """Return what the sensor wrote every quarter of an hour: an hour and a half above -150 °C."""
    celsius = ["-168", "-166", "-155", "-149.5", "-141", "-132.5", "-128", "-133", "-148", "-152", "-160"]
    return [Reading(MIDNIGHT + timedelta(minutes=15 * n), Decimal(each)) for n, each in enumerate(celsius)]


def test_a_tank_warms_up_at_night():
    admin, night, morning = staff(Role.ADMINISTRATOR), staff(Role.STORAGE_TECHNICIAN), staff(Role.QUALITY_REVIEWER)
    vapour = NewContainerKind("Vapour tank", "tank", Grid(), warmest_celsius=Decimal(-150), minutes_allowed=20)
    kind = register_container_kind(vapour, by=admin, at=LONG_AGO)
    tank = register_containers([NewContainer("T09", kind, default_site())], by=admin, at=LONG_AGO)[0]
    new = NewContainer("T09-B1", box().kind, default_site(), tank)
    inside = register_containers([new], by=admin, at=LONG_AGO)[0]
    promised, stock, worst, elsewhere = available_unit(segment=True), *(available_unit() for _ in range(3))
    warm = [promised, stock, worst]
    rows = [Read(place.label, unit.code) for place, unit in zip(free_positions([inside], 3), warm, strict=True)]
    re_rack(inside, rows, reason="to the new tank", by=night, at=NOON - hours(24))
    release = issued_release(promised)

    happened = warming_of(a_warm_night(), limit_of(tank.pk))
    assert happened is not None
    reported = open_excursion(NewExcursion(tank, happened, "lid left open"), by=night, at=NOON + hours(1))

    assert limit_of(inside.pk) == Limit(Decimal(-150), None, 20)
    assert (happened.extreme_celsius, happened.minutes_beyond, reported.is_beyond) == (Decimal(-128), 105, True)
    holds = open_holds_on([unit.pk for unit in [*warm, elsewhere]])
    assert [len(holds[unit.pk]) for unit in [*warm, elsewhere]] == [1, 1, 1, 0]
    with pytest.raises(NotReleasable, match="excursion"):
        pick_unit(release, promised, scans=scans_of(promised), by=night, at=NOON + hours(1))

    groups = [
        Group("cleared", (promised.code,), "at the bottom, where the probe stayed below -150 °C"),
        Group("test_first", (stock.code,), "in the middle: thaw a segment"),
        Group("discard", (worst.code,), "under the lid, above the glass transition"),
    ]
    assess_excursion(reported, groups, credentials=credentials(morning), by=morning, at=NOON + hours(2))

    states = {unit.code: unit.state for unit in Unit.objects.filter(pk__in=[unit.pk for unit in [*warm, elsewhere]])}
    assert [states[unit.code] for unit in [stock, worst, elsewhere]] == [
        *[UnitState.QUARANTINED, UnitState.QUARANTINED, UnitState.AVAILABLE],
    ]
    assert states[promised.code] == UnitState.RESERVED
    assert not any(open_holds_on([unit.pk for unit in warm]).values())
    assert list(fold_findings()) == []
