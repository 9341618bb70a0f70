"""Units of another bank as they come, and their papers as quality signs for them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from biobank.domain.role import Role
from biobank.domain.site import SiteKind
from biobank.models.site import Site
from consent.domain.attestation import Paper
from consent.services.attestation import attest_consents
from consent.services.donor import register_unknown_donors
from inventory.domain.assay import Subject
from inventory.domain.attestation import AttestedEligibility, AttestedResult, Batch, Fact
from inventory.domain.din import Din
from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind
from inventory.models.attestation import Attestation
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.attestation import shown, value_text
from inventory.services.attestation import attest
from inventory.services.origin import receive_from_other_bank
from inventory.services.origin_journey import ForeignUnit, Inbound
from inventory.services.result import NewResult, record_results
from tests.factories.donor import ELSEWHERE, PAPER, attested
from tests.factories.person import credentials, default_site, site, staff
from tests.factories.time import NOON, days
from tests.factories.unit import TYPING, WITHIN, mothers_results

COLLECTED_AT = NOON - days(2000)
CAME_AT = NOON - days(3)
_serials = count(1)


def other_bank() -> Site:
    return site("NORTH-1", SiteKind.OTHER_BANK, name=ELSEWHERE)


def foreign_din() -> str:
    """Return a fresh DIN of another facility as it is typed, with its check character."""
    din = Din(f"W123424{next(_serials):06d}")
    return f"{din.text}{din.check_character}"


def foreign_unit(**otherwise: Any) -> ForeignUnit:
    """Return a cryobag frozen years ago, in order, of a donor of its own unless told, with its reference samples."""
    din = foreign_din()
    usual = ForeignUnit(
        din=din,
        product_code="S9002V00",
        product_class=ProductClass.CORD_BLOOD,
        kind=UnitKind.CRYOBAG,
        donor=f"N-{din}",
        volume_ml=Decimal(25),
        collected_at=COLLECTED_AT,
        frozen_at=COLLECTED_AT + timedelta(hours=30),
        attached=(SampleRole.SEGMENT, SampleRole.SEGMENT),
        kept=(SampleRole.DNA, SampleRole.MATERNAL_SERUM, SampleRole.MATERNAL_PLASMA),
    )
    return replace(usual, **otherwise)


def inbound(*units: ForeignUnit, **otherwise: Any) -> Inbound:
    """Return a dry shipper that left the other bank two days before it came, cold all the way."""
    usual = Inbound(
        from_site=other_bank(),
        to_site=default_site(),
        units=units,
        shipper_code="DRY-7",
        courier="Courier",
        handed_over_at=CAME_AT - days(2),
        logger_code="LOG-7",
        seal_code="SEAL-7",
        warmest_celsius=Decimal(-180),
    )
    return replace(usual, **otherwise)


def taken_in(*units: ForeignUnit, **otherwise: Any) -> list[Unit]:
    """Return units of the other bank, one unless given, quarantined here."""
    came = inbound(*(units or (foreign_unit(),)), **otherwise)
    return receive_from_other_bank(
        came, register_donors=register_unknown_donors, by=staff(Role.LAB_TECHNICIAN), at=CAME_AT
    )


def reported(unit: Unit, **otherwise: str) -> list[Result]:
    """Return every acceptance-stage result of a unit as its paper reports it, entered and unverified."""
    donation = unit.donation
    news = [
        *(NewResult(assay, Subject.UNIT, unit=unit, value=value) for assay, value in {**WITHIN, **otherwise}.items()),
        *(NewResult(assay, Subject.INFANT, donation=donation, value=value) for assay, value in TYPING.items()),
        *(replace(each, specimen_at=COLLECTED_AT) for each in mothers_results(unit, {})),
    ]
    by = staff(Role.LAB_TECHNICIAN)
    return record_results([replace(new, reported_by=ELSEWHERE) for new in news], by=by, at=CAME_AT)


def consent_of(unit: Unit, **answers: bool) -> Fact:
    return attested(unit.donation.donor, **answers)


def eligible(unit: Unit) -> AttestedEligibility:
    return AttestedEligibility(donation=unit.donation.code, verdict=EligibilityVerdict.ELIGIBLE)


def stated(results: Iterable[Result]) -> list[AttestedResult]:
    return [AttestedResult(result=each.pk, value=value_text(each)) for each in results]


def batch(*facts: Fact, paper: Paper = PAPER, checked: Iterable[int] | None = None) -> Batch:
    """Return a list of facts on the other bank's certificate, every row compared unless told."""
    rows = range(1, len(facts) + 1) if checked is None else checked
    return Batch(paper=paper, document="Certificate 2031", facts=facts, checked=frozenset(rows))


def signed_for(new: Batch, **otherwise: Any) -> Attestation:
    """Sign a list as shown, by the quality reviewer, the day before noon."""
    quality = staff(Role.QUALITY_REVIEWER)
    usual: dict[str, Any] = {
        "shown_sha256": shown(new, by=quality)[1],
        "attest_consents": attest_consents,
        "credentials": credentials(quality),
        "by": quality,
        "at": NOON - days(1),
    }
    return attest(new, **usual | otherwise)
