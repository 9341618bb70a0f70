"""What else happened in the demo's year: releases, a shipment on its way, a withdrawal, a late marker, requests."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from biobank.domain.signature import Meaning
from consent.domain.consent import WithdrawalScope
from consent.services.consent import Withdrawal, withdraw_consent
from inventory.domain.assay import Subject
from inventory.domain.hold import HoldKind
from inventory.domain.unit import ProductClass, Use
from inventory.management.demo import results
from inventory.management.demo.people import Bank
from inventory.management.demo.rules import Studies
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.placement import places_of
from inventory.queries.request import open_worklist
from inventory.queries.result import current_results
from inventory.services.approval import approve_request, finish_work
from inventory.services.correction import Correction, correct_result
from inventory.services.hold import NewHold, place_holds
from inventory.services.pick import Scans, pick_unit
from inventory.services.release import evaluate_release, sign_release
from inventory.services.request import NewRequest, request_units
from inventory.services.result import NewResult, record_results, verify_results
from inventory.services.shipment import Packing, hand_over_release, pack_release

STEP = timedelta(minutes=10)
OF_ELIGIBLE_DONORS = {
    "donation__determinations__verdict": "eligible",
    "donation__determinations__reopened_at__isnull": True,
}


def tell_stories(bank: Bank, studies: Studies, *, at: datetime) -> None:
    """Let happen what a bank's year has besides births, one after the other, in the two days after ``at``."""
    treat_with_two_units(bank, studies, at=at)
    withdraw_after_shipping(bank, studies, at=at + timedelta(hours=6))
    correct_a_marker(bank, at=at + timedelta(hours=12))
    doubt_a_unit(bank, at=at + timedelta(hours=13))
    leave_requests_open(bank, studies, at=at + timedelta(hours=14))


def treat_with_two_units(bank: Bank, studies: Studies, *, at: datetime) -> Shipment:
    """Release two units for one recipient in one decision, and send them on their way."""
    units = available(Use.HUMAN_APPLICATION, 2)
    request = ask(bank, studies, units, recipient="LC-0007", at=at)
    release = release_units(bank, request, units, at=at + STEP)
    return send(bank, release, units, at=at + 6 * STEP)


def withdraw_after_shipping(bank: Bank, studies: Studies, *, at: datetime) -> None:
    """Ship one unit of a mother, reserve another of hers, then record that she withdraws her consent."""
    shipped, kept = siblings()
    request = ask(bank, studies, [shipped], at=at)
    release = release_units(bank, request, [shipped], at=at + STEP)
    send(bank, release, [shipped], at=at + 6 * STEP)
    recipient = "LC-0008" if kept.use == Use.HUMAN_APPLICATION else ""
    ask(bank, studies, [kept], recipient=recipient, at=at + 8 * STEP)
    withdrawal = Withdrawal(
        donor=shipped.donation.donor,
        scope=WithdrawalScope.ALL,
        reason="The mother withdraws her consent by letter.",
        occurred_at=at + 9 * STEP,
    )
    withdraw_consent(withdrawal, by=bank.people["collection"], at=at + 10 * STEP)


def correct_a_marker(bank: Bank, *, at: datetime) -> None:
    """Correct a mother's marker to reactive: eligibility reopens, and her unit goes back to quarantine."""
    unit = available(Use.HUMAN_APPLICATION, 1)[0]
    old = current_results().get(donation=unit.donation, assay="anti_hbc")
    value = NewResult(
        assay="anti_hbc",
        subject=Subject.MOTHER,
        donation=unit.donation,
        value="positive",
        method="screening assay",
        laboratory=results.LABORATORY,
        approved_test=True,
        diluted=False,
        specimen_at=old.specimen_at,
    )
    correction = Correction(replaces_id=old.pk, value=value, reason="The laboratory reports a sample mix-up.")
    corrected = correct_result(correction, by=bank.people["lab"], at=at)
    verify_results([corrected.pk], by=bank.people["lab2"], at=at + STEP)


def doubt_a_unit(bank: Bank, *, at: datetime) -> None:
    """Place a hold on a unit whose label was found loose; it stays available, and nothing may take it."""
    unit = available(Use.LABORATORY, 1)[0]
    hold = NewHold(kind=HoldKind.MIX_UP, reason="The overwrap's label was found loose.", unit_id=unit.pk)
    place_holds([hold], by=bank.people["storage"], at=at)


def leave_requests_open(bank: Bank, studies: Studies, *, at: datetime) -> None:
    """Two requests that wait: one to be approved, one approved with its worklist."""
    ask(bank, studies, available(Use.LABORATORY, 2), at=at)
    request = ask(bank, studies, available(Use.HUMAN_APPLICATION, 1), recipient="LC-0011", at=at + STEP)
    approve(bank, request, at=at + 2 * STEP)


