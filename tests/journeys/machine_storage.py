"""Tanks and boxes: things are put away, moved, swapped, warmed up, lost and thrown away."""

from datetime import datetime
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from biobank.domain.role import Role
from inventory.domain.excursion import ExcursionVerdict, Group, Warming
from inventory.models.container import Position
from inventory.models.excursion import Excursion
from inventory.models.placement import Placement
from inventory.models.unit import Unit
from inventory.queries.placement import free_positions
from inventory.services.disposition import Discard, Loss, discard_unit, lose_unit
from inventory.services.excursion import NewExcursion, assess_excursion, open_excursion
from inventory.services.placement import PutAway, put_away
from inventory.services.rack import Read, re_rack
from tests.factories.person import credentials, staff
from tests.factories.time import hours
from tests.factories.unit import box
from tests.journeys.bank import BOXES
from tests.journeys.machine import WHICH, Machine, one_of, reviewer

# How a spilled box is read.
READ = st.sampled_from(["right", "right", "right", "twice", "unknown", "nowhere"])
# A bank that lost everything has nothing to ask about.
MOST_LOST = 2


class StorageMachine(Machine):
    """Where things are."""

    def position(self, code: str, number: int) -> Position:
        """Return one of the first positions of a box: few, so that they are taken."""
        return box(code).positions.order_by("pk")[number % 4]

    @rule(which=WHICH, code=st.sampled_from(BOXES), number=WHICH)
    def put(self, which: int, code: str, number: int) -> None:
        """A unit is put into a position, be it free or not."""
        self.put_this(self.unit(which), self.position(code, number))

    def put_this(self, unit: Unit, place: Position) -> None:
        """Put one unit into a position."""
        by = staff(Role.STORAGE_TECHNICIAN)
        wanted = [PutAway(place.pk, unit_id=unit.pk)]
        self.attempt("put away", lambda at: put_away(wanted, reason="moved", by=by, at=at))

    @rule(which=WHICH, code=st.sampled_from(BOXES), number=WHICH)
    def move_what_was_moved(self, which: int, code: str, number: int) -> None:
        """Somebody moves a unit from where it no longer is (INV-25)."""
        lying = [row.unit for row in Placement.objects.filter(removed_at=None).order_by("-pk") if row.unit]
        unit = one_of(lying, which) if lying and which % 3 else self.unit(which)
        place, lies = self.position(code, number), Placement.objects.filter(unit=unit, removed_at=None).first()
        before = lies.position if lies and number % 2 else self.position(code, number + 1)
        by, wanted = staff(Role.STORAGE_TECHNICIAN), [PutAway(place.pk, unit_id=unit.pk, from_position_id=before.pk)]
        lies_there = Placement.objects.filter(unit=unit, position=before, removed_at=None).exists()

        def call(at: datetime) -> bool:
            put_away(wanted, reason="moved", by=by, at=at)
            return True

        moved = self.attempt("move", call)
        assert lies_there or not moved, "INV-25 a move from where it no longer was went through"

    @precondition(lambda _bank: Placement.objects.filter(removed_at=None).exists())
    @rule(which=WHICH, other=WHICH)
    def swap(self, which: int, other: int) -> None:
        """Two things change places in one command."""
        lying = list(Placement.objects.filter(removed_at=None).order_by("position_id"))
        first, second = one_of(lying, which), one_of(lying, other)
        wanted = [
            PutAway(second.position_id, unit_id=first.unit_id, sample_id=first.sample_id),
            PutAway(first.position_id, unit_id=second.unit_id, sample_id=second.sample_id),
        ]
        by = staff(Role.STORAGE_TECHNICIAN)
        self.attempt("swap", lambda at: put_away(wanted, reason="swapped", by=by, at=at))

    @rule(which=WHICH, code=st.sampled_from(BOXES), read=READ)
    def re_rack(self, which: int, code: str, read: str) -> None:
        """A box was spilled: two things are put where somebody reads them, all of it or nothing."""
        lying = [row.unit for row in Placement.objects.filter(removed_at=None).order_by("-pk") if row.unit]
        things = [one_of(lying or self.units(), which + number) for number in range(2)]
        places = free_positions([box(code)], 2) if which % 3 else [self.position(code, which), self.position(code, 1)]
        rows = [Read(place.code, thing.code) for place, thing in zip(places, things, strict=True)]
        if read != "right":
            rows[1] = {
                "twice": Read(places[1].code, things[0].code),
                "unknown": Read(places[1].code, "X-UNKNOWN"),
                "nowhere": Read("NOWHERE-A01", things[1].code),
            }[read]
        by = staff(Role.STORAGE_TECHNICIAN)
        self.attempt("re-rack", lambda at: re_rack(box(code), rows, reason="the box fell", by=by, at=at))
        found = {row.unit_id: row.position_id for row in Placement.objects.filter(removed_at=None)}
        there = all(found.get(thing.pk) == place.pk for place, thing in zip(places, things, strict=True))
        assert self.was_refused or there, "something lies elsewhere than where it was put"

    @rule(code=st.sampled_from(BOXES), celsius=st.sampled_from(["-120.5", "-196.0"]), since=st.integers(-4, 30))
    def warm_up(self, code: str, celsius: str, since: int) -> None:
        """A box was too warm for some hours, and what was inside is held."""
        by = staff(Role.STORAGE_TECHNICIAN)

        def call(at: datetime) -> Excursion:
            happened = Warming(at - hours(since), at, Decimal(celsius), 45)
            return open_excursion(NewExcursion(box(code), happened), by=by, at=at)

        self.attempt("excursion", call)

    @rule(which=WHICH, verdict=st.sampled_from(ExcursionVerdict), leaves_one_out=st.booleans())
    def assess(self, which: int, verdict: ExcursionVerdict, leaves_one_out: bool) -> None:
        """Quality assesses an excursion, all of its units or all but one."""
        excursions = list(Excursion.objects.filter(assessed_at=None).order_by("pk"))
        if not excursions:
            return
        excursion, quality = one_of(excursions, which), reviewer()
        held = excursion.items.filter(hold__isnull=False).order_by("pk").values_list("unit__code", flat=True)
        groups = [Group(verdict, tuple(held)[1 if leaves_one_out and which % 3 == 0 else 0 :], "The logger shows it.")]
        self.attempt(
            "assess",
            lambda at: assess_excursion(excursion, groups, credentials=credentials(quality), by=quality, at=at),
        )

    @rule(which=WHICH, witnessed=st.sampled_from([True, True, False]))
    def discard(self, which: int, witnessed: bool) -> None:
        """A unit is thrown away, with a witness or without."""
        unit, by = self.unit(which, "quarantined", "received"), staff(Role.STORAGE_TECHNICIAN)
        witness = staff(Role.LAB_TECHNICIAN) if witnessed else None

        def call(at: datetime) -> object:
            said = Discard(reason="damaged", amount="all", witness=witness, occurred_at=at)
            return discard_unit(unit, said, by=by, at=at)

        self.attempt("discard", call)

    @precondition(lambda bank: len(bank.units("lost")) < MOST_LOST)
    @rule(which=WHICH, witnessed=st.sampled_from([True, True, False]))
    def lose(self, which: int, witnessed: bool) -> None:
        """A unit is nowhere, and somebody signs for it, with a witness or without."""
        unit, quality = self.unit(which), reviewer()
        witness = staff(Role.STORAGE_TECHNICIAN) if witnessed else None

        def call(at: datetime) -> object:
            loss = Loss(reason="Not in its position.", occurred_at=at, witness=witness)
            return lose_unit(unit, loss, credentials=credentials(quality), by=quality, at=at)

        done = self.attempt("lose", call)
        assert witnessed or done is None, "a unit was lost without a witness"
