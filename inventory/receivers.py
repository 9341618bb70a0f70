"""What inventory listens to: the withdrawal of consent, and the guards it adds to the database."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from biobank.models.person import Person
from biobank.services.guard import declare_guards
from consent.domain.form import WithdrawalStage
from consent.signals import consent_withdrawn
from inventory.services.guard import APPEND_ONLY, GUARDS
from inventory.services.withdrawal import WithdrawnConsent, stop_after_withdrawal

declare_guards(GUARDS, append_only=APPEND_ONLY)


@receiver(consent_withdrawn)
def stop_what_came_from_the_donor(donor: Any, consent: Any, by: Person, at: datetime, **_sent: object) -> None:
    """Stop everything of the donor's inside the withdrawal's transaction; what is raised here undoes it."""
    withdrawn = WithdrawnConsent(donor.pk, consent.code, WithdrawalStage(consent.form.withdrawal_until))
    stop_after_withdrawal(withdrawn, by=by, at=at)