def available(use: Use, count: int) -> list[Unit]:
    """The oldest units that are accepted for a use and free, of births of which nothing else is promised."""
    free = Unit.objects.filter(state="available", use=use.value, holds__isnull=True, **OF_ELIGIBLE_DONORS)
    alone = free.exclude(product_class=ProductClass.PLACENTA).exclude(
        donation__units__product_class=ProductClass.PLACENTA
    )
    return list(alone.select_related("donation__donor").order_by("pk")[:count])


def siblings() -> tuple[Unit, Unit]:
    """A piece of placenta and the cord blood of one birth, both available."""
    pieces = Unit.objects.filter(product_class=ProductClass.PLACENTA, state="available", **OF_ELIGIBLE_DONORS)
    for piece in pieces.select_related("donation__donor").order_by("pk"):
        bag = Unit.objects.filter(
            donation=piece.donation, product_class=ProductClass.CORD_BLOOD, state="available"
        ).first()
        if bag is not None:
            return piece, bag
    raise LookupError("No birth of the demo left both a piece and a bag available.")


def ask(bank: Bank, studies: Studies, units: Sequence[Unit], *, at: datetime, recipient: str = "") -> UnitRequest:
    """Request units: for a recipient under the clinical study, else under the laboratory's."""
    clinical = bool(recipient)
    wanted = NewRequest(
        protocol=studies.clinical if clinical else studies.laboratory,
        site=bank.sites["STUDY-1" if clinical else "STUDY-2"],
        unit_ids=tuple(unit.pk for unit in units),
        needed_by=at.date() + timedelta(days=45),
        delivery_address="4 Example Way" if clinical else "5 Example Way",
        delivery_contact="Demo Study Nurse" if clinical else "Demo Laboratory Desk",
        recipient=recipient,
        weight_kg=Decimal("38.5") if clinical else None,
        ordering_physician="Demo Physician" if clinical else "",
        order_sha256=sha256(f"signed order for {recipient}".encode()).hexdigest() if clinical else "",
    )
    return request_units(wanted, by=bank.people["coordinator" if clinical else "coordinator2"], at=at)


def approve(bank: Bank, request: UnitRequest, *, at: datetime) -> UnitRequest:
    """Approve a request by quality; the laboratory owns its worklist."""
    quality = bank.people["quality"]
    credentials = bank.credentials("quality")
    return approve_request(request, owner=bank.people["lab"], credentials=credentials, by=quality, at=at)


def thaw_segments(bank: Bank, request: UnitRequest, units: Sequence[Unit], *, at: datetime) -> None:
    """Thaw an attached segment of each unit, enter and verify what it shows, and close the worklist."""
    clinical = [unit for unit in units if unit.use == Use.HUMAN_APPLICATION]
    news = [each for unit in clinical for each in results.of_segment(unit)]
    entered = record_results(news, by=bank.people["lab"], at=at)
    verify_results([each.pk for each in entered], by=bank.people["lab2"], at=at)
    for item in open_worklist(request.pk):
        finish_work(item, by=bank.people["lab"], at=at)


def release_units(bank: Bank, request: UnitRequest, units: Sequence[Unit], *, at: datetime) -> Release:
    """Approve a request, do its worklist, and release it."""
    approve(bank, request, at=at)
    thaw_segments(bank, request, units, at=at + STEP)
    return sign_twice(bank, request, at=at + 2 * STEP)


def sign_twice(bank: Bank, request: UnitRequest, *, at: datetime) -> Release:
    """Evaluate an approved request, and sign its release by two people who did not make it."""
    release = evaluate_release(request, by=bank.people["quality"], at=at)
    for username, meaning in (("quality", Meaning.REVIEWED), ("releasing", Meaning.RELEASED)):
        signer = bank.people[username]
        sign_release(release, meaning=meaning, credentials=bank.credentials(username), by=signer, at=at + STEP)
    return release


def send(bank: Bank, release: Release, units: Sequence[Unit], *, at: datetime) -> Shipment:
    """Pick the units with two scans each, pack them in a dry shipper, and hand it to the courier."""
    storage = bank.people["storage"]
    for unit_id, place in places_of([unit.pk for unit in units]).items():
        unit = next(each for each in units if each.pk == unit_id)
        pick_unit(release, unit, scans=Scans(position=place.code, unit=unit.code), by=storage, at=at)
    packing = Packing(
        from_site=bank.sites["BANK-A"],
        shipper_code="DRY-0107",
        logger_code="LOG-0412",
        courier="Demo Courier",
        seal_code=f"SEAL-{release.pk:04d}",
    )
    shipment = pack_release(release, packing, by=storage, at=at + STEP)
    return hand_over_release(shipment, to="Demo Courier, desk 2", by=storage, at=at + STEP)
