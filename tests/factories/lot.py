"""Lots as the services make them: mesenchymal stromal cells of cord tissue, all long before noon."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from biobank.domain.role import Role
from inventory.domain.assay import Subject
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.profile import profile_named
from inventory.domain.sample import SampleRole
from inventory.domain.specification import Operator
from inventory.domain.unit import ProductClass, Use
from inventory.models.donation import Donation
from inventory.models.lot import Lot
from inventory.models.protocol import Protocol
from inventory.models.specification import Specification
from inventory.models.unit import Unit
from inventory.queries.lot import donations_behind_lots
from inventory.queries.result import current_results
from inventory.services.eligibility import determine_eligibility
from inventory.services.lot import make_lot
from inventory.services.lot_acceptance import accept_lot
from inventory.services.lot_placement import put_away_lot
from inventory.services.lot_source import NewLot, Taken
from inventory.services.request import LotCount, NewRequest
from inventory.services.result import NewResult, record_results, verify_results
from inventory.services.sample import NewSample, register_samples
from inventory.services.specification import NewSpecification, draft_specification, put_specifications_in_force
from tests.factories.donation import next_din, registered_donation
from tests.factories.person import LONG_AGO, credentials, staff
from tests.factories.protocol import clinic, protocol_in_force
from tests.factories.time import hours
from tests.factories.unit import ACCEPTED_AT, FROZEN_AT, MEASURED_AT, box, mothers_results, received_unit
from tests.kept import keepable

MSC_BASE = "S3001V"
OF_THE_LOT: Mapping[str, str] = {
    "cell_count": "5000000",
    "cell_viability_percent": "94.0",
    "cd73_positive_percent": "98.00",
    "cd90_positive_percent": "98.00",
    "cd105_positive_percent": "98.00",
    "cd11b_positive_percent": "0.50",
    "cd19_positive_percent": "0.50",
    "cd34_positive_percent": "0.50",
    "cd45_positive_percent": "0.50",
    "hla_dr_positive_percent": "0.50",
    "endotoxin_eu_per_ml": "0.100",
    "endotoxin_eu_per_kg": "0.100",
    "bacterial_culture": "no_growth",
    "fungal_culture": "no_growth",
    "mycoplasma": "negative",
    "karyotype": "normal",
}


def specification_in_force() -> None:
    """Put the shipped profile of stromal cells of the umbilical cord in force, once."""
    profile, quality = profile_named("UC-MSC-like"), staff(Role.QUALITY_REVIEWER)
    if Specification.objects.filter(name=profile.name).exists():
        return
    new = NewSpecification(
        profile.name, profile.product_class, profile.use, profile.limits, profile.source, profile.marks
    )
    drafted = draft_specification(new, by=quality, at=LONG_AGO)
    put_specifications_in_force([drafted], credentials=credentials(quality), by=quality, at=LONG_AGO)


@keepable
def tissue(*, donation: Any = None) -> Unit:
    """Return a received piece of cord tissue of 40 g."""
    return received_unit(donation or registered_donation(product=ProductClass.CORD_TISSUE), warmest_celsius=Decimal(7))


def new_lot(*parents: Unit, **otherwise: Any) -> NewLot:
    """Return a run that makes 24 vials of 5 million cells in 1 mL of whole units."""
    usual = NewLot(
        parents=tuple(Taken(parent.pk) for parent in parents),
        vials=24,
        product_code=MSC_BASE,
        product_class=ProductClass.MSC,
        method="explant culture",
        started_at=FROZEN_AT - hours(2),
        frozen_at=FROZEN_AT,
        operator=staff(Role.LAB_TECHNICIAN),
        volume_ml=Decimal("1.00"),
    )
    return replace(usual, **otherwise)


@keepable
def made_lot(*parents: Unit, **otherwise: Any) -> Lot:
    """Return a lot, quarantined and in no position; of one fresh piece of tissue unless parents are given."""
    return make_lot(new_lot(*(parents or (tissue(),)), **otherwise), by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)


def made_pool(*parents: Unit, **otherwise: Any) -> Lot:
    """Return a pool of two donations, or of those of the parents, with a DIN of its own."""
    return made_lot(*(parents or (tissue(), tissue())), pool_din=otherwise.pop("pool_din", next_din()), **otherwise)


def vials_of(lot: Lot) -> list[Unit]:
    """Return the vials of a lot as they are now, in order."""
    return list(Unit.objects.filter(lot=lot).order_by("pk"))


def stored(lot: Lot, **results: str) -> Lot:
    """Put a lot away, and enter and verify its results, its quality-control vial's and its mothers'."""
    put_away_lot(lot, [box()], reason="put away", by=staff(Role.STORAGE_TECHNICIAN), at=FROZEN_AT)
    donations = donations_behind_lots([lot.pk])[lot.pk]
    lab = staff(Role.LAB_TECHNICIAN)
    [sample] = register_samples(
        [NewSample(donation=donations[0], role=SampleRole.VIABLE_VIAL, holder=vials_of(lot)[0].holder)],
        by=lab,
        at=FROZEN_AT,
    )
    news = [
        *(NewResult(assay, Subject.LOT, lot=lot, value=value) for assay, value in {**OF_THE_LOT, **results}.items()),
        NewResult("cell_viability_percent", Subject.LOT, lot=lot, sample=sample, value="91.0"),
        *(new for donation in donations for new in mothers_results_of(donation)),
    ]
    record_results(news, by=lab, at=MEASURED_AT)
    verify_lot(lot)
    return lot


def mothers_results_of(donation: Donation) -> list[NewResult]:
    """Return every required marker and finding of a donation."""
    return mothers_results(Unit.objects.filter(donation=donation).order_by("pk")[0], {})


def verify_lot(lot: Lot) -> None:
    """Verify every result of a lot and its donations by a second technician."""
    donations = [donation.pk for donation in donations_behind_lots([lot.pk])[lot.pk]]
    open_ones = current_results().filter(verified_at__isnull=True)
    ids = [
        *open_ones.filter(lot=lot).values_list("pk", flat=True),
        *open_ones.filter(donation_id__in=donations).values_list("pk", flat=True),
    ]
    verify_results(ids, by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=MEASURED_AT + hours(1))


def determined(lot: Lot) -> Lot:
    """Determine and sign the eligibility of every donor behind a lot."""
    quality = staff(Role.QUALITY_REVIEWER)
    donations = [donation.pk for donation in donations_behind_lots([lot.pk])[lot.pk]]
    determine_eligibility(donations, credentials=credentials(quality), by=quality, at=MEASURED_AT + hours(2))
    return lot


def accepted(lot: Lot, use: Use = Use.HUMAN_APPLICATION) -> Lot:
    """Accept a lot for a use."""
    quality = staff(Role.QUALITY_REVIEWER)
    accept_lot(lot, use, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)
    return lot


@keepable
def available_lot(*parents: Unit, **otherwise: Any) -> Lot:
    """Return a lot of 24 vials, placed, tested, determined and accepted for human application."""
    specification_in_force()
    make = made_pool if len(parents) > 1 else made_lot
    return accepted(determined(stored(make(*parents, **otherwise))))


def lot_protocol(**otherwise: Any) -> Protocol:
    """Return a study of cirrhosis that gives at least a million stromal cells per kilogram to each recipient."""
    enough = Criterion(Scope.RECIPIENT, "cell_count_per_kg", Operator.AT_LEAST, Decimal(900_000))
    usual: dict[str, Any] = {
        "code": "LIVER-MSC",
        "product_classes": (ProductClass.MSC,),
        "criteria": (enough,),
        "open_reservations_cap": 100,
    }
    return protocol_in_force(**usual | otherwise)


def vials_wanted(lot: Lot, count: int = 12, *, protocol: Protocol | None = None, **otherwise: Any) -> NewRequest:
    """Return a request for so many vials of a lot, for one recipient."""
    usual: dict[str, Any] = {
        "protocol": protocol or lot_protocol(),
        "site": clinic(),
        "lots": (LotCount(lot.pk, count),),
        "needed_by": date(2026, 4, 14),
        "delivery_address": "2 Clinic Road",
        "delivery_contact": "Ward 3",
        "recipient": "PATIENT-7",
        "weight_kg": Decimal("62.5"),
        "ordering_physician": "Dr Order",
        "order_sha256": "b" * 64,
    }
    return NewRequest(**usual | otherwise)
