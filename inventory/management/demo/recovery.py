"""A neonatal liver of the demo: recovered after death on the parents' authorisation, and made into hepatocytes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from consent.domain.form import AUTHORISES_RECOVERY
from consent.queries.donor import infants_of
from consent.queries.form import forms_in_force
from consent.services.consent import NewConsent, give_consent
from inventory.domain.unit import ProductClass
from inventory.management.demo import means, stock
from inventory.management.demo.birth import consent_mothers, next_serial, one_birth, typed_din, usual_answers
from inventory.management.demo.collection import bring_to_bank
from inventory.management.demo.lot import judge_lot
from inventory.management.demo.people import Bank
from inventory.management.demo.rules import RECOVERY_FORM
from inventory.management.demo.scene import Scene
from inventory.models.lot import Lot
from inventory.models.unit import Unit
from inventory.services.collected import Registered
from inventory.services.lot import make_lot
from inventory.services.lot_source import NewLot, Taken
from inventory.services.recovery import NewRecovery, register_recovery

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIVER, HEPATOCYTES = "D0070000", "S9002V"
VIALS = 12
OF_HEPATOCYTES: Mapping[str, str] = {
    "cell_count": "10000000",
    "cell_yield": "1560000000",
    "cell_yield_per_g": "13.000",
    "cell_viability_percent": "86.0",
    "steatosis_percent": "5",
    "bacterial_culture": "no_growth",
    "fungal_culture": "no_growth",
    "mycoplasma": "negative",
}
AFTER_THAW: Mapping[str, str] = {
    "cell_viability_percent": "71.0",
    "plating_efficiency_percent": "64.0",
    "albumin_secretion": "8.400",
    "urea_synthesis": "21.500",
    "cyp3a4_activity": "14.200",
}


def make_hepatocytes(scene: Scene, at: datetime) -> None:
    """Recover the liver of an infant that died on its third day, and make a lot of twelve vials of it."""
    bank = scene.bank
    liver = _recover(bank, died_at=at + 52 * HOUR, month_at=at)
    recovered_at = liver.donation.collected_at or at
    bring_to_bank(bank, [liver], at=recovered_at + 90 * MINUTE, hours=3)
    stock.store_tubes(bank, [liver.donation.pk], scene.shelves, at=recovered_at + 5 * HOUR)
    lot = _isolate(bank, liver.units[0], started_at=recovered_at + 6 * HOUR)
    judge_lot(scene, lot, liver.donation, OF_HEPATOCYTES, AFTER_THAW, at=recovered_at + DAY)


def _recover(bank: Bank, *, month_at: datetime, died_at: datetime) -> Registered:
    (mother,) = consent_mothers(bank, one_birth(month_at))
    collector, infant = bank.people["collection"], infants_of([mother])[mother][0]
    form = forms_in_force(died_at).get(code=RECOVERY_FORM)
    answers = {**usual_answers(0), AUTHORISES_RECOVERY: True}
    authorisation = NewConsent(
        donor=infant.donor, form=form, deceased=infant, answers=answers, given_at=died_at + 10 * MINUTE
    )
    give_consent(authorisation, by=collector, at=died_at + 15 * MINUTE)
    new = NewRecovery(
        din=typed_din(died_at.year, next_serial()),
        donor_id=mother,
        infant_id=infant.pk,
        site=bank.sites["MATERNITY-1"],
        collector=collector,
        organisation="Demo Organ Recovery",
        died_at=died_at,
        cross_clamp_at=died_at + 25 * MINUTE,
        recovered_at=died_at + 55 * MINUTE,
        product_code=LIVER,
        mass_g=Decimal("120.00"),
        warm_minutes=25,
        preservation_fluid="UW",
        procedure_version="RECOVER-2",
    )
    return register_recovery(new, by=collector, at=died_at + 2 * HOUR)


def _isolate(bank: Bank, liver: Unit, *, started_at: datetime) -> Lot:
    new = NewLot(
        parents=(Taken(liver.pk),),
        vials=VIALS,
        product_code=HEPATOCYTES,
        product_class=ProductClass.HEPATOCYTE,
        method="collagenase perfusion",
        started_at=started_at,
        frozen_at=started_at + 4 * HOUR,
        operator=bank.people["lab"],
        volume_ml=Decimal("1.50"),
        additives=("DMSO 10 % v/v",),
        freezer_run=f"CRF-{started_at:%y%m%d}",
        batch_ids=means.batch_ids(means.FROZEN_WITH),
        equipment_ids=means.device_ids(means.FROZEN_ON),
    )
    return make_lot(new, by=bank.people["lab"], at=started_at + 5 * HOUR)
