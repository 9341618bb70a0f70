"""The bank's Ed25519 key, with which checkpoints and the heads of exports are signed."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from biobank.domain.refusal import RuleViolation
from biobank.services.durable_file import write_durably


class SigningKeyUnusable(RuleViolation):
    """There is no key to sign the record with, or the file does not hold one."""

    code = "signing-key-unusable"
    title = "The record cannot be signed"
    mend = (
        "Set BIOBANK_LEDGER_KEY_FILE to the bank's Ed25519 private key (PEM, without a password), "
        "or make a new one with “manage.py checkpoint --create-key”."
    )


class SigningKeyExists(RuleViolation):
    """A key is never overwritten: what it signed could no longer be proved."""

    code = "signing-key-exists"
    title = "There is a key already"
    mend = "Use the key that is there, or move it to a safe place before you make another one."


def signing_key() -> Ed25519PrivateKey:
    """Return the bank's key; only a demo makes its own when there is none.

    Raises ``SigningKeyUnusable``.
    """
    path = Path(settings.BIOBANK_LEDGER_KEY_FILE)
    if settings.BIOBANK_DEMO and not path.exists():
        return create_signing_key()
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SigningKeyUnusable(f"The key file {path} cannot be read ({error.strerror}).") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SigningKeyUnusable(f"The file {path} holds no private key in PEM without a password.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyUnusable(f"The key in {path} is not an Ed25519 key.")
    return key


def create_signing_key() -> Ed25519PrivateKey:
    """Make the bank's key, and beside it the public key that auditors are given.

    Raises ``SigningKeyExists`` or ``SigningKeyUnusable``.
    """
    path, key = Path(settings.BIOBANK_LEDGER_KEY_FILE), Ed25519PrivateKey.generate()
    if os.path.lexists(path):
        raise SigningKeyExists(f"The key file {path} exists.")
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    try:
        write_durably(path, private, mode=0o600)
        write_durably(path.with_suffix(".public.pem"), public)
    except OSError as error:
        raise SigningKeyUnusable(f"The key file {path} cannot be written ({error.strerror}).") from None
    return key


def public_key_of(key: Ed25519PrivateKey) -> str:
    """Return the public key as 64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()
