"""A box falls in the store room: it is re-racked by a scanner's list, counted, and what is nowhere is lost."""

import pytest

from biobank.domain.role import Role
from inventory.domain.unit import UnitState
from inventory.models.disposition import Disposition
from inventory.models.unit import Unit
from inventory.queries.fold import fold_findings
from inventory.queries.item import places_of_items
from inventory.services.rack import Read, re_rack, swap_items
from inventory.services.stocktake import Count, compare_stocktake, open_stocktake, record_counts
from inventory.services.stocktake_end import NewResolution, close_stocktake, resolve_differences
from tests.factories.person import credentials, staff
from tests.factories.time import NOON, hours
from tests.factories.unit import box, frozen_unit

pytestmark = pytest.mark.django_db


def test_a_box_falls():
    storage, quality = staff(Role.STORAGE_TECHNICIAN), staff(Role.QUALITY_REVIEWER)
    units = [frozen_unit() for _ in range(5)]
    first, second, third, smeared, nowhere = units
    rack = box()

    rows = [Read("A02", first.code), Read("A01", second.code), Read("3A", third.code)]
    re_rack(rack, rows, reason="the box fell", by=storage, at=NOON)
    swap_items(first, second, reason="back as they were", by=storage, at=NOON + hours(0.1))
    stocktake = open_stocktake(rack, by=storage, at=NOON + hours(1))
    seen = [Count("A01", first.code), Count("A02", third.code), Count("A03", second.code), Count("A04", readable=False)]
    record_counts(stocktake, [*seen, Count("A05")], by=storage, at=NOON + hours(1.5))
    rows = {(row.kind, row.code): row for row in compare_stocktake(stocktake, by=storage, at=NOON + hours(2))}

    assert set(rows) == {
        *[("misplaced", second.code), ("misplaced", third.code), ("unreadable", "")],
        *[("missing", smeared.code), ("missing", nowhere.code)],
    }
    misplaced = [row for (kind, _), row in rows.items() if kind == "misplaced"]
    unreadable, missing = rows["unreadable", ""], rows["missing", nowhere.code]
    news = [
        *(NewResolution(row.pk, "placed", row.found_position_id) for row in misplaced),
        NewResolution(
            unreadable.pk, "identified", unreadable.found_position_id, item=smeared.code, note="by its segment's number"
        ),
        NewResolution(missing.pk, "lost", note="floor, gloves and the tank's bottom searched by two"),
    ]
    resolve_differences(stocktake, news, by=storage, at=NOON + hours(3))
    close_stocktake(stocktake, credentials=credentials(quality), by=quality, at=NOON + hours(4))

    places = {code: place.label for code, place in places_of_items(units).items()}
    assert places == {first.code: "A01", third.code: "A02", second.code: "A03", smeared.code: "A04"}
    lost = Disposition.objects.get()
    assert (lost.unit, lost.kind, lost.signature.person, lost.witness) == (nowhere, "lost", quality, storage)
    assert Unit.objects.get(pk=nowhere.pk).state == UnitState.LOST
    assert [hold.kind for hold in smeared.holds.all()] == ["mix_up"]
    assert list(fold_findings()) == []
