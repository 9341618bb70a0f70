"""Two bags of another bank: received from the courier, and its certificate signed for once a sample was compared."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from consent.domain.attestation import AttestedConsent, Paper
from consent.queries.form import forms_in_force
from consent.services.attestation import attest_consents
from consent.services.donor import register_unknown_donors
from inventory.domain.attestation import AttestedEligibility, AttestedResult, Batch
from inventory.domain.din import Din
from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind
from inventory.management.demo import results, stock
from inventory.management.demo.birth import usual_answers
from inventory.management.demo.people import ELSEWHERE, Bank
from inventory.management.demo.rules import FORM_ELSEWHERE
from inventory.management.demo.scene import Scene
from inventory.management.demo.stock import CORD_BLOOD_FROZEN
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.attestation import shown, value_text
from inventory.services.attestation import attest
from inventory.services.origin import receive_from_other_bank
from inventory.services.origin_journey import ForeignUnit, Inbound
from inventory.services.result import record_results

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CERTIFICATE = "Certificate of the demo's other bank"
# Rows of the certificate that quality holds against it: some of the consents, of the verdicts and of the results.
COMPARED = frozenset({1, 3, 5, 9, 23})


def take_in_from_another_bank(scene: Scene, at: datetime) -> None:
    """Receive two bags, put them away, enter what their papers report, sign for it, and accept them."""
    bank, collected_at = scene.bank, at - 60 * DAY
    units = receive_from_other_bank(
        _inbound(bank, [_bag(serial, collected_at) for serial in (1, 2)], at=at),
        register_donors=register_unknown_donors,
        by=bank.people["lab"],
        at=at,
    )
    stock.store(bank, units, scene.shelves, at=at + HOUR)
    reported = _enter(bank, units, at=at + 2 * HOUR)
    _attest(bank, units, reported, given_at=collected_at - HOUR, at=at + DAY)
    stock.accept(bank, units, at=at + 2 * DAY)


def _bag(serial: int, collected_at: datetime) -> ForeignUnit:
    din = Din(f"X9998{collected_at.year % 100:02d}{serial:06d}")
    return ForeignUnit(
        din=f"{din.text}{din.check_character}",
        product_code=CORD_BLOOD_FROZEN,
        product_class=ProductClass.CORD_BLOOD,
        kind=UnitKind.CRYOBAG,
        donor=f"OTHER-{serial}",
        volume_ml=Decimal(25),
        collected_at=collected_at,
        frozen_at=collected_at + 30 * HOUR,
        attached=(SampleRole.SEGMENT, SampleRole.SEGMENT),
        kept=(SampleRole.DNA, SampleRole.MATERNAL_SERUM, SampleRole.MATERNAL_PLASMA),
    )


def _inbound(bank: Bank, bags: Sequence[ForeignUnit], *, at: datetime) -> Inbound:
    return Inbound(
        from_site=bank.sites["OTHER-1"],
        to_site=bank.sites["BANK-A"],
        units=tuple(bags),
        shipper_code="OTHER-DRY-3",
        courier="Demo Courier",
        handed_over_at=at - DAY,
        logger_code="OTHER-LOG-8",
        seal_code="OTHER-SEAL-5",
        warmest_celsius=Decimal("-179.5"),
    )


def _enter(bank: Bank, units: Sequence[Unit], *, at: datetime) -> list[Result]:
    lucky = results.Lucky(9)
    news = [new for unit in units for new in (*results.of_foreign_bag(unit), *results.of_family(unit.donation, lucky))]
    return record_results([replace(new, reported_by=ELSEWHERE) for new in news], by=bank.people["lab"], at=at)


def _attest(bank: Bank, units: Sequence[Unit], reported: Sequence[Result], *, given_at: datetime, at: datetime) -> None:
    quality, form = bank.people["quality"], forms_in_force(given_at).get(code=FORM_ELSEWHERE)
    consents = [
        AttestedConsent(
            donor=unit.donation.donor.donor_code, form=str(form), answers=usual_answers(0), given_at=given_at
        )
        for unit in units
    ]
    verdicts = [AttestedEligibility(donation=unit.donation.code, verdict=EligibilityVerdict.ELIGIBLE) for unit in units]
    stated = [AttestedResult(result=each.pk, value=value_text(each)) for each in reported]
    batch = Batch(
        paper=Paper(ELSEWHERE, sha256(CERTIFICATE.encode()).hexdigest()),
        document=CERTIFICATE,
        facts=(*consents, *verdicts, *stated),
        checked=COMPARED,
    )
    attest(
        batch,
        shown_sha256=shown(batch, by=quality)[1],
        attest_consents=attest_consents,
        credentials=bank.credentials("quality"),
        by=quality,
        at=at,
    )
