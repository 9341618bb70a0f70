"""Sealing documents: a certification signature that allows no changes, made and checked offline.

pyHanko is imported where it is used: it takes half a second, and most processes never seal.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from biobank.domain.refusal import RuleViolation

R = TypeVar("R")

FIELD = "Seal"
SELF_SIGNED_YEARS = 10


class SealingKeyBroken(RuleViolation):
    """The sealing key or its certificate cannot be used."""

    code = "sealing-key-broken"
    title = "The document was not made: the sealing key cannot be used"
    mend = (
        "Ask the administrator to put a PEM key without passphrase and its certificate where BIOBANK_PDF_KEY_FILE and "
        "BIOBANK_PDF_CERT_FILE point, or to remove both: documents then say that they are unsealed."
    )


@dataclass(frozen=True)
class SealingKey:
    """A key that fits its certificate, and the certificate's fingerprint."""

    key_file: Path
    certificate_file: Path
    certificate_sha256: str


def sealing_key(key_file: Path, certificate_file: Path) -> SealingKey | None:
    """Return the key to seal with, or None where neither file exists. Raises ``SealingKeyBroken``."""
    if not key_file.exists() and not certificate_file.exists():
        return None
    try:
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SealingKeyBroken(f"The sealing key or its certificate cannot be read: {error}.") from error
    if _public_bytes(key) != _public_bytes(certificate):
        raise SealingKeyBroken("The sealing key and the certificate do not belong together.")
    return SealingKey(key_file, certificate_file, certificate.fingerprint(SHA256()).hex())


def _public_bytes(holder: object) -> bytes:
    public = holder.public_key()  # type: ignore[attr-defined]
    encoded: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded


def seal_pdf(pdf: bytes, key: SealingKey, *, reason: str, location: str) -> bytes:
    """Return the document certified: any later change to it shows. Raises ``SealingKeyBroken``."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign.fields import MDPPerm  # noqa: PLC0415
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner  # noqa: PLC0415

    signer = SimpleSigner.load(str(key.key_file), str(key.certificate_file))  # type: ignore[no-untyped-call]
    if signer is None:
        raise SealingKeyBroken("The sealing key is of a kind that documents cannot be sealed with.")
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        reason=reason,
        location=location,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    sealed: BytesIO = _apart(lambda: PdfSigner(metadata, signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf))))
    return sealed.getvalue()


def _apart(call: Callable[[], R]) -> R:
    """Call in a thread of its own: pyHanko runs an event loop, and a thread that runs one already refuses another."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def obstacles_to_trust(pdf: bytes, *, certificate_sha256: str) -> list[str]:
    """Return why the document's seal does not hold, or nothing: whole file, no changes, by this certificate.

    The certificate is known by its fingerprint; no authority is asked, so neither is the network.
    """
    try:
        return list(_faults(pdf, certificate_sha256))
    except Exception as error:  # noqa: BLE001 - a damaged file breaks its reader in any way; each means no trust
        return [f"The file or its seal cannot be read: {str(error).partition(chr(10))[0]}."]


def _faults(pdf: bytes, certificate_sha256: str) -> Iterator[str]:
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415
    from pyhanko.sign.fields import MDPPerm  # noqa: PLC0415
    from pyhanko.sign.validation import validate_pdf_signature  # noqa: PLC0415
    from pyhanko.sign.validation.settings import KeyUsageConstraints  # noqa: PLC0415
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    seals = PdfFileReader(BytesIO(pdf)).embedded_signatures
    if len(seals) != 1:
        yield f"The file carries {len(seals)} seals instead of one."
        return
    certificate = seals[0].signer_cert
    trusted = ValidationContext(trust_roots=[certificate], allow_fetching=False)
    usage = KeyUsageConstraints(key_usage=set())
    status = _apart(lambda: validate_pdf_signature(seals[0], trusted, key_usage_settings=usage))
    if sha256(certificate.dump()).hexdigest() != certificate_sha256:
        yield "The seal was made with another certificate."
    if not (status.intact and status.valid):
        yield "The file was changed after it was sealed."
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        yield "The seal does not cover the whole file."
    if status.docmdp_ok is False or seals[0].docmdp_level is not MDPPerm.NO_CHANGES:
        yield "The seal is not one that allows no changes."


def self_signed_key(name: str, *, at: datetime) -> tuple[bytes, bytes]:
    """Return a new key and a certificate that it signs itself, both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * SELF_SIGNED_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_for_signing(), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, certificate.public_bytes(Encoding.PEM)


def _for_signing() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
