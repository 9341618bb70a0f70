"""The demo's releases: asked for, approved, signed twice, picked, sent and received; and requests left open."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from biobank.domain.signature import Meaning
from inventory.domain.unit import Use
from inventory.management.demo import results
from inventory.management.demo.people import Bank
from inventory.management.demo.scene import Scene
from inventory.management.demo.unit import available
from inventory.models.lot import Lot
from inventory.models.protocol import Protocol
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.placement import places_of
from inventory.queries.request import open_worklist
from inventory.services.approval import approve_request, finish_work
from inventory.services.delivery import AsReceived, Delivery, receive_at_site
from inventory.services.pick import Scans, pick_units
from inventory.services.release import evaluate_release, sign_release
from inventory.services.request import LotCount, NewRequest, request_units
from inventory.services.result import record_results, verify_results
from inventory.services.shipment import Packing, hand_over_release, pack_release

STEP = timedelta(minutes=10)
COORDINATORS = {"STUDY-1": "coordinator", "STUDY-2": "coordinator2"}
# The warmest that the logger of a journey without trouble saw.
COLD = Decimal("-182.4")


def treat_with_two_units(scene: Scene, at: datetime) -> None:
    """Release two units for one recipient in one decision, and send them on their way."""
    units = available(Use.HUMAN_APPLICATION, 2)
    request = ask(scene.bank, scene.studies.clinical, units, recipient="LC-0007", at=at)
    send(scene.bank, release_units(scene.bank, request, units, at=at + STEP), units, at=at + 6 * STEP)


def leave_requests_open(scene: Scene, at: datetime) -> None:
    """Two requests that wait: one to be approved, one approved with its worklist."""
    bank, studies = scene.bank, scene.studies
    ask(bank, studies.laboratory, available(Use.LABORATORY, 2), at=at)
    request = ask(bank, studies.clinical, available(Use.HUMAN_APPLICATION, 1), recipient="LC-0011", at=at + STEP)
    approve(bank, request, at=at + 2 * STEP)


def wanted(
    bank: Bank,
    protocol: Protocol,
    units: Sequence[Unit] = (),
    *,
    vials: Mapping[Lot, int] | None = None,
    recipient: str = "",
    at: datetime,
) -> NewRequest:
    """Return a request for units, or for so many vials of lots, to the study's own site."""
    clinical, site = bool(recipient), bank.sites[protocol.institution]
    return NewRequest(
        protocol=protocol,
        site=site,
        unit_ids=tuple(unit.pk for unit in units),
        lots=tuple(LotCount(lot.pk, count) for lot, count in (vials or {}).items()),
        needed_by=at.date() + timedelta(days=45),
        delivery_address=site.address,
        delivery_contact="Demo Study Nurse" if clinical else "Demo Laboratory Desk",
        recipient=recipient,
        weight_kg=Decimal("38.5") if clinical else None,
        ordering_physician="Demo Physician" if clinical else "",
        order_sha256=sha256(f"signed order for {recipient}".encode()).hexdigest() if clinical else "",
    )


def ask(
    bank: Bank,
    protocol: Protocol,
    units: Sequence[Unit] = (),
    *,
    vials: Mapping[Lot, int] | None = None,
    recipient: str = "",
    at: datetime,
) -> UnitRequest:
    """Request units by the coordinator of the study's site; for a recipient under a clinical study."""
    new = wanted(bank, protocol, units, vials=vials, recipient=recipient, at=at)
    return request_units(new, by=bank.people[COORDINATORS[protocol.institution]], at=at)


def approve(bank: Bank, request: UnitRequest, *, at: datetime) -> UnitRequest:
    """Approve a request by quality; the laboratory owns its worklist."""
    quality = bank.people["quality"]
    credentials = bank.credentials("quality")
    return approve_request(request, owner=bank.people["lab"], credentials=credentials, by=quality, at=at)


def thaw_segments(bank: Bank, request: UnitRequest, units: Sequence[Unit], *, at: datetime) -> None:
    """Thaw an attached segment of each clinical unit, enter and verify what it shows, and close the worklist."""
    clinical = [unit for unit in units if unit.use != Use.LABORATORY]
    news = [each for unit in clinical for each in results.of_segment(unit)]
    entered = record_results(news, by=bank.people["lab"], at=at)
    verify_results([each.pk for each in entered], by=bank.people["lab2"], at=at)
    close_worklist(bank, request, at=at)


def close_worklist(bank: Bank, request: UnitRequest, *, at: datetime) -> None:
    """Close every line of a request's worklist."""
    for item in open_worklist(request.pk):
        finish_work(item, by=bank.people["lab"], at=at)


def release_units(bank: Bank, request: UnitRequest, units: Sequence[Unit], *, at: datetime) -> Release:
    """Approve a request, do its worklist, and release it."""
    approve(bank, request, at=at)
    thaw_segments(bank, request, units, at=at + STEP)
    return sign_twice(bank, request, at=at + 2 * STEP)


def sign_twice(bank: Bank, request: UnitRequest, *, released_by: str = "releasing", at: datetime) -> Release:
    """Evaluate an approved request, and sign its release by two people who did not make it."""
    release = evaluate_release(request, by=bank.people["quality"], at=at)
    for username, meaning in (("quality", Meaning.REVIEWED), (released_by, Meaning.RELEASED)):
        signer = bank.people[username]
        sign_release(release, meaning=meaning, credentials=bank.credentials(username), by=signer, at=at + STEP)
    return release


def send(bank: Bank, release: Release, units: Sequence[Unit], *, at: datetime) -> Shipment:
    """Pick the units with two scans each, pack them in a dry shipper, and hand it to the courier."""
    storage, codes = bank.people["storage"], {unit.pk: unit.code for unit in units}
    places = places_of(list(codes))
    scans = {unit_id: Scans(position=place.code, unit=codes[unit_id]) for unit_id, place in places.items()}
    pick_units(release, scans, by=storage, at=at)
    packing = Packing(
        from_site=bank.sites["BANK-A"],
        shipper_code="DRY-0107",
        logger_code="LOG-0412",
        courier="Demo Courier",
        seal_code=f"SEAL-{release.pk:04d}",
    )
    shipment = pack_release(release, packing, by=storage, at=at + STEP)
    return hand_over_release(shipment, to="Demo Courier, desk 2", by=storage, at=at + STEP)


def deliver(bank: Bank, shipment: Shipment, units: Sequence[Unit], *, at: datetime) -> None:
    """Receive a release at its site, everything as it should be."""
    found = AsReceived(accepted=True, findings={"seal": "intact", "logger": f"{COLD} °C at the warmest"})
    delivery = Delivery(items={unit.pk: found for unit in units}, warmest_celsius=COLD)
    receive_at_site(shipment, delivery, by=bank.people[COORDINATORS[shipment.to_site.code]], at=at)
