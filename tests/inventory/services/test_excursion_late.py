"""What turns out, by a corrected place, to have lain in a container while it was too warm."""

from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.container import Grid
from inventory.domain.excursion import AssessmentRefused
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass
from inventory.models.container import Container
from inventory.models.placement import Placement
from inventory.models.unit import Unit
from inventory.queries.placement import free_positions
from inventory.services.container import NewContainer, NewContainerKind, register_container_kind, register_containers
from inventory.services.placement import PutAway, put_away
from tests.factories.correction import correction
from tests.factories.excursion import assessed, excursion, group, held, warming
from tests.factories.person import LONG_AGO, default_site
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import box, frozen_unit, staff
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db


def warm_box() -> Container:
    """Return another box, which may be 15 minutes too warm."""
    admin = staff(Role.ADMINISTRATOR)
    kind = register_container_kind(
        NewContainerKind(
            *("Warm box", "box", Grid(2, 2)),
            accepts=(*ProductClass, *SampleRole),
            warmest_celsius=Decimal(-150),
            minutes_allowed=15,
        ),
        by=admin,
        at=LONG_AGO,
    )
    return register_containers([NewContainer("T09-B1", kind, default_site())], by=admin, at=LONG_AGO)[0]


BEGINS_WITH = (frozen_unit,)


def corrected_into(container: Container, row: Placement) -> None:
    """Correct where something was put: it has lain in the first free position of this container all the time."""
    correction("placement", row.pk, "position", free_positions([container], 1)[0].code)


def placement_of(unit: Unit) -> Placement:
    return unit.placements.get(removed_at=None)


def test_a_unit_that_lay_there_is_held_by_the_excursion_and_assessed_with_the_others() -> None:
    unit, container = frozen_unit(), warm_box()
    opened = excursion(container)
    before = head_number()

    corrected_into(container, placement_of(unit))

    item = opened.items.get(unit=unit)
    assert held(unit) == [["excursion"]]
    assert item.position.container == container
    assert item.hold is not None
    assert item.hold.reason.startswith(opened.reference)
    assert {"hold.placed", "excursion.extended", "fact.corrected"} <= set(kinds_since(before))
    assert last_of("excursion.extended")["new"] == {"inside": [unit.code], "held": 1}
    with nothing_changes(), pytest.raises(AssessmentRefused):
        assessed(opened)
    assessed(opened, group("cleared", unit.code))
    assert held(unit) == [[]]


def test_within_what_the_box_allows_it_is_noted_and_its_minutes_count_from_then_on() -> None:
    unit, container = frozen_unit(), warm_box()
    short = excursion(container, warming(minutes=10, since=NOON - hours(9), until=NOON - hours(8)))

    corrected_into(container, placement_of(unit))

    assert (short.items.get().unit, short.items.get().hold, held(unit)) == (unit, None, [[]])
    excursion(container, warming(minutes=6, since=NOON - hours(2), until=NOON - hours(1)))
    assert held(unit) == [["excursion"]]


def test_after_the_assessment_it_is_held_to_be_looked_into() -> None:
    known, unit, container = frozen_unit(), frozen_unit(), warm_box()
    corrected_into(container, placement_of(known))
    opened = excursion(container)
    assessed(opened, group("cleared", known.code))

    corrected_into(container, placement_of(unit))

    assert held(known, unit) == [[], ["investigation"]]
    assert list(opened.items.values_list("unit", flat=True)) == [known.pk]


def test_a_place_corrected_into_a_box_that_was_cold_meanwhile_joins_nothing() -> None:
    unit, container = frozen_unit(), warm_box()
    long_before = excursion(container, warming(since=LONG_AGO, until=LONG_AGO + hours(1)))
    elsewhere = excursion(box("T02-R01-01"))

    corrected_into(container, placement_of(unit))

    assert held(unit) == [[]]
    assert not long_before.items.exists()
    assert not elsewhere.items.exists()


def test_a_sample_that_lay_there_is_noted() -> None:
    unit, container = frozen_unit(), warm_box()
    sample, opened = unit.samples.get(role=SampleRole.DNA), excursion(container)
    wanted = PutAway(free_positions([box()], 1)[0].pk, sample_id=sample.pk)
    put_away([wanted], reason="stored", by=staff(Role.STORAGE_TECHNICIAN), at=NOON - hours(24))

    corrected_into(container, sample.placements.get(removed_at=None))

    assert (opened.items.get().sample, opened.items.get().hold) == (sample, None)
