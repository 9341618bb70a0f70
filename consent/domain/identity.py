"""How donor identity is sealed: each donor's own data key, wrapped by a master key; lookups by a keyed index."""

import hmac
import re
import secrets
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text

MODEL = "consent.DonorIdentity"
FIELDS = ("mother_name", "birth_date", "record_number", "contact", "infant_names")

# A field's value names this in the key's place: the data key is in the same row, wrapped.
DATA_KEY = "data"
_NONCE_BYTES = 12


class IdentityKeyMissing(RuleViolation):
    """The keys of donor identity are missing or malformed."""

    code = "identity-key-missing"
    title = "Donor identity cannot be opened"
    mend = (
        "Ask an administrator to set BIOBANK_IDENTITY_KEYS (id:64 hexadecimal digits, the current key first, every "
        "older key kept) and BIOBANK_IDENTITY_INDEX_KEY, and to restart."
    )


class IdentityUnreadable(RuleViolation):
    """A stored identity does not open with its key: it was changed or moved outside the system."""

    code = "identity-unreadable"
    title = "Donor identity is damaged"
    mend = "Report this to quality at once: restore the row from a backup and look for who changed it."


class IdentityRefused(RuleViolation):
    """A donor's identity cannot be recorded or read as asked."""

    code = "identity-refused"
    title = "Donor identity refused"
    mend = "Correct what is named and try again; nothing was recorded or shown."


class IdentityErased(IdentityRefused):
    """A donor's identity was erased on lawful request: it is neither read nor recorded again."""

    code = "identity-erased"
    title = "Donor identity was erased"
    mend = "Nothing brings it back. The donor's code, consents and the trace of her gift stay; nothing was changed."


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who a donor is. Its values stay out of ``repr``, and so out of logs and tracebacks."""

    mother_name: str = field(repr=False)
    birth_date: date = field(repr=False)
    record_number: str = field(repr=False)
    contact: str = field(default="", repr=False)
    infant_names: str = field(default="", repr=False)


@dataclass(frozen=True)
class Keyring:
    """The master keys, the current one first, and the key of the lookup index."""

    keys: Mapping[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)

    @property
    def current(self) -> str:
        """The id of the key that wraps from now on."""
        return next(iter(self.keys))


def read_keyring(keys: object, index_key: object) -> Keyring:
    """Return the keyring that the settings describe, or raise ``IdentityKeyMissing``."""
    if not isinstance(keys, Mapping) or not keys:
        raise IdentityKeyMissing("No master key for donor identity is configured.")
    return Keyring(
        {str(name): _key(f"key “{name}”", value) for name, value in keys.items()}, _key("index key", index_key)
    )


def _key(name: str, value: object) -> bytes:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        raise IdentityKeyMissing(f"The donor identity {name} is not 64 hexadecimal digits.")
    return bytes.fromhex(value)


def new_data_key(keyring: Keyring, donor_code: str) -> tuple[bytes, str]:
    """Return a fresh data key, and the same wrapped by the current master key for storing."""
    data_key = AESGCM.generate_key(256)
    return data_key, wrap(data_key, keyring, donor_code)


def wrap(data_key: bytes, keyring: Keyring, donor_code: str) -> str:
    """Return a data key wrapped by the current master key, which the text names."""
    return _seal(keyring.current, keyring.keys[keyring.current], data_key, donor_code, "wrapped_key")


def unwrap(stored: str, keyring: Keyring, donor_code: str) -> bytes:
    """Return a donor's data key; ``IdentityKeyMissing`` names the master key that is no longer configured."""
    name = key_id_of(stored)
    if name not in keyring.keys:
        raise IdentityKeyMissing(f"The master key “{name}”, under which this identity was stored, is not configured.")
    return _open(keyring.keys[name], stored, donor_code, "wrapped_key")


def key_id_of(stored: str) -> str:
    """Return the id of the master key that wraps a data key."""
    return stored.partition(":")[0]


def encrypt(identity: Identity, data_key: bytes, donor_code: str) -> dict[str, str]:
    """Return every field sealed for storing, bound to the donor and to the field it stands in."""
    return {name: _seal(DATA_KEY, data_key, str(getattr(identity, name)).encode(), donor_code, name) for name in FIELDS}


def decrypt(stored: Mapping[str, str], data_key: bytes, donor_code: str) -> Identity:
    """Return the identity, or raise ``IdentityUnreadable`` where one value is not what was stored for this donor."""
    values = {name: _open(data_key, stored[name], donor_code, name).decode() for name in FIELDS}
    return Identity(
        mother_name=values["mother_name"],
        birth_date=date.fromisoformat(values["birth_date"]),
        record_number=values["record_number"],
        contact=values["contact"],
        infant_names=values["infant_names"],
    )


def lookup_index(keyring: Keyring, site_code: str, record_number: str, birth_date: date) -> str:
    """Return the blind index of one site's record number and birth date: it tells equality and nothing else."""
    spelled = re.sub(r"[\s./-]", "", unicodedata.normalize("NFKC", record_number)).casefold()
    text = f"identity-lookup-v1\0{site_code.casefold()}\0{spelled}\0{birth_date.isoformat()}"
    return hmac.new(keyring.index_key, text.encode(), sha256).hexdigest()


def salted_hashes(identity: Identity, data_key: bytes) -> dict[str, str]:
    """Return a hash of each field for the ledger; the salt is the data key, so erasure takes their meaning away."""
    return {
        name: hmac.new(data_key, f"{name}\0{getattr(identity, name)}".encode(), sha256).hexdigest() for name in FIELDS
    }


def obstacles_to_identity(identity: Identity, *, today: date) -> list[Reason]:
    """Return what is missing or impossible in an identity, without repeating its values."""
    reasons = [
        *obstacles_to_text(identity.mother_name, "mother_name", longest=200, needed=True),
        *obstacles_to_text(identity.record_number, "record_number", longest=64, needed=True),
        *obstacles_to_text(identity.contact, "contact", longest=1000),
        *obstacles_to_text(identity.infant_names, "infant_names", longest=1000),
    ]
    if not date(1900, 1, 1) <= identity.birth_date < today:
        reasons.append(Reason("The mother's birth date lies after 1900 and before today.", "birth-date", "birth_date"))
    return reasons


def check_erasure(reason: str, *, is_kept: bool, is_erased: bool) -> None:
    """Raise ``IdentityRefused`` without a reason, or where there is nothing to erase."""
    reasons = obstacles_to_text(reason, "reason", longest=500, needed=True)
    if not is_kept:
        reasons.append(Reason("No identity of this donor is kept.", "not-kept", "donor"))
    if is_erased:
        reasons.append(Reason("This donor's identity was erased before.", "erased", "donor"))
    if reasons:
        raise IdentityRefused("The identity is not erased.", reasons=reasons, field="reason")


def _bound_to(donor_code: str, name: str) -> bytes:
    return f"{MODEL}\0{donor_code}\0{name}".encode()


def _seal(key_id: str, key: bytes, value: bytes, donor_code: str, name: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, value, _bound_to(donor_code, name))
    return f"{key_id}:{urlsafe_b64encode(nonce + sealed).decode()}"


def _open(key: bytes, stored: str, donor_code: str, name: str) -> bytes:
    try:
        raw = urlsafe_b64decode(stored.partition(":")[2])
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(donor_code, name))
    except (InvalidTag, NotBase64, ValueError) as failure:
        raise IdentityUnreadable(f"The identity of donor {donor_code} does not open with its key.") from failure
