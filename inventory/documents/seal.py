"""Sealing documents: a certification signature that allows no changes, made and checked offline.

pyHanko is imported where it is used: it takes half a second, and most processes never seal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from os import O_CREAT, O_EXCL, O_WRONLY, fdopen
from os import open as open_descriptor
from pathlib import Path

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

FIELD = "Seal"
DEMO_YEARS = 10


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
    sealed: BytesIO = PdfSigner(metadata, signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))
    return sealed.getvalue()


def obstacles_to_trust(pdf: bytes, *, certificate_sha256: str) -> list[str]:
    """Return why the document's seal does not hold, or nothing: whole file, no changes, by this certificate.

    The certificate is known by its fingerprint; no authority is asked, so neither is the network.
    """
    from pyhanko.pdf_utils.misc import PdfReadError  # noqa: PLC0415
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415

    try:
        seals = PdfFileReader(BytesIO(pdf)).embedded_signatures
    except (PdfReadError, ValueError, KeyError, TypeError, IndexError) as error:
        return [f"The file cannot be read as a PDF: {error}."]
    if len(seals) != 1:
        return [f"The file carries {len(seals)} seals instead of one."]
    return list(_faults(seals[0], certificate_sha256))


def _faults(seal: object, certificate_sha256: str) -> Iterator[str]:
    from pyhanko.sign.fields import MDPPerm  # noqa: PLC0415
    from pyhanko.sign.general import SigningError  # noqa: PLC0415
    from pyhanko.sign.validation import validate_pdf_signature  # noqa: PLC0415
    from pyhanko.sign.validation.errors import SignatureValidationError  # noqa: PLC0415
    from pyhanko.sign.validation.settings import KeyUsageConstraints  # noqa: PLC0415
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    certificate = seal.signer_cert  # type: ignore[attr-defined]
    if sha256(certificate.dump()).hexdigest() != certificate_sha256:
        yield "The seal was made with another certificate."
    try:
        status = validate_pdf_signature(
            seal,  # type: ignore[arg-type]
            ValidationContext(trust_roots=[certificate], allow_fetching=False),
            key_usage_settings=KeyUsageConstraints(key_usage=set()),
        )
    except (SignatureValidationError, SigningError, ValueError) as error:
        yield f"The seal cannot be checked: {error}."
        return
    if not (status.intact and status.valid):
        yield "The file was changed after it was sealed."
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        yield "The seal does not cover the whole file."
    if status.docmdp_ok is False or seal.docmdp_level is not MDPPerm.NO_CHANGES:  # type: ignore[attr-defined]
        yield "The seal is not one that allows no changes."


def write_self_signed_key(key_file: Path, certificate_file: Path, *, name: str, at: datetime) -> None:
    """Write a new key and a certificate that it signs itself; nobody but the owner may read the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * DEMO_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_for_signing(), critical=True)
        .sign(key, SHA256())
    )
    key_file.parent.mkdir(parents=True, exist_ok=True)
    with fdopen(open_descriptor(key_file, O_WRONLY | O_CREAT | O_EXCL, 0o600), "wb") as target:
        target.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))


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
