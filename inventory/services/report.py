"""Making and keeping reports."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from django.conf import settings

from biobank.models.ledger import LedgerEntry
from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signing_key import public_key_of, signing_key
from inventory.documents.custody import custody_pdf
from inventory.documents.seal import SealingKey, seal_pdf
from inventory.domain.custody import Edition, Head, facts_sha256
from inventory.models.report import Report
from inventory.queries.custody import custody_facts
from inventory.services.report_file import keep_file, kept_content
from inventory.services.sealing_key import configured_sealing_key

CUSTODY = "custody"
GENERATED = "report.generated"


class AsOf(Protocol):
    """The facts of a document: whose bank says them, and as of which entry of the ledger."""

    @property
    def bank(self) -> str: ...

    @property
    def head(self) -> Head: ...


@dataclass(frozen=True)
class MadeReport:
    """A document that lies on the disk and is not yet in the bank's record."""

    kind: str
    subject: str
    head: Head
    edition: Edition
    facts_sha256: str
    content_sha256: str
    file_sha256: str
    file_name: str
    size_bytes: int


def generate_custody_report(unit_code: str, *, by: Person, at: datetime) -> Report:
    """Make the unit's chain-of-custody document and keep it; where nothing happened since the last, return that one.

    Facts are read, drawn, sealed and written before the transaction that records them: on SQLite it would stop every
    other writer. A file whose recording fails is named by its content and harms nobody. Raises ``NoSuchUnit``,
    ``LedgerMoving``, ``SealingKeyBroken``, ``SigningKeyUnusable`` and ``ReportNotWritten``.
    """
    key = configured_sealing_key()
    known = _standing_report(unit_code, key)
    if known is not None:
        return known
    facts = custody_facts(unit_code, at, ledger_key_sha256=_ledger_key_sha256())
    edition = new_edition(key, by=by, at=at)
    reason = f"Chain of custody of {facts.unit.code} at ledger entry {facts.head.number}"
    made = make_report(CUSTODY, unit_code, facts, edition, custody_pdf(facts, edition), key=key, reason=reason)
    return keep_report(made, by=by, at=at)


def new_edition(key: SealingKey | None, *, by: Person, at: datetime) -> Edition:
    """Return the edition of a document that this person makes now, to be sealed where there is a key."""
    return Edition(
        reference=new_code("RPT"),
        generated_at=at,
        generated_by=by.printed_name,
        sealing_certificate_sha256=key.certificate_sha256 if key else "",
    )


def _standing_report(unit_code: str, key: SealingKey | None) -> Report | None:
    """Return the newest report of the unit if only reports were made since, and its file is whole."""
    certificate = key.certificate_sha256 if key else ""
    report = Report.objects.filter(kind=CUSTODY, subject=unit_code, certificate_sha256=certificate).first()
    if report is None or LedgerEntry.objects.filter(number__gt=report.ledger_number).exclude(kind=GENERATED).exists():
        return None
    content = kept_content(report.file_name)
    return report if content is not None and sha256(content).hexdigest() == report.file_sha256 else None


def _ledger_key_sha256() -> str:
    """Return the fingerprint of the ledger's public key; nothing where the bank has no key yet."""
    if not settings.BIOBANK_DEMO and not Path(settings.BIOBANK_LEDGER_KEY_FILE).exists():
        return ""
    return sha256(bytes.fromhex(public_key_of(signing_key()))).hexdigest()


def make_report(
    kind: str, subject: str, facts: AsOf, edition: Edition, content: bytes, *, key: SealingKey | None, reason: str
) -> MadeReport:
    """Seal a drawn document where there is a key, and write its file. Raises as ``generate_custody_report`` does."""
    file = content if key is None else seal_pdf(content, key, reason=reason, location=facts.bank)
    return MadeReport(
        kind=kind,
        subject=subject,
        head=facts.head,
        edition=edition,
        facts_sha256=facts_sha256(facts),
        content_sha256=sha256(content).hexdigest(),
        file_sha256=sha256(file).hexdigest(),
        file_name=keep_file(file, prefix=kind),
        size_bytes=len(file),
    )


@service
def keep_report(made: MadeReport, *, also: tuple[str, ...] = (), by: Person, at: datetime) -> Report:
    """Record a made document, unless another was recorded for the same ledger position meanwhile.

    The entry names its subject and what it is ``also`` about.
    """
    report, created = Report.objects.get_or_create(
        kind=made.kind,
        subject=made.subject,
        ledger_number=made.head.number,
        certificate_sha256=made.edition.sealing_certificate_sha256,
        defaults={
            "reference": made.edition.reference,
            "ledger_seal": made.head.seal,
            "facts_sha256": made.facts_sha256,
            "content_sha256": made.content_sha256,
            "file_sha256": made.file_sha256,
            "file_name": made.file_name,
            "size_bytes": made.size_bytes,
            "sealed": made.edition.is_sealed,
            "generated_at": at,
            "generated_by": by,
        },
    )
    if created:
        subjects = [report.subject, report.reference, *also]
        record(GENERATED, subjects=subjects, by=by, at=at, new=_told(report))
    return report


def _told(report: Report) -> dict[str, object]:
    return {
        "report": report.reference,
        "ledger_number": report.ledger_number,
        "facts_sha256": report.facts_sha256,
        "content_sha256": report.content_sha256,
        "file_sha256": report.file_sha256,
        "sealed": report.sealed,
    }
