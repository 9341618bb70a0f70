"""What becomes of a unit in store: bags severed, samples kept and ended, expiries extended on new evidence."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from inventory.domain.extension import Document
from inventory.domain.sample import MATERNAL, SampleRole, SampleState
from inventory.models.lot import Lot
from inventory.models.placement import Placement
from inventory.models.result import Result
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.sample import attached_to
from inventory.services.extension import NewExtension, extend_expiry
from inventory.services.sample import NewSample, end_samples, register_samples
from inventory.services.severing import BagPart, Severing, sever_bag
from tests.factories.person import credentials, default_site, staff
from tests.factories.time import days
from tests.journeys.machine import WHICH, Machine, one_of, reviewer

IN_STORE = ("quarantined", "available", "reserved")
ROLES = st.sampled_from([SampleRole.PLASMA, SampleRole.VIABLE_VIAL, SampleRole.MATERNAL_DNA])
ENDS = st.sampled_from([SampleState.CONSUMED, SampleState.DISCARDED, SampleState.STORED])


class MaterialMachine(Machine):
    """Bags, samples and how long they keep."""

    @rule(
        which=WHICH,
        division=st.sampled_from(["80/20", "50/50", "40/60"]),
        hang=st.sampled_from(["each once", "each once", "one left over", "each twice"]),
    )
    def sever(self, which: int, division: str, hang: str) -> None:
        """A bag is cut along its seam, and what hangs on it hangs on one part: on neither perhaps, or on both."""
        bags = [unit for unit in self.units("quarantined", "available") if unit.kind == "cryobag"]
        bag, lab = one_of(bags, which) if bags and which % 4 else self.unit(which), staff(Role.LAB_TECHNICIAN)
        hanging = tuple(attached_to([bag.pk]))
        larger = hanging if hang == "each twice" else hanging[:1]
        smaller = () if hang == "one left over" else hanging if hang == "each twice" else hanging[1:]
        parts = BagPart("S9002VA0", larger), BagPart("S9002VB0", smaller)

        def call(at: datetime) -> tuple[Unit, Unit]:
            return sever_bag(Severing(bag.pk, division, *parts, severed_at=at, operator=lab), by=lab, at=at)

        if halves := self.attempt("sever", call):
            together = sum((half.volume_ml or Decimal(0) for half in halves), Decimal(0))
            assert together == bag.volume_ml, "the parts of a bag are not the bag"
            assert attached_to([half.pk for half in halves]) == list(hanging), "a sample hangs on no part of its bag"

    @rule(which=WHICH, role=ROLES, how=st.sampled_from(["kept", "kept", "hung on nothing", "impossible"]))
    def register_sample(self, which: int, role: SampleRole, how: str) -> None:
        """One more tube is kept; once in a while it hangs on no bag, or holds less than nothing."""
        unit, lab = self.unit(which), staff(Role.LAB_TECHNICIAN)
        of = None if role in MATERNAL else unit
        new = NewSample(unit.donation, role, default_site().code, unit=of, volume_ml=Decimal("0.5"))
        news = {
            "kept": new,
            "hung on nothing": replace(new, unit=None, attached=True),
            "impossible": replace(new, volume_ml=Decimal("-0.5")),
        }
        self.attempt("register sample", lambda at: register_samples([news[how]], by=lab, at=at))

    @rule(which=WHICH, to=ENDS)
    def end_sample(self, which: int, to: SampleState) -> None:
        """A tube is used up or thrown away, be it there still or not; and nothing comes back."""
        ended = list(ReferenceSample.objects.exclude(state="stored").order_by("pk"))
        stored = list(ReferenceSample.objects.filter(state="stored").order_by("-pk"))
        chosen, lab = one_of(ended if ended and which % 3 == 0 else stored, which), staff(Role.LAB_TECHNICIAN)
        self.attempt("end sample", lambda at: end_samples([chosen.pk], to, reason="tested", by=lab, at=at))
        lies = Placement.objects.filter(sample=chosen, removed_at=None).exists()
        assert self.was_refused or not lies, "a sample that is no more lies in a position"

    @rule(which=WHICH, shown=st.sampled_from(["by paper", "by paper", "long ago", "by result"]))
    def extend_expiry(self, which: int, shown: str) -> None:
        """Quality extends what was assigned, on a new paper or a result; or on what was known long ago."""
        thing, quality = self._to_extend(which), reviewer()
        before, result_id = thing.expires_at, _latest_viability(thing) if shown == "by result" else None

        def call(at: datetime) -> object:
            dated = date(2020, 2, 29) if shown == "long ago" else at.date()
            paper = None if result_id else Document("Stability programme", dated, "a" * 64)
            new = NewExtension((before or at) + days(1), "retested", result_id=result_id, document=paper)
            return extend_expiry(thing, new, credentials=credentials(quality), by=quality, at=at)

        if self.attempt("extend expiry", call):
            thing.refresh_from_db()
            assert before is not None, "an expiry was extended that nobody assigned"
            assert thing.expires_at == before + days(1), "an expiry was extended to something else"

    def _to_extend(self, which: int) -> Unit | Lot:
        """Return something that expires; once in a while any unit, a vial perhaps, which expires with its lot."""
        units = Unit.objects.filter(lot=None, expires_at__isnull=False, state__in=IN_STORE, kind="cryobag")
        expiring: list[Unit | Lot] = [*Lot.objects.order_by("pk"), *units.order_by("pk")]
        return one_of(expiring, which) if expiring and which % 4 else self.unit(which)


def _latest_viability(thing: Unit | Lot) -> int | None:
    """Return the newest result that shows how well something keeps, if there is any."""
    of_this = {"unit": thing} if isinstance(thing, Unit) else {"lot": thing}
    shows = Result.objects.filter(**of_this, assay__endswith="viability_percent", replaced_by=None)
    return shows.order_by("-pk").values_list("pk", flat=True).first()
