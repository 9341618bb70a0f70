"""A box is counted: read by position, some of it wrongly, compared, resolved, and closed by who did not count."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.models.placement import Placement
from inventory.models.stocktake import Stocktake, StocktakeDifference
from inventory.queries.placement import free_positions
from inventory.services.stocktake import (
    Count,
    abandon_stocktake,
    compare_stocktake,
    open_stocktake,
    record_counts,
)
from inventory.services.stocktake_end import NewResolution, close_stocktake, resolve_differences
from tests.factories.person import credentials, staff
from tests.factories.unit import box
from tests.journeys.bank import BOXES
from tests.journeys.machine import WHICH, Machine, one_of, reviewer

STEPS = ("count", "compare", "resolve", "close")
READINGS = st.sampled_from(
    ["right", "right", "right", "right", "one missing", "two swapped", "one unreadable", "one unknown", "nonsense"]
)
BY = ("other", "other", "counter")
NOTE = "floor, gloves and the tank's bottom searched by two"


class StocktakeMachine(Machine):
    """What is really in the tank."""

    def stocktakes(self) -> list[Stocktake]:
        """Return the stocktakes that go on, or all."""
        going_on = Stocktake.objects.filter(status__in=["counting", "compared"]).order_by("pk")
        return list(going_on) or list(Stocktake.objects.order_by("pk"))

    @rule(code=st.sampled_from(BOXES))
    def begin_stocktake(self, code: str) -> None:
        """Somebody begins to count a box, be it counted already or not."""
        self.attempt("open stocktake", lambda at: open_stocktake(box(code), by=_counter(), at=at))

    @rule(
        which=WHICH,
        readings=READINGS,
        steps=st.sampled_from([1, 4, 4]),
        by=st.sampled_from(BY),
    )
    def go_on_counting(self, which: int, readings: str, steps: int, by: str) -> None:
        """A stocktake goes on by some steps, each the next in turn."""
        if stocktakes := self.stocktakes():
            stocktake = one_of(stocktakes, which)
            for step in STEPS[_turn(stocktake) :][:steps]:
                stocktake.refresh_from_db()
                self.count_this(stocktake, step, readings, by)

    @rule(which=WHICH, step=st.sampled_from([*STEPS, "abandon"]), readings=READINGS)
    def count_out_of_turn(self, which: int, step: str, readings: str) -> None:
        """One step of a stocktake, be it its turn or not."""
        if stocktakes := self.stocktakes():
            self.count_this(one_of(stocktakes, which), step, readings, "other")

    def count_this(self, stocktake: Stocktake, step: str, readings: str, by: str) -> None:
        """Take one step of one stocktake."""
        if step == "count":
            counts = _read(stocktake, readings)
            self.attempt("count box", lambda at: record_counts(stocktake, counts, by=_counter(), at=at))
        elif step == "compare":
            self.attempt("compare", lambda at: compare_stocktake(stocktake, by=_counter(), at=at))
        elif step == "resolve":
            news = _resolutions(stocktake)
            self.attempt("resolve", lambda at: resolve_differences(stocktake, news, by=_counter(), at=at))
        elif step == "abandon":
            self.attempt("abandon", lambda at: abandon_stocktake(stocktake, reason="fire", by=_counter(), at=at))
        else:
            self._close(stocktake, reviewer() if by == "other" else _counter())

    def _close(self, stocktake: Stocktake, by: Person) -> None:
        done = self.attempt(
            "close stocktake", lambda at: close_stocktake(stocktake, credentials=credentials(by), by=by, at=at)
        )
        assert done is None or by.pk != stocktake.opened_by_id, "who counted signed the closing"


def _counter() -> Person:
    return staff(Role.STORAGE_TECHNICIAN)


def _turn(stocktake: Stocktake) -> int:
    """Return the number of the step that is next in turn."""
    if stocktake.status == "counting":
        return 1 if stocktake.scans.exists() else 0
    return 2 if StocktakeDifference.objects.filter(stocktake=stocktake, resolution="").exists() else 3


def _read(stocktake: Stocktake, readings: str) -> list[Count]:
    """Return what was read of a box: what the record says, and what is otherwise."""
    lying = Placement.objects.filter(position__container=stocktake.container, removed_at=None).order_by("position_id")
    found = [(row.position.code, thing.code) for row in lying if (thing := row.unit or row.sample)]
    counts = [Count(position, code) for position, code in found]
    if readings == "one missing" and found:
        counts[0] = Count(found[0][0])
    elif readings == "two swapped" and len(found) > 1:
        counts[:2] = [Count(found[0][0], found[1][1]), Count(found[1][0], found[0][1])]
    elif readings == "one unreadable" and found:
        counts[0] = Count(found[0][0], readable=False)
    elif readings == "one unknown":
        counts.append(Count(free_positions([stocktake.container], 1)[0].code, "X-UNKNOWN"))
    elif readings == "nonsense":
        counts.append(Count("NOWHERE-A01", "X"))
    return counts


def _resolutions(stocktake: Stocktake) -> list[NewResolution]:
    """Return how each open difference ends."""
    rows = list(StocktakeDifference.objects.filter(stocktake=stocktake, resolution="").order_by("pk"))
    missing = [row for row in rows if row.kind == "missing"]
    news = []
    for row in rows:
        if row.kind == "unreadable" and missing:
            gone = missing.pop(0)
            news.append(NewResolution(row.pk, "identified", row.found_position_id, item=gone.code, note=NOTE))
            rows.remove(gone)
        elif row.kind in ("misplaced", "unexpected"):
            news.append(NewResolution(row.pk, "placed", row.found_position_id))
        else:
            news.append(NewResolution(row.pk, "lost" if row.kind == "missing" else "set_aside", note=NOTE))
    return [new for new in news if new.difference_id in {row.pk for row in rows}]
