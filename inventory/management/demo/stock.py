"""A month of the demo's bank: births, processing, results, eligibility, storage and acceptance."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind, Use
from inventory.management.demo import means, results
from inventory.management.demo.birth import Month, consent_mothers, register_births
from inventory.management.demo.collection import bring_to_bank
from inventory.management.demo.duty import tell_physicians
from inventory.management.demo.people import Bank
from inventory.management.demo.storage import Shelves
from inventory.models.donation import Donation
from inventory.models.lot import Lot
from inventory.models.unit import Unit
from inventory.queries.placement import free_positions
from inventory.queries.sample import loose_samples
from inventory.services.acceptance import accept_units
from inventory.services.collected import Registered
from inventory.services.eligibility import determine_eligibility
from inventory.services.placement import PutAway, put_away
from inventory.services.processing import Child, NewProcessing, process_units
from inventory.services.result import NewResult, record_results, verify_results

CORD_BLOOD_FROZEN, PLACENTA_PIECE = "D0020000", "D0040001"
HOUR = timedelta(hours=1)


def live_through(bank: Bank, month: Month, shelves: Shelves, random: Random) -> list[Unit]:
    """Take a month's births from consent to stock; return the units as they then stand."""
    registered = register_births(bank, month, consent_mothers(bank, month), random)
    units = freeze(bank, month, registered, shelves, random)
    judge(bank, month, registered, units, random)
    return units


def freeze(bank: Bank, month: Month, registered: Sequence[Registered], shelves: Shelves, random: Random) -> list[Unit]:
    """Take what was collected to the bank, process it, and put it away."""
    bring_to_bank(bank, registered, at=month.begins + 10 * HOUR)
    units = process(bank, registered, random, at=month.begins + 24 * HOUR)
    store(bank, units, shelves, at=month.begins + 26 * HOUR)
    return units


def judge(
    bank: Bank,
    month: Month,
    registered: Sequence[Registered],
    units: Sequence[Unit],
    random: Random,
    otherwise: Mapping[str, str] | None = None,
    *,
    accepted: bool = True,
) -> None:
    """Measure units, determine eligibility, and accept what may be; ``otherwise`` are values of a story, by assay."""
    news = [each for unit in units for each in results.of_unit(unit, random, otherwise or {})]
    donations = [each.donation for each in registered]
    measure(bank, donations, news, random, at=month.begins + 72 * HOUR)
    determine(bank, donations, at=month.begins + 120 * HOUR)
    if accepted:
        accept(bank, units, at=month.begins + 144 * HOUR)


def process(bank: Bank, registered: Sequence[Registered], random: Random, *, at: datetime) -> list[Unit]:
    """Count each collected bag, reduce it to a cryobag with segments, or cut a piece of placenta; freeze."""
    collected = [unit for each in registered for unit in each.units]
    counted = [unit for unit in collected if unit.product_class == ProductClass.CORD_BLOOD]
    record_results([results.count_before(unit, random) for unit in counted], by=bank.people["lab"], at=at - HOUR)
    used = means.batch_ids(means.PROCESSED_WITH), means.device_ids(means.PROCESSED_ON)
    news = [_processing(bank, unit, random, used, at=at) for unit in collected]
    made = process_units(news, by=bank.people["lab"], at=at + HOUR)
    return [unit for children in made for unit in children]


def _processing(bank: Bank, unit: Unit, random: Random, used: means.Used, *, at: datetime) -> NewProcessing:
    if unit.product_class == ProductClass.PLACENTA:
        child = Child(PLACENTA_PIECE, UnitKind.PIECE, taken_g=Decimal(25), mass_g=Decimal(25), kept=(SampleRole.DNA,))
        method = "dissection, villous"
    else:
        child = Child(
            CORD_BLOOD_FROZEN,
            UnitKind.CRYOBAG,
            taken_ml=unit.volume_ml,
            volume_ml=Decimal(25),
            attached=(SampleRole.SEGMENT, SampleRole.SEGMENT),
            kept=(SampleRole.DNA, SampleRole.VIABLE_VIAL, SampleRole.VIABLE_VIAL),
        )
        method = random.choice(("SepaX", "AXP", "HES"))
    return NewProcessing(
        parent_id=unit.pk,
        children=(child,),
        method=method,
        started_at=at - 3 * HOUR,
        frozen_at=at,
        operator=bank.people["lab"],
        volume_before_ml=unit.volume_ml,
        volume_after_ml=child.volume_ml,
        additives=() if child.mass_g else ("DMSO 10 % v/v",),
        freezer_run=f"CRF-{at:%y%m%d}",
        batch_ids=used[0],
        equipment_ids=used[1],
    )


def store(bank: Bank, units: Sequence[Unit], shelves: Shelves, *, at: datetime) -> None:
    """Put the frozen units and the tubes that are not attached to them in their places."""
    places = free_positions(shelves.boxes, len(units))
    put_away(
        [PutAway(position_id=place.pk, unit_id=unit.pk) for unit, place in zip(units, places, strict=True)],
        reason="put away after freezing",
        by=bank.people["storage"],
        at=at,
    )
    store_tubes(bank, [unit.donation_id for unit in units], shelves, at=at)


def store_tubes(bank: Bank, donation_ids: Sequence[int], shelves: Shelves, *, at: datetime) -> None:
    """Put the loose tubes of these donations in their places."""
    samples = loose_samples(donation_ids)
    racks = free_positions(shelves.tubes, len(samples))
    put_away(
        [PutAway(position_id=place.pk, sample_id=sample.pk) for sample, place in zip(samples, racks, strict=True)],
        reason="put away after aliquoting",
        by=bank.people["storage"],
        at=at,
    )


def measure(
    bank: Bank,
    donations: Sequence[Donation],
    news: Sequence[NewResult],
    random: Random,
    *,
    lot: Lot | None = None,
    at: datetime,
) -> None:
    """Enter these results and the families' by one technician; a second one verifies all that waits of them.

    Where a marker is reactive, the mother's physician is told the same day.
    """
    families = [each for donation in donations for each in results.of_family(donation, random)]
    record_results([*news, *families], by=bank.people["lab"], at=at)
    waiting = results.unverified(donations, lot)
    verify_results(waiting, by=bank.people["lab2"], at=at + 20 * HOUR)
    tell_physicians(bank, donations, at=at + 24 * HOUR)


def determine(bank: Bank, donations: Sequence[Donation], *, at: datetime) -> None:
    """Determine the eligibility of the donors, signed by quality."""
    donation_ids = [each.pk for each in donations]
    by, credentials = bank.people["quality"], bank.credentials("quality")
    determine_eligibility(donation_ids, credentials=credentials, by=by, at=at)


def accept(bank: Bank, units: Sequence[Unit], *, at: datetime) -> None:
    """Accept what meets the clinical specification for human application, and most of the rest for the laboratory."""
    quality, credentials = bank.people["quality"], bank.credentials("quality")
    clinical, laboratory = results.sorted_by_use(units, at=at)
    for use, chosen in ((Use.HUMAN_APPLICATION, clinical), (Use.LABORATORY, laboratory)):
        if chosen:
            accept_units([unit.pk for unit in chosen], use, credentials=credentials, by=quality, at=at)
