"""What becomes of a release once it left: received, refused, used, sent back, received again."""

from datetime import datetime
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.services.delivery import AsReceived, Delivery, receive_at_site, receive_return, return_unit
from inventory.services.disposition import use_unit
from tests.factories.person import default_site, staff
from tests.factories.request import coordinator
from tests.journeys.machine import WHICH, Machine, one_of

COLD, WARM = Decimal("-182.4"), Decimal("-20.0")
AT_THE_SITE = ("shipped", "received", "returned")


class DeliveryMachine(Machine):
    """Units that left."""

    @rule(which=WHICH, accepted=st.booleans(), celsius=st.sampled_from([COLD, COLD, COLD, WARM, None]))
    def receive(self, which: int, accepted: bool, celsius: Decimal | None) -> None:
        """The clinic opens a shipper and accepts or refuses what is inside."""
        shipments = list(Shipment.objects.filter(kind="release").order_by("-pk"))
        waiting = [each for each in shipments if each.handed_over_at and not each.received_at]
        shipments = waiting if waiting and which % 3 else shipments
        if not shipments:
            return
        shipment = one_of(shipments, which)
        units = Unit.objects.filter(journeys__shipment=shipment).order_by("pk")
        items = {unit.pk: AsReceived(accepted=accepted, reason="" if accepted else "Came too late.") for unit in units}
        delivery = Delivery(items=items, warmest_celsius=celsius)
        self.attempt("receive", lambda at: receive_at_site(shipment, delivery, by=coordinator(), at=at))

    @rule(which=WHICH)
    def use(self, which: int) -> None:
        """A unit is given to the patient."""
        unit = self.unit(which, "received")
        self.attempt("use", lambda at: use_unit(unit, left_over="nothing", occurred_at=at, by=coordinator(), at=at))

    @rule(which=WHICH)
    def send_back(self, which: int) -> None:
        """A unit comes back."""
        unit = self.unit(which, *AT_THE_SITE)
        self.attempt(
            "send back",
            lambda at: return_unit(unit, reason="Not needed.", occurred_at=at, by=coordinator(), at=at),
        )

    @rule(which=WHICH, opened=st.booleans(), celsius=st.sampled_from([COLD, COLD, WARM]))
    def receive_back(self, which: int, opened: bool, celsius: Decimal) -> None:
        """A unit that was sent back arrives at the bank, opened or not, cold or not."""
        unit, was_thawed = self.unit(which, "returned"), opened or celsius is WARM
        was_thawed = was_thawed or Unit.objects.get(pk=unit.pk).thawed

        def call(at: datetime) -> Unit:
            return receive_return(
                unit,
                to=default_site(),
                opened=opened,
                warmest_celsius=celsius,
                findings={},
                by=staff(Role.STORAGE_TECHNICIAN),
                at=at,
            )

        back = self.attempt("receive back", call)
        assert not (back and was_thawed), "a thawed unit went back to stock"
