"""The one way to donor identity: recording it, reading it with a reason, and finding a donor's code by it."""

from dataclasses import dataclass
from datetime import date, datetime

from biobank.domain.text import obstacles_to_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service
from consent.domain.identity import (
    FIELDS,
    Identity,
    IdentityErased,
    IdentityRefused,
    Keyring,
    decrypt,
    encrypt,
    lookup_index,
    new_data_key,
    obstacles_to_identity,
    salted_hashes,
    unwrap,
)
from consent.models.donor import Donor
from consent.models.identity import DonorIdentity, IdentityRead
from consent.queries.donor import lock_donors
from consent.services.keyring import keyring


@dataclass(frozen=True, kw_only=True)
class NewIdentity:
    """A donor's identity as stated; a ``reason`` is needed to replace one that is there."""

    donor: Donor
    identity: Identity
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class IdentityLookup:
    """An exact record number of one site, with the mother's birth date."""

    site: Site
    record_number: str
    birth_date: date


@service
def record_identity(new: NewIdentity, *, by: Person, at: datetime) -> None:
    """Store who a donor is, encrypted; the ledger gets salted hashes alone.

    Raises ``IdentityRefused`` for impossible values, for a record number and birth date that another donor has, and for
    a replacement without its reason; ``IdentityKeyMissing`` without usable keys.
    """
    donor, keys = lock_donors([new.donor.id])[0], keyring()
    stored = DonorIdentity.objects.filter(donor=donor).first()
    _check(new, stored, at=at)
    index = lookup_index(keys, donor.site.code, new.identity.record_number, new.identity.birth_date)
    data_key = _store(donor, stored, new.identity, index, keys, at=at)
    hashes = salted_hashes(new.identity, data_key)
    old = {"recorded": stored is not None}
    record("identity.recorded", subjects=[donor.donor_code], by=by, at=at, reason=new.reason, old=old, new=hashes)


@service
def read_identity(donor: Donor, *, reason: str, by: Person, at: datetime, inspector: str = "") -> Identity:
    """Return who a donor is, and record who looked and why; beside an inspector, also that person's name.

    Raises ``IdentityRefused`` without a reason or where nothing is kept, ``IdentityKeyMissing`` without the key,
    ``IdentityUnreadable`` where the stored values were tampered with.
    """
    reasons = [
        *obstacles_to_text(reason, "reason", longest=500, needed=True),
        *obstacles_to_text(inspector, "inspector", longest=200),
    ]
    if reasons:
        raise IdentityRefused("The identity is not shown.", reasons=reasons, field="reason")
    keys, donor = keyring(), lock_donors([donor.id])[0]
    stored = DonorIdentity.objects.filter(donor=donor).first()
    if stored is None:
        raise IdentityRefused(f"No identity of donor {donor.donor_code} is kept: none was recorded.")
    if stored.erased_at is not None:
        raise IdentityErased(f"The identity of donor {donor.donor_code} was erased on {stored.erased_at:%Y-%m-%d}.")
    identity = decrypt(_values(stored), unwrap(stored.wrapped_key, keys, donor.donor_code), donor.donor_code)
    IdentityRead.objects.create(donor=donor, read_by=by, read_at=at, kind="read", reason=reason, inspector=inspector)
    new = {"inspector": inspector} if inspector else {}
    record("identity.read", subjects=[donor.donor_code], by=by, at=at, reason=reason, new=new)
    return identity


@service
def find_donor(lookup: IdentityLookup, *, by: Person, at: datetime) -> str | None:
    """Return the code of the donor with exactly this record number and birth date, and nothing else of her."""
    index = lookup_index(keyring(), lookup.site.code, lookup.record_number, lookup.birth_date)
    stored = DonorIdentity.objects.select_related("donor").filter(lookup_index=index).first()
    if stored is None:
        return None
    reason = "looked up by record number and birth date"
    IdentityRead.objects.create(donor=stored.donor, read_by=by, read_at=at, kind="lookup", reason=reason)
    record("identity.found", subjects=[stored.donor.donor_code], by=by, at=at, reason=reason)
    return stored.donor.donor_code


def _values(stored: DonorIdentity) -> dict[str, str]:
    return {name: getattr(stored, name) for name in FIELDS}


def _check(new: NewIdentity, stored: DonorIdentity | None, *, at: datetime) -> None:
    reasons = obstacles_to_identity(new.identity, today=at.date())
    if stored is not None:
        reasons += obstacles_to_text(new.reason, "reason", longest=500, needed=True)
    if reasons:
        raise IdentityRefused("The identity cannot be recorded as stated.", reasons=reasons)
    if stored is not None and stored.erased_at is not None:
        raise IdentityErased("This donor's identity was erased on request and is not recorded again.")


def _store(
    donor: Donor, stored: DonorIdentity | None, identity: Identity, index: str, keys: Keyring, *, at: datetime
) -> bytes:
    if stored is None:
        data_key, wrapped_key = new_data_key(keys, donor.donor_code)
    else:
        data_key, wrapped_key = unwrap(stored.wrapped_key, keys, donor.donor_code), stored.wrapped_key
    _check_no_one_else(donor, index)
    row = DonorIdentity(
        donor=donor,
        wrapped_key=wrapped_key,
        lookup_index=index,
        recorded_at=at,
        **encrypt(identity, data_key, donor.donor_code),
    )
    if stored is not None:
        row.save(force_update=True)
        return data_key
    # Two people registering one mother at the same moment: the second insert does nothing, and is then refused.
    DonorIdentity.objects.bulk_create([row], ignore_conflicts=True)
    _check_no_one_else(donor, index)
    return data_key


def _check_no_one_else(donor: Donor, index: str) -> None:
    other = DonorIdentity.objects.filter(lookup_index=index).exclude(donor=donor).select_related("donor").first()
    if other is not None:
        raise IdentityRefused(
            f"This record number and birth date belong to donor {other.donor.donor_code}.",
            field="record_number",
            mend="Use that donor, or correct the record number.",
        )
