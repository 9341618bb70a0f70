"""Consents of the demo: one in two halves, of which one thing is taken back later, and one that was declined."""

from datetime import datetime, timedelta

from consent.queries.form import forms_in_force
from consent.services.consent import Declined, NewConsent, decline_consent, give_consent
from consent.services.donor import register_donors
from consent.services.narrowing import Narrowing, narrow_consent
from inventory.domain.unit import ProductClass, Use
from inventory.management.demo import stock
from inventory.management.demo.birth import (
    Month,
    consent_mothers,
    mothers,
    one_birth,
    register_births,
    usual_answers,
)
from inventory.management.demo.results import Lucky
from inventory.management.demo.rules import COLLECTION_FORM, FORM
from inventory.management.demo.scene import Scene
from inventory.services.acceptance import accept_units

# The serial of whom nothing was collected, far from those of births.
OF_WHO_DECLINED = 800_001
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def consent_in_two_halves(scene: Scene, at: datetime) -> None:
    """Collect on a consent to collection alone, given in labour; the full one follows the day after the birth.

    Later the mother takes one answer back: her unit leaves the stock for patients, and is kept for the laboratory.
    """
    bank, month, lucky = scene.bank, one_birth(at, ProductClass.CORD_BLOOD), Lucky(2)
    donors = consent_mothers(bank, month, form_code=COLLECTION_FORM, answers=lambda _number: {"storage": True})
    registered = register_births(bank, month, donors, lucky)
    units = stock.freeze(bank, month, registered, scene.shelves, lucky)
    donor, by = registered[0].donation.donor, bank.people["collection"]
    form = forms_in_force(at + 40 * HOUR).get(code=FORM)
    full = NewConsent(donor=donor, form=form, answers=usual_answers(0), given_at=at + 40 * HOUR)
    give_consent(full, by=by, at=at + 41 * HOUR)
    stock.judge(bank, month, registered, units, lucky)
    narrowing = Narrowing(
        donor=donor,
        taken_back=["treatment"],
        reason="The mother wants no patient to be treated with it.",
        occurred_at=at + 10 * DAY,
    )
    narrow_consent(narrowing, by=by, at=at + 10 * DAY)
    quality, credentials = bank.people["quality"], bank.credentials("quality")
    unit_ids = [unit.pk for unit in units]
    accept_units(unit_ids, Use.LABORATORY, credentials=credentials, by=quality, at=at + 11 * DAY)


def decline(scene: Scene, at: datetime) -> None:
    """Ask a mother in the ward, who declines: nothing is collected, and her answer is on record."""
    bank, by = scene.bank, scene.bank.people["collection"]
    (donor,) = register_donors(mothers(bank, Month(at, OF_WHO_DECLINED, 1)), by=by, at=at + 5 * HOUR)
    declined = Declined(
        donor=donor,
        form=forms_in_force(at).get(code=FORM),
        declined_at=at + 2 * HOUR,
        reason="She wants nothing to be kept for research.",
    )
    decline_consent(declined, by=by, at=at + 6 * HOUR)
