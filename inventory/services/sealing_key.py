"""The key that documents are sealed with: where it is, and how a demo makes its own."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from biobank.domain.refusal import RuleViolation
from biobank.services.durable_file import write_durably
from inventory.documents.seal import SealingKey, sealing_key, self_signed_key

KEY_NAME, CERTIFICATE_NAME = "reports.key.pem", "reports.cert.pem"


class OnlyForADemo(RuleViolation):
    """A bank outside demo settings never seals with a key that nobody vouches for."""

    code = "only-for-a-demo"
    title = "A sealing key is made here only for a demo"
    mend = "Put the bank's own key and certificate where BIOBANK_PDF_KEY_FILE and BIOBANK_PDF_CERT_FILE point."


class SealingKeyExists(RuleViolation):
    """A key is never overwritten."""

    code = "sealing-key-exists"
    title = "There is a sealing key already"
    mend = "Use the key that is there, or move key and certificate away together before you make new ones."


def configured_sealing_key() -> SealingKey | None:
    """Return the configured key, or None where there is none. Raises ``SealingKeyBroken``."""
    return sealing_key(Path(settings.BIOBANK_PDF_KEY_FILE), Path(settings.BIOBANK_PDF_CERT_FILE))


def make_demo_key(directory: Path, *, at: datetime) -> tuple[Path, Path]:
    """Write a self-signed key and its certificate for a demo and return their paths; only the owner may read the key.

    Raises ``OnlyForADemo`` and ``SealingKeyExists``.
    """
    if not settings.BIOBANK_DEMO:
        raise OnlyForADemo("This is not a demo.")
    key_file, certificate_file = directory / KEY_NAME, directory / CERTIFICATE_NAME
    if key_file.exists() or certificate_file.exists():
        raise SealingKeyExists(f"{directory} holds a sealing key or its certificate.")
    key, certificate = self_signed_key("Demo bank, self-signed: vouches for nothing", at=at)
    write_durably(key_file, key, mode=0o600)
    write_durably(certificate_file, certificate)
    return key_file, certificate_file
