"""Lots put away as one."""

import pytest

from biobank.domain.role import Role
from inventory.domain.container import Grid, NotPlaceable
from inventory.queries.fold import fold_findings
from inventory.queries.placement import places_of
from inventory.services.lot_placement import put_away_lot
from tests.factories.lot import (
    made_lot,
    tissue,
    vials_of,
)
from tests.factories.person import staff
from tests.factories.unit import FROZEN_AT, box, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, tissue)


def test_a_lot_is_put_away_into_the_next_free_positions_of_named_boxes_in_one_command():
    lot, small = made_lot(), box("T01-R01-09", grid=Grid(rows=2, columns=5))

    put_away_lot(lot, [small, box("T01-R01-10")], reason="put away", by=staff(Role.STORAGE_TECHNICIAN), at=FROZEN_AT)

    places = places_of([vial.pk for vial in vials_of(lot)]).values()
    assert sum(place.container_id == small.pk for place in places) == 10
    assert len({place.pk for place in places}) == 24
    assert list(fold_findings()) == []


def test_boxes_with_too_little_room_take_none_of_a_lot():
    lot, small = made_lot(), box("T01-R01-09", grid=Grid(rows=2, columns=5))

    with pytest.raises(NotPlaceable, match="10 positions are free"):
        put_away_lot(lot, [small], reason="put away", by=staff(Role.STORAGE_TECHNICIAN), at=FROZEN_AT)

    assert places_of([vial.pk for vial in vials_of(lot)]) == {}
