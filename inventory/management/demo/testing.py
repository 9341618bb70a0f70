"""A testing journey of the demo: a tube of a unit in stock goes to an outside laboratory, which uses it up."""

from datetime import datetime, timedelta
from decimal import Decimal

from inventory.domain.assay import Subject
from inventory.domain.receipt import Condition
from inventory.domain.sample import SampleRole, SampleState
from inventory.domain.shipment import ShipmentKind, Shipper
from inventory.domain.unit import Use
from inventory.management.demo.scene import Scene
from inventory.management.demo.unit import available
from inventory.services.arrival import Besides
from inventory.services.journey import NewShipment, hand_over_shipment, pack_shipment
from inventory.services.receipt import Arrival, receive_shipment
from inventory.services.result import NewResult, record_results, verify_results
from inventory.services.sample import end_samples

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def send_to_a_laboratory(scene: Scene, at: datetime) -> None:
    """Send a unit's DNA to have its identity confirmed; the result names the laboratory that had the tube.

    Nobody of the laboratory signs in here: a technician of the bank enters what it writes.
    """
    bank, lab = scene.bank, scene.bank.people["lab"]
    (unit,) = available(Use.HUMAN_APPLICATION, 1)
    tube = unit.donation.samples.filter(role=SampleRole.DNA.value, state=SampleState.STORED.value).order_by("pk")[0]
    new = NewShipment(
        kind=ShipmentKind.TESTING,
        from_site=bank.sites["BANK-A"],
        to_site=bank.sites["LAB-1"],
        sample_ids=(tube.pk,),
        shipper=Shipper.DRY_SHIPPER,
        shipper_code="DRY-0107",
        logger_code="LOG-0412",
        seal_code=f"SEAL-L{at:%y%m%d}",
        courier="Demo Courier",
    )
    shipment = pack_shipment(new, by=bank.people["storage"], at=at)
    hand_over_shipment(shipment, to="Demo Courier, desk 2", by=bank.people["storage"], at=at + HOUR)
    as_sent = Arrival(samples={tube.pk: Condition()}, besides=Besides(warmest_celsius=Decimal("-178.5")))
    receive_shipment(shipment, as_sent, by=lab, at=at + DAY)
    found = NewResult("hla_identity", Subject.UNIT, unit=unit, sample=tube, value="confirmed")
    (result,) = record_results([found], by=lab, at=at + 2 * DAY)
    verify_results([result.pk], by=bank.people["lab2"], at=at + 2 * DAY + HOUR)
    end_samples([tube.pk], SampleState.CONSUMED, reason="used up by the laboratory", by=lab, at=at + 3 * DAY)
