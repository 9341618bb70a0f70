"""The demo's births: mothers who consent before, their infants, and what is collected of each."""

from collections.abc import Callable, Mapping, Sequence
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
from inventory.domain.unit import ProductClass, UnitKind
from inventory.management.demo.people import Bank
from inventory.management.demo.rules import FORM
from inventory.models.donation import Donation
from inventory.services.collected import Collected, Registered
from inventory.services.donation import NewDonation, register_donations

# Product codes of range D, which a facility defines for itself: licensed tables are the bank's to load.
CORD_BLOOD_COLLECTED, PLACENTA_COLLECTED, CORD_COLLECTED = "D0010000", "D0030000", "D0050000"
HOUR = timedelta(hours=1)
Answers = Mapping[str, bool]


@dataclass(frozen=True)
class Month:
    """One round of births: when it begins, the first serial of its DINs, how many, and what is collected.

    Without ``gifts`` most births give cord blood, every tenth a placenta, and the first both.
    """

    begins: datetime
    first_serial: int
    births: int
    gifts: tuple[ProductClass, ...] = ()


def one_birth(begins: datetime, *gifts: ProductClass) -> Month:
    """Return a single birth of a story, of cord blood unless told."""
    return Month(begins, next_serial(), 1, gifts or (ProductClass.CORD_BLOOD,))


def next_serial() -> int:
    """Return the serial of the next DIN."""
    return Donation.objects.count() + 1


def usual_answers(number: int) -> Answers:
    """What the mothers of a month say: some want no treatment of patients, some no companies."""
    return {"storage": True, "research": True, "treatment": number % 6 != 5, "companies": number % 4 != 3}


def consent_mothers(
    bank: Bank, month: Month, *, form_code: str = FORM, answers: Callable[[int], Answers] = usual_answers
) -> list[int]:
    """Register the month's mothers and infants, each consenting before the birth on the form in force; return ids."""
    by, begins = bank.people["collection"], month.begins
    form = forms_in_force(begins).get(code=form_code)
    donors = register_donors(mothers(bank, month), by=by, at=begins + 5 * HOUR)
    for number, donor in enumerate(donors):
        new = NewConsent(donor=donor, form=form, answers=answers(number), given_at=begins + HOUR)
        give_consent(new, by=by, at=begins + 5 * HOUR)
    return [donor.pk for donor in donors]


def mothers(bank: Bank, month: Month) -> list[NewDonor]:
    """Return the month's mothers, each with her infant, as the ward registers them."""
    begins = month.begins
    sexes = (Sex.FEMALE, Sex.MALE)
    return [
        NewDonor(
            site=bank.sites["MATERNITY-1"],
            infants=(InfantFacts(order=1, sex=sexes[number % 2], born_at=begins + 4 * HOUR),),
            identity=_identity(month.first_serial + number),
        )
        for number in range(month.births)
    ]


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
            collected=_collected(month, number, random),
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


def _collected(month: Month, number: int, random: Random) -> tuple[Collected, ...]:
    mass, volume = Decimal(random.randint(380, 620)), Decimal(random.randint(700, 1300)) / 10
    every = {
        ProductClass.CORD_BLOOD: Collected(
            ProductClass.CORD_BLOOD, UnitKind.COLLECTED_BAG, CORD_BLOOD_COLLECTED, volume_ml=volume
        ),
        ProductClass.PLACENTA: Collected(ProductClass.PLACENTA, UnitKind.PIECE, PLACENTA_COLLECTED, mass_g=mass),
        ProductClass.CORD_TISSUE: Collected(ProductClass.CORD_TISSUE, UnitKind.PIECE, CORD_COLLECTED, mass_g=mass / 10),
    }
    return tuple(every[gift] for gift in month.gifts or _usual_gifts(number))


def _usual_gifts(number: int) -> tuple[ProductClass, ...]:
    if number == 0:
        return (ProductClass.CORD_BLOOD, ProductClass.PLACENTA)
    return (ProductClass.PLACENTA,) if number % 10 == 9 else (ProductClass.CORD_BLOOD,)
