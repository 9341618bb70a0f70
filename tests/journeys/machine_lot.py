"""Lots and pools: made of what is there, put away, measured, judged, held and accepted as one, requested by count."""

from dataclasses import replace
from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from biobank.domain.role import Role
from inventory.domain.assay import Subject
from inventory.domain.hold import HoldKind
from inventory.domain.unit import ProductClass, Use
from inventory.models.lot import Lot
from inventory.models.placement import Placement
from inventory.models.protocol import Protocol
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.lot import donations_behind_lots
from inventory.services.hold import NewHold, place_holds
from inventory.services.lot import make_lot
from inventory.services.lot_acceptance import accept_lot
from inventory.services.lot_placement import put_away_lot
from inventory.services.request import request_units
from inventory.services.result import NewResult, record_results
from tests.factories.donation import next_din
from tests.factories.lot import OF_THE_LOT, mothers_results_of, new_lot, vials_wanted
from tests.factories.person import credentials, staff
from tests.factories.request import coordinator
from tests.factories.result import technician
from tests.factories.time import days, hours
from tests.factories.unit import box
from tests.journeys.bank import BOXES
from tests.journeys.machine import STEPS, WHICH, one_of, reviewer
from tests.journeys.machine_collection import CollectionMachine
from tests.journeys.machine_quality import WHYS

# Each row of a vial is read after each command.
MOST_LOTS, VIALS = 3, 3


class LotMachine(CollectionMachine):
    """Units that are judged as one."""

    def lots(self) -> list[Lot]:
        """Return the lots, oldest first."""
        return list(Lot.objects.order_by("pk"))

    @precondition(lambda bank: len(bank.rows["inventory_lot"]) < MOST_LOTS)
    @rule(which=WHICH, pooled=st.booleans(), of=st.sampled_from(["tissue", "tissue", "anything"]))
    def make_lot(self, which: int, pooled: bool, of: str) -> None:
        """A lot is made of tissue, or of anything; of two of them as a pool."""
        tissue = [unit for unit in self.units("quarantined") if unit.product_class == ProductClass.CORD_TISSUE]
        parents = tissue if tissue and of == "tissue" else self.units()
        count = 2 if pooled else 1
        chosen = {unit.pk: unit for unit in (one_of(parents, which + number) for number in range(count))}
        din = next_din() if pooled else ""

        def call(at: datetime) -> Lot:
            new = new_lot(*chosen.values(), vials=VIALS, pool_din=din)
            new = replace(new, started_at=at - hours(0.2), frozen_at=at - hours(0.1))
            return make_lot(new, by=staff(Role.LAB_TECHNICIAN), at=at)

        self.attempt("make pool" if pooled else "make lot", call)

    @rule(which=WHICH, steps=STEPS)
    def go_on_with_lot(self, which: int, steps: int) -> None:
        """A lot goes on towards the bank's stock by some steps, each the next in turn; a refusal stops it."""
        if not (lots := self.lots()):
            return
        lot = one_of(lots, which)
        for _ in range(min(steps, 4)):
            if not self._next_of_lot(lot):
                return

    def _next_of_lot(self, lot: Lot) -> bool:
        donations = donations_behind_lots([lot.pk])[lot.pk]
        if not Placement.objects.filter(unit__lot=lot).exists():
            return self._put_away_lot(lot)
        if not Result.objects.filter(lot=lot).exists():
            return self._measure_lot(lot)
        if waiting := [each for each in donations if not each.determinations.filter(reopened_at=None).exists()]:
            self.determine_this(waiting[0])
            return not self.was_refused
        return self.accept_lot_this(lot, Use.HUMAN_APPLICATION) is not None

    def _put_away_lot(self, lot: Lot) -> bool:
        by, boxes = staff(Role.STORAGE_TECHNICIAN), [box(BOXES[0])]
        placed = self.attempt("put away lot", lambda at: put_away_lot(lot, boxes, reason="put away", by=by, at=at))
        return placed is not None

    def _measure_lot(self, lot: Lot, **otherwise: str) -> bool:
        donations = donations_behind_lots([lot.pk])[lot.pk]
        news = [
            *(
                NewResult(assay, Subject.LOT, lot=lot, value=value)
                for assay, value in {**OF_THE_LOT, **otherwise}.items()
            ),
            *(new for each in donations if not each.results.exists() for new in mothers_results_of(each)),
        ]
        made = self.attempt("measure lot", lambda at: record_results(news, by=technician(), at=at))
        self._verify([each.pk for each in made or ()])
        return made is not None

    @rule(which=WHICH, what=st.sampled_from(["put away", "measure"]))
    def lot_out_of_turn(self, which: int, what: str) -> None:
        """A lot is put away that lies in its box already perhaps, or measured as nothing can be."""
        if not (lots := self.lots()):
            return
        if what == "put away":
            self._put_away_lot(one_of(lots, which))
        else:
            self._measure_lot(one_of(lots, which), cell_viability_percent="940")

    @rule(which=WHICH, use=st.sampled_from(Use))
    def accept_lot(self, which: int, use: Use) -> None:
        """Quality accepts a lot, whatever is known of it."""
        if lots := self.lots():
            self.accept_lot_this(one_of(lots, which), use)

    def accept_lot_this(self, lot: Lot, use: Use) -> object:
        """Accept one lot."""
        quality = reviewer()
        return self.attempt(
            "accept lot", lambda at: accept_lot(lot, use, credentials=credentials(quality), by=quality, at=at)
        )

    @rule(which=WHICH, count=st.integers(1, VIALS + 1))
    def request_vials(self, which: int, count: int) -> None:
        """A coordinator asks for so many vials of a lot; the bank picks which."""
        if lots := self.lots():
            lot, needed_by = one_of(lots, which), (self.now + days(30)).date()
            study = Protocol.objects.get(code="LIVER-MSC")
            patient = f"PATIENT-{which % 3}"
            new = vials_wanted(lot, count, protocol=study, needed_by=needed_by, recipient=patient)
            done = self.attempt("request vials", lambda at: request_units(new, by=coordinator(), at=at))
            assert done is None or done.lines.count() == count, "other than so many vials were reserved"

    @rule(which=WHICH, kind=st.sampled_from(HoldKind), why=st.sampled_from(WHYS))
    def hold_lot(self, which: int, kind: HoldKind, why: str) -> None:
        """Somebody doubts a lot, and says why, or does not: each of its vials is held by it."""
        if lots := self.lots():
            new = NewHold(kind, why, lot_id=one_of(lots, which).pk)
            self.attempt("hold lot", lambda at: place_holds([new], by=staff(Role.STORAGE_TECHNICIAN), at=at))

    @rule(which=WHICH, what=st.sampled_from(["growth", "mycoplasma", "harmless", "vial"]))
    def late_result_of_lot(self, which: int, what: str) -> None:
        """A result of a lot comes late; of one of its vials it is refused, because it is the lot's."""
        if not (lots := self.lots()):
            return
        lot = one_of(lots, which)
        vial = Unit.objects.filter(lot=lot).order_by("pk")[0]
        new = {
            "growth": NewResult("bacterial_culture", Subject.LOT, lot=lot, value="growth"),
            "mycoplasma": NewResult("mycoplasma", Subject.LOT, lot=lot, value="positive"),
            "harmless": NewResult("cell_viability_percent", Subject.LOT, lot=lot, value="93.0"),
            "vial": NewResult("cell_viability_percent", Subject.UNIT, unit=vial, value="93.0"),
        }[what]
        made = self.attempt("late result of lot", lambda at: record_results([new], by=technician(), at=at))
        self._verify([each.pk for each in made or ()])
