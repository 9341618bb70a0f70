"""Departures from procedure: told, found to have touched more, and closed by the signature of who had no part in it."""

from collections.abc import Sequence
from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.domain.deviation import DeviationClass, DeviationDisposition, Disposition
from inventory.models.batch import Batch
from inventory.models.container import Container
from inventory.models.deviation import Deviation, DeviationItem
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.batch import units_stopped_with
from inventory.services.batch_rejection import reject_released_batch
from inventory.services.deviation import (
    Closing,
    NewDeviation,
    Touched,
    close_deviation,
    extend_deviation,
    open_deviation,
)
from tests.factories.person import credentials, staff
from tests.factories.time import hours
from tests.journeys.machine import WHICH, Machine, one_of, reviewer

WORDS = st.sampled_from([word.value for word in DeviationDisposition])
STORY = "The lid of the bag sealer stayed open during filling."
BESIDES = ("unit", "shipment", "container", "person", "nothing", "unknown")


class DeviationMachine(Machine):
    """What went otherwise than written."""

    def deviations(self) -> list[Deviation]:
        """Return the deviations, open ones first."""
        return list(Deviation.objects.filter(closed_at=None).order_by("pk")) or list(Deviation.objects.order_by("pk"))

    @rule(
        which=WHICH,
        severity=st.sampled_from(DeviationClass),
        besides=st.sampled_from(BESIDES),
        ago=st.sampled_from([12, 12, 12, -12]),
    )
    def deviate(self, which: int, severity: DeviationClass, besides: str, ago: int) -> None:
        """Somebody tells of a departure that touched one unit, or something besides."""
        unit = self.unit(which, "available", "reserved", "released")

        def call(at: datetime) -> Deviation:
            touched = _touched(unit, besides)
            told = NewDeviation(severity, STORY, "The bag was set aside.", at - hours(ago), touched)
            return open_deviation(told, by=staff(Role.LAB_TECHNICIAN), at=at)

        self.attempt("deviate", call)

    @rule(which=WHICH, besides=st.sampled_from(BESIDES))
    def extend_deviation(self, which: int, besides: str) -> None:
        """Somebody finds that a departure touched more."""
        if deviations := self.deviations():
            chosen, touched, by = one_of(deviations, which), _touched(self.unit(which), besides), reviewer()
            self.attempt("extend", lambda at: extend_deviation(chosen, touched, reason="the same shift", by=by, at=at))

    @rule(which=WHICH, word=WORDS, by=st.sampled_from(["reviewer", "reviewer", "reviewer", "opener"]))
    def close_deviation(self, which: int, word: str, by: str) -> None:
        """Quality closes a departure with one disposition for all that it touched, or for all but one."""
        if deviations := self.deviations():
            chosen = one_of(deviations, which)
            person = reviewer() if by == "reviewer" else chosen.opened_by
            goods = _goods(chosen)[1 if which % 4 == 0 else 0 :]
            self.close_this(chosen, word, goods, person)

    def close_this(self, chosen: Deviation, word: str, goods: Sequence[str], by: Person) -> None:
        """Close one departure."""
        closing = Closing("The hinge was worn.", (Disposition(word, tuple(goods), "Segments were sterile."),))
        done = self.attempt(
            "close deviation",
            lambda at: close_deviation(chosen, closing, credentials=credentials(by), by=by, at=at),
        )
        assert done is None or by.pk != chosen.opened_by_id, "who opened a deviation closed it"

    @rule(which=WHICH, by=st.sampled_from(["reviewer", "reviewer", "technician"]))
    def reject_batch(self, which: int, by: str) -> None:
        """A maker recalls a batch, and somebody rejects it: a deviation names all that it touched."""
        batch, why = one_of(list(Batch.objects.order_by("pk")), which), "The maker recalls the lot."
        person, touched = reviewer() if by == "reviewer" else staff(Role.LAB_TECHNICIAN), set(units_stopped_with(batch))
        self.attempt("reject batch", lambda at: reject_released_batch(batch, reason=why, by=person, at=at))
        stopped = DeviationItem.objects.filter(deviation__closed_at=None).values_list("unit_id", flat=True)
        assert self.was_refused or touched <= set(stopped), "a rejected batch touched what no deviation names"


def _touched(unit: Unit, besides: str) -> Touched:
    shipment, container = Shipment.objects.order_by("-pk").first(), Container.objects.order_by("pk").first()
    named: dict[str, dict[str, tuple[int, ...]]] = {
        "unit": {"unit_ids": (unit.pk,), "donation_ids": (unit.donation_id,)},
        "shipment": {"unit_ids": (unit.pk,), "shipment_ids": (shipment.pk if shipment else 0,)},
        "container": {"container_ids": (container.pk if container else 0,)},
        "person": {"unit_ids": (unit.pk,), "person_ids": (staff(Role.LAB_TECHNICIAN).pk,)},
        "nothing": {},
        "unknown": {"unit_ids": (0,)},
    }
    return Touched(**named[besides])


def _goods(deviation: Deviation) -> list[str]:
    """Return the codes of the units and lots that a departure touched."""
    named = deviation.items.order_by("pk").values_list("unit__code", "lot__code")
    return [unit or lot for unit, lot in named if unit or lot]
