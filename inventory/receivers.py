"""What inventory listens to: a donor allowing less; the guards it adds to the database; who writes infants' facts."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from biobank.models.person import Person
from biobank.services.guard import declare_guards
from consent.domain.consent import EventKind
from consent.domain.form import WithdrawalStage
from consent.services.donor import correct_infant
from consent.signals import consent_reduced
from inventory.domain.withdrawal import ALLOWS_NOTHING, SITES_ARE_TOLD_OF
from inventory.services.correction_write import declare_infant_writer
from inventory.services.guard import APPEND_ONLY, GUARDS
from inventory.services.narrowing import stop_what_is_not_allowed
from inventory.services.withdrawal import ReducedConsent, stop_after_withdrawal

declare_guards(GUARDS, append_only=APPEND_ONLY)
declare_infant_writer(correct_infant)


@receiver(consent_reduced)
def stop_what_came_from_the_donor(
    donor: Any, consent: Any, kind: EventKind, by: Person, at: datetime, **_sent: object
) -> None:
    """Stop what is no longer allowed inside the change's transaction; what is raised here undoes it."""
    reduced = ReducedConsent(
        donor_id=donor.pk,
        consent=consent.code,
        until=WithdrawalStage(consent.form.withdrawal_until),
        because=f"Consent {consent.code} was {kind}.",
        infant_id=consent.infant_id,
        deceased_id=consent.deceased_id,
    )
    if kind in ALLOWS_NOTHING:
        stop_after_withdrawal(reduced, by=by, at=at)
        return
    stop_what_is_not_allowed(reduced, tells_sites=kind in SITES_ARE_TOLD_OF, by=by, at=at)
