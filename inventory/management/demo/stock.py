"""A month of the demo's bank: births, journeys, processing, results, eligibility, storage and acceptance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from consent.domain.donor import InfantFacts, Sex
from consent.domain.identity import Identity
from consent.queries.donor import infants_of
from consent.queries.form import forms_in_force
from consent.services.consent import NewConsent, give_consent
from consent.services.donor import NewDonor, register_donors
from inventory.domain.din import Din
from inventory.domain.donation import Delivery
from inventory.domain.receipt import ReceiptFacts
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind, Use
from inventory.management.demo import means, results
from inventory.management.demo.people import Bank
from inventory.management.demo.rules import FORM
from inventory.management.demo.storage import Shelves
from inventory.models.unit import Unit
from inventory.queries.placement import free_positions
from inventory.queries.sample import loose_samples
from inventory.services.acceptance import accept_units
from inventory.services.batch import name_batches_of_collection
from inventory.services.collection import CollectionShipment, hand_over_collection, pack_collection
from inventory.services.donation import Collected, NewDonation, Registered, register_donations
from inventory.services.eligibility import determine_eligibility
from inventory.services.placement import PutAway, put_away
from inventory.services.processing import Child, NewProcessing, process_units
from inventory.services.receipt import receive_collection
from inventory.services.result import record_results, verify_results

# Product codes of range D, which a facility defines for itself: licensed tables are the bank's to load.
CORD_BLOOD_COLLECTED, CORD_BLOOD_FROZEN = "D0010000", "D0020000"
PLACENTA_COLLECTED, PLACENTA_PIECE = "D0030000", "D0040001"
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Month:
    """One round of births: when it begins, the first serial of its DINs, and how many; the first gives two units."""

    begins: datetime
    first_serial: int
    births: int


def live_through(bank: Bank, month: Month, shelves: Shelves, random: Random) -> list[Unit]:
    """Take a month's births from consent to stock; return the units as they then stand."""
    donors = consent_mothers(bank, month)
    registered = register_births(bank, month, donors, random)
    bring_to_bank(bank, registered, at=month.begins + 10 * HOUR)
    units = process(bank, registered, random, at=month.begins + 24 * HOUR)
    store(bank, units, shelves, at=month.begins + 26 * HOUR)
    measure(bank, registered, units, random, at=month.begins + 72 * HOUR)
    donation_ids = [each.donation.pk for each in registered]
    quality, credentials = bank.people["quality"], bank.credentials("quality")
    determine_eligibility(donation_ids, credentials=credentials, by=quality, at=month.begins + 120 * HOUR)
    accept(bank, units, at=month.begins + 144 * HOUR)
    return units


def consent_mothers(bank: Bank, month: Month) -> list[int]:
    """Register the month's mothers and infants, each consenting before the birth on the form in force; return ids."""
    by, begins = bank.people["collection"], month.begins
    site = bank.sites["MATERNITY-1"]
    sexes = (Sex.FEMALE, Sex.MALE)
    news = [
        NewDonor(
            site=site,
            infants=(InfantFacts(order=1, sex=sexes[number % 2], born_at=begins + 4 * HOUR),),
            identity=_identity(month.first_serial + number),
        )
        for number in range(month.births)
    ]
    form = forms_in_force(begins).get(code=FORM)
    donors = register_donors(news, by=by, at=begins + 5 * HOUR)
    for number, donor in enumerate(donors):
        answers = {"storage": True, "research": True, "treatment": number % 6 != 5, "companies": number % 4 != 3}
        give_consent(
            NewConsent(donor=donor, form=form, answers=answers, given_at=begins + HOUR),
            by=by,
            at=begins + 5 * HOUR,
        )
    return [donor.pk for donor in donors]


def _identity(serial: int) -> Identity:
    """Who a mother of the demo is: plainly nobody."""
    born = date(1990, 1, 1) + timedelta(days=serial % 3000)
    return Identity(mother_name=f"Demo Mother {serial}", birth_date=born, record_number=f"DEMO-{serial:06d}")


def register_births(bank: Bank, month: Month, donor_ids: Sequence[int], random: Random) -> list[Registered]:
    """Register one donation a birth with what was collected of it."""
    infants = infants_of(donor_ids)
    news = [
        NewDonation(
            din=typed_din(month.begins.year, month.first_serial + number),
            donor_id=donor_id,
            infant_id=infants[donor_id][0].pk,
            site=bank.sites["MATERNITY-1"],
            collector=bank.people["collection"],
            collected_at=month.begins + 4 * HOUR + timedelta(minutes=random.randint(2, 20)),
            collected=_collected(number, random),
            delivery=Delivery.CAESAREAN if number % 3 == 0 else Delivery.VAGINAL,
            gestational_age_days=random.randint(262, 290),
            clamp_seconds=random.choice((30, 45, 60)),
            procedure_version="COLLECT-4",
        )
        for number, donor_id in enumerate(donor_ids)
    ]
    return register_donations(news, by=bank.people["collection"], at=month.begins + 6 * HOUR)


