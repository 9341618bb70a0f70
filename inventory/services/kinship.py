"""Naming recipients in donations: whom a donation was given for, and who is a relative of its infant."""

from collections.abc import Sequence
from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.donation import DonationPurpose
from inventory.domain.kinship import Kin, KinshipRefused, obstacles_to_naming
from inventory.models.donation import Donation
from inventory.models.kinship import Kinship
from inventory.queries.kinship import degrees_of
from inventory.services.recipient import register_recipient


@service
def name_kin(donation: Donation, kin: Kin, *, by: Person, at: datetime) -> Kinship:
    """Record that a study's recipient is kin of a donation's infant, or is that infant.

    A related donation names its recipient when it is registered, and no other ever after. Raises ``KinshipRefused``.
    """
    lock_donors([donation.donor_id])
    named = degrees_of([donation.pk])[donation.pk]
    reasons = obstacles_to_naming(DonationPurpose(donation.purpose), kin, named_already=len(named))
    if reasons:
        raise KinshipRefused(f"{donation.code} does not name this recipient.", reasons=reasons)
    recipient = register_recipient(kin.recipient, protocol_code=kin.protocol_code, by=by, at=at)
    if recipient.pk in named:
        raise KinshipRefused(f"The kinship of this recipient to {donation.code} is on record.", field="recipient")
    return write_kinships([(donation, kin)], by=by, at=at)[0]


def write_kinships(named: Sequence[tuple[Donation, Kin]], *, by: Person, at: datetime) -> list[Kinship]:
    """Write whom donations name, found to be in order, and record each."""
    rows = []
    for donation, kin in named:
        recipient = register_recipient(kin.recipient, protocol_code=kin.protocol_code, by=by, at=at)
        rows.append(
            Kinship(
                donation=donation,
                recipient=recipient,
                degree=kin.degree,
                shown_by=kin.shown_by.strip(),
                stated_by=by,
                stated_at=at,
            )
        )
        record(
            "kinship.stated",
            subjects=[donation.code, str(recipient)],
            by=by,
            at=at,
            new={"recipient": str(recipient), "degree": kin.degree, "shown_by": kin.shown_by.strip()},
        )
    return Kinship.objects.bulk_create(rows)
