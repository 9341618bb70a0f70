"""Registering recipients under the study's code."""

from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.recipient import canonical_recipient
from inventory.models.recipient import Recipient


@service
def register_recipient(code: str, *, protocol_code: str, by: Person, at: datetime) -> Recipient:
    """Return the recipient that a study knows by this code, registered now unless known already.

    Raises ``RecipientRefused`` for what is no code; upper and lower case, and spaces around it, make no second person.
    """
    code = canonical_recipient(code)
    recipient, is_new = Recipient.objects.get_or_create(
        protocol_code=protocol_code, code=code, defaults={"registered_at": at}
    )
    if is_new:
        record("recipient.registered", subjects=[protocol_code, f"{protocol_code}/{code}"], by=by, at=at)
    return recipient