def typed_din(year: int, serial: int) -> str:
    """Return a DIN of the demo's facility as a person types it, with its check character."""
    din = Din(f"X9999{year % 100:02d}{serial:06d}")
    return f"{din.text}{din.check_character}"


def _collected(number: int, random: Random) -> tuple[Collected, ...]:
    """Most births give cord blood, every tenth a placenta, and each month's first both."""
    mass, volume = Decimal(random.randint(380, 620)), Decimal(random.randint(700, 1300)) / 10
    placenta = Collected(ProductClass.PLACENTA, UnitKind.PIECE, PLACENTA_COLLECTED, mass_g=mass)
    bag = Collected(ProductClass.CORD_BLOOD, UnitKind.COLLECTED_BAG, CORD_BLOOD_COLLECTED, volume_ml=volume)
    if number == 0:
        return (bag, placenta)
    return (placenta,) if number % 10 == 9 else (bag,)


def bring_to_bank(bank: Bank, registered: Sequence[Registered], *, at: datetime) -> None:
    """Pack the month's bags and tubes, hand them to the courier, and receive them twelve hours later."""
    collection, lab = bank.people["collection"], bank.people["lab"]
    bags = means.batch_ids(means.COLLECTED_WITH)
    name_batches_of_collection([each.donation for each in registered], bags, by=collection, at=at)
    units = [unit for each in registered for unit in each.units]
    shipment = pack_collection(
        CollectionShipment(
            from_site=bank.sites["MATERNITY-1"],
            to_site=bank.sites["BANK-A"],
            unit_ids=tuple(unit.pk for unit in units),
            sample_ids=tuple(sample.pk for each in registered for sample in each.samples),
            box_code="BOX-07",
            logger_code="LOG-0311",
            courier="Demo Courier",
            seal_code=f"SEAL-{at:%y%m%d}",
        ),
        by=collection,
        at=at,
    )
    hand_over_collection(shipment, to="Demo Courier, desk 2", by=collection, at=at + HOUR)
    received_at = at + 12 * HOUR
    receive_collection(shipment, {unit.pk: _seen(unit, received_at) for unit in units}, by=lab, at=received_at)


def _seen(unit: Unit, received_at: datetime) -> ReceiptFacts:
    collected_at = unit.donation.collected_at or received_at
    hours = Decimal(int((received_at - collected_at).total_seconds())) / 3600
    return ReceiptFacts(
        product_class=ProductClass(unit.product_class),
        label_matches=True,
        seal_intact=True,
        bag_intact=True,
        hours_since_collection=hours.quantize(Decimal("0.01")),
        coldest_celsius=Decimal(4),
        warmest_celsius=Decimal(8),
        volume_ml=unit.volume_ml,
    )


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
    by = bank.people["storage"]
    boxes = free_positions(shelves.boxes, len(units))
    put_away(
        [PutAway(position_id=place.pk, unit_id=unit.pk) for unit, place in zip(units, boxes, strict=True)],
        reason="put away after freezing",
        by=by,
        at=at,
    )
    samples = loose_samples([unit.donation_id for unit in units])
    racks = free_positions(shelves.tubes, len(samples))
    put_away(
        [PutAway(position_id=place.pk, sample_id=sample.pk) for sample, place in zip(samples, racks, strict=True)],
        reason="put away after aliquoting",
        by=by,
        at=at,
    )


def measure(
    bank: Bank, registered: Sequence[Registered], units: Sequence[Unit], random: Random, *, at: datetime
) -> None:
    """Enter the month's results by one technician; a second one verifies all of them."""
    news = [each for unit in units for each in results.of_unit(unit, random)]
    news += [each for one in registered for each in results.of_family(one.donation, random)]
    record_results(news, by=bank.people["lab"], at=at)
    unverified = results.unverified([unit.pk for unit in units], [one.donation.pk for one in registered])
    verify_results(unverified, by=bank.people["lab2"], at=at + 20 * HOUR)


def accept(bank: Bank, units: Sequence[Unit], *, at: datetime) -> None:
    """Accept what meets the clinical specification for human application, and most of the rest for the laboratory."""
    quality, credentials = bank.people["quality"], bank.credentials("quality")
    clinical, laboratory = results.sorted_by_use(units, at=at)
    for use, chosen in ((Use.HUMAN_APPLICATION, clinical), (Use.LABORATORY, laboratory)):
        if chosen:
            accept_units([unit.pk for unit in chosen], use, credentials=credentials, by=quality, at=at)
