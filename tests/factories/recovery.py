"""Recoveries after death as the services register them, long before noon."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from biobank.domain.role import Role
from consent.domain.form import AUTHORISES_RECOVERY, Extent, StatementFacts
from consent.models.consent import Consent
from consent.models.form import ConsentForm
from consent.queries.donor import infants_of
from consent.services.consent import Declined, NewConsent, decline_consent, give_consent
from inventory.services.collected import Registered
from inventory.services.recovery import NewRecovery, register_recovery
from tests.factories.donation import maternity, next_din
from tests.factories.donor import (
    GIVEN_AT,
    USUAL_STATEMENTS,
    form_facts,
    form_in_force,
    recorder,
    registered_donor,
)
from tests.factories.person import staff
from tests.factories.time import days, hours

# The infant, born 14.4 minutes after the first form was signed, lives two days.
DIED_AT = GIVEN_AT + days(2)
AUTHORISED_AT = DIED_AT + timedelta(minutes=10)
CLAMPED_AT = DIED_AT + timedelta(minutes=25)
RECOVERED_AT = DIED_AT + timedelta(minutes=55)
LIVER_REGISTERED_AT = RECOVERED_AT + hours(1)
AUTHORISATION = StatementFacts(
    key=AUTHORISES_RECOVERY, text="The liver may be recovered after our child's death.", mandatory=True
)


def authorised(consent: Consent | None = None, **answers: bool) -> Consent:
    """Return the parents' authorisation, given ten minutes after death, for one infant of a new mother."""
    form = recovery_form()
    donor = consent.donor if consent else registered_donor()
    asked = {statement.key: True for statement in form.statements.all()}
    new = NewConsent(
        donor=donor,
        form=form,
        answers=asked | answers,
        given_at=AUTHORISED_AT,
        deceased=infants_of([donor.pk])[donor.pk][0],
    )
    return give_consent(new, by=recorder(), at=AUTHORISED_AT)


def declined_recovery(consent: Consent) -> Consent:
    """Return the refusal of parents, who consented at the birth, to a recovery from their infant that died."""
    donor = consent.donor
    infant = infants_of([donor.pk])[donor.pk][0]
    declined = Declined(donor=donor, form=recovery_form(), declined_at=AUTHORISED_AT, deceased=infant)
    return decline_consent(declined, by=recorder(), at=AUTHORISED_AT)


def recovery_form() -> ConsentForm:
    """Return the form in force by which parents authorise a recovery after death."""
    return form_in_force(form_facts("CF-RECOVERY", extent=Extent.AFTER_DEATH), [AUTHORISATION, *USUAL_STATEMENTS])


def new_recovery(consent: Consent | None = None, **otherwise: Any) -> NewRecovery:
    """Return a recovery of 120 g, 25 minutes warm and still cold."""
    donor = (consent or authorised()).donor
    usual = NewRecovery(
        din=next_din(),
        donor_id=donor.pk,
        infant_id=infants_of([donor.pk])[donor.pk][0].pk,
        site=maternity(),
        collector=staff(Role.COLLECTION_STAFF),
        organisation="Organ recovery of the region",
        died_at=DIED_AT,
        cross_clamp_at=CLAMPED_AT,
        recovered_at=RECOVERED_AT,
        product_code="D0070000",
        mass_g=Decimal("120.00"),
        warm_minutes=25,
        preservation_fluid="UW",
    )
    return replace(usual, **otherwise)


def registered_liver(consent: Consent | None = None, **otherwise: Any) -> Registered:
    """Return a liver registered an hour after its recovery."""
    new = new_recovery(consent, **otherwise)
    return register_recovery(new, by=new.collector, at=max(LIVER_REGISTERED_AT, new.recovered_at))
