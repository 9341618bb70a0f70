"""Erasing a donor's identity on lawful request, and moving data keys under a new master key.

Erasure destroys the one copy of that donor's data key in this database. A backup made before still holds it, wrapped by
the master key of its time: when every living key has been wrapped again under a new master key and the old one has been
destroyed, the backups cannot open the erased identity either.
"""

from dataclasses import dataclass
from datetime import datetime

from biobank.domain.role import Permission, permissions_of
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.queries.person import roles_of
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.domain.identity import (
    IdentityRefused,
    check_erasure,
    key_id_of,
    unwrap,
    wrap,
)
from consent.models.donor import Donor
from consent.models.identity import DonorIdentity
from consent.queries.donor import lock_donors
from consent.queries.identity import donors_under_older_keys
from consent.services.keyring import keyring

# Few enough that the donors are not locked for long.
AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """A lawful request to forget who a donor is; the reason says which, and names nobody."""

    donor: Donor
    reason: str


@service
def erase_identity(erasure: Erasure, *, credentials: Credentials, by: Person, at: datetime) -> None:
    """Destroy a donor's data key and her place in the lookup, for ever; code, consents and trace stay.

    Signed by a donor-identity officer. Raises ``IdentityRefused`` without a reason, or where nothing is kept any more;
    ``SignatureRefused`` as ``sign`` does.
    """
    donor = lock_donors([erasure.donor.id])[0]
    stored = DonorIdentity.objects.filter(donor=donor).first()
    check_erasure(erasure.reason, is_kept=stored is not None, is_erased=bool(stored and stored.erased_at))
    content = {"kind": "erasure of identity", "donor": donor.donor_code, "reason": erasure.reason}
    signature = sign(
        content,
        meaning=Meaning.APPROVED,
        credentials=credentials,
        by=by,
        at=at,
        permission=Permission.ERASE_IDENTITY,
    )
    DonorIdentity.objects.filter(donor=donor).update(wrapped_key="", lookup_index=None, erased_at=at)
    record(
        "identity.erased",
        subjects=[donor.donor_code],
        by=by,
        at=at,
        reason=erasure.reason,
        old={"recorded": True},
        new={"erased": True, "content_sha256": signature.content_sha256},
    )


@service
def rewrap_identities(*, by: Person, at: datetime) -> int:
    """Wrap up to some hundreds of data keys that an older master key wraps under the current one; return how many.

    Called until it returns 0; from then on the older keys open nothing that is kept. Raises ``IdentityRefused`` unless
    the person manages keys, ``IdentityKeyMissing`` where an older key is not configured: nothing is wrapped then.
    """
    if Permission.MANAGE_KEYS not in permissions_of(roles_of(by, at)):
        raise IdentityRefused("Only who manages keys wraps them again.", mend="Ask an administrator.")
    keys = keyring()
    donors = lock_donors(donors_under_older_keys(keys.current, AT_ONCE))
    rows = {row.donor_id: row for row in DonorIdentity.objects.filter(donor__in=donors, erased_at__isnull=True)}
    older = [donor for donor in donors if donor.pk in rows and key_id_of(rows[donor.pk].wrapped_key) != keys.current]
    for donor in older:
        row = rows[donor.pk]
        before = key_id_of(row.wrapped_key)
        row.wrapped_key = wrap(unwrap(row.wrapped_key, keys, donor.donor_code), keys, donor.donor_code)
        record(
            "identity.rewrapped",
            subjects=[donor.donor_code],
            by=by,
            at=at,
            old={"key": before},
            new={"key": keys.current},
        )
    DonorIdentity.objects.bulk_update([rows[donor.pk] for donor in older], ["wrapped_key"])
    return len(older)
