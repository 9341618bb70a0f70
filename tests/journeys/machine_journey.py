"""Between the bank's two sites: packed, papered, handed over, given up, received whole or not, and sent back."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from biobank.models.person import Person
from inventory.domain.receipt import Condition
from inventory.models.shipment import Shipment, ShipmentPaper
from inventory.models.unit import Unit
from inventory.services.arrival import Besides
from inventory.services.journey import hand_over_shipment, pack_shipment, unpack_shipment
from inventory.services.paper import enclose_papers
from inventory.services.receipt import Arrival, receive_shipment
from tests.factories.journey import receiver, second_bank, transfer_of
from tests.factories.person import default_site, staff
from tests.journeys.bank import ELSEWHERE
from tests.journeys.machine import WHICH, one_of
from tests.journeys.machine_delivery import COLD, WARM
from tests.journeys.machine_storage import StorageMachine

IN_STOCK = ("quarantined", "available")


class JourneyMachine(StorageMachine):
    """Units that change sites."""

    def transfers(self, *, on_the_way: bool) -> list[Shipment]:
        """Return the transfers that are on the way, or packed, or else all."""
        transfers = Shipment.objects.filter(kind="transfer").order_by("pk")
        waiting = transfers.filter(handed_over_at__isnull=not on_the_way, received_at=None)
        return list(waiting) or list(transfers)

    @rule(which=WHICH, count=st.integers(1, 2), states=st.sampled_from([IN_STOCK, IN_STOCK, ()]))
    def pack_transfer(self, which: int, count: int, states: tuple[str, ...]) -> None:
        """Units are packed for the other site, be they in stock or not."""
        units = self.units(*states)
        chosen = [one_of(units or self.units(), which + number) for number in range(count)]
        self.pack_these(chosen)

    def pack_these(self, units: list[Unit]) -> Shipment | None:
        """Pack some units from where the first of them is to the bank's other site."""
        here, there = default_site(), second_bank()
        if units[0].holder == there.code:
            here, there = there, here
        new = replace(transfer_of(*{unit.pk: unit for unit in units}.values()), from_site=here, to_site=there)
        return self.attempt("pack transfer", lambda at: pack_shipment(new, by=_storage(), at=at))

    @rule(
        which=WHICH,
        how=st.sampled_from(["enclose", "hand over", "hand over", "unpack"]),
        on_the_way=st.sampled_from([False, False, False, True]),
    )
    def go_on_with_transfer(self, which: int, how: str, on_the_way: bool) -> None:
        """A transfer is papered, handed over or given up, be it its turn or not."""
        if transfers := self.transfers(on_the_way=on_the_way):
            self.go_on_with_this(one_of(transfers, which), how)

    def go_on_with_this(self, shipment: Shipment, how: str) -> None:
        """Enclose one transfer's papers, hand it over, or give it up."""
        if how == "enclose":
            self.attempt("enclose papers", lambda at: enclose_papers(shipment, by=_storage(), at=at))
        elif how == "unpack":
            self.attempt("unpack", lambda at: unpack_shipment(shipment, because="no van", by=_storage(), at=at))
        else:
            inside = Unit.objects.filter(journeys__shipment=shipment, journeys__ended_at=None, state="quarantined")
            due = set(inside.values_list("pk", flat=True))
            papered = set(ShipmentPaper.objects.filter(shipment=shipment).values_list("unit_id", flat=True))
            done = self.attempt(
                "hand over transfer", lambda at: hand_over_shipment(shipment, to="Driver 5", by=_storage(), at=at)
            )
            assert done is None or due <= papered, "a quarantined unit travels without its papers"

    @rule(which=WHICH)
    def leave_for_the_other_site(self, which: int) -> None:
        """A transfer is packed, papered and handed over, one after the other."""
        shipment = next((each for each in self.transfers(on_the_way=False) if each.handed_over_at is None), None)
        shipment = shipment or self.pack_these([self.unit(which, "quarantined", "available")])
        if shipment is not None:
            self.go_on_with_this(shipment, "enclose")
            self.go_on_with_this(shipment, "hand over")

    @rule(
        which=WHICH,
        missing=st.sampled_from([False, False, False, True]),
        celsius=st.sampled_from([COLD, COLD, WARM, None]),
        intact=st.sampled_from([True, True, True, False]),
    )
    def receive_transfer(self, which: int, missing: bool, celsius: object, intact: bool) -> None:
        """The other site opens a transfer: one of its units is missing perhaps, or warm, or torn."""
        if not (transfers := self.transfers(on_the_way=which % 4 > 0)):
            return
        shipment = one_of(transfers, which)
        units = Unit.objects.filter(journeys__shipment=shipment, journeys__ended_at=None).order_by("pk")
        gone = frozenset(unit.pk for unit in units[: 1 if missing else 0])
        besides = Besides(missing_units=gone, warmest_celsius=celsius, seal_intact=intact)  # type: ignore[arg-type]
        came = {unit.pk: Condition(intact=intact) for unit in units if unit.pk not in gone}
        arrival = Arrival(units=came, besides=besides)
        by = receiver(shipment.to_site)
        done = self.attempt("receive transfer", lambda at: receive_shipment(shipment, arrival, by=by, at=at))
        if done is not None and (not intact or celsius is not COLD):
            doubted = set(Unit.objects.filter(holds__kind="receipt").values_list("pk", flat=True))
            assert set(came) <= doubted, "what came in doubt is not held"

    @rule(which=WHICH, number=WHICH)
    def put_away_at_the_other_site(self, which: int, number: int) -> None:
        """What came to the other site is put into its box."""
        came = [unit for unit in self.units("quarantined", "available") if unit.holder == second_bank().code]
        self.put_this(one_of(came or self.units(), which), self.position(ELSEWHERE, number))


def _storage() -> Person:
    return staff(Role.STORAGE_TECHNICIAN)
