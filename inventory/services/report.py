"""Making and keeping reports."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from biobank.models.ledger import LedgerEntry
from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signing_key import public_key_of, signing_key
from inventory.documents.custody import custody_pdf
from inventory.documents.seal import SealingKey, seal_pdf
from inventory.domain.custody import CustodyFacts, Edition, facts_sha256
from inventory.models.report import Report
from inventory.queries.custody import custody_facts
from inventory.services.report_file import keep_file, kept_content
from inventory.services.sealing_key import configured_sealing_key

CUSTODY = "custody"
GENERATED = "report.generated"


@dataclass(frozen=True)
class MadeReport:
    """A document that lies on the disk and is not yet in the bank's record."""

    facts: CustodyFacts
    edition: Edition
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
    edition = Edition(
        reference=new_code("RPT"),
        generated_at=at,
        generated_by=by.printed_name,
        sealing_certificate_sha256=key.certificate_sha256 if key else "",
    )
    return _keep_report(_make(facts, edition, key), by=by, at=at)


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


def _make(facts: CustodyFacts, edition: Edition, key: SealingKey | None) -> MadeReport:
    content = custody_pdf(facts, edition)
    file = content
    if key is not None:
        reason = f"Chain of custody of {facts.unit.code} at ledger entry {facts.head.number}"
        file = seal_pdf(content, key, reason=reason, location=facts.bank)
    return MadeReport(
        facts=facts,
        edition=edition,
        content_sha256=sha256(content).hexdigest(),
        file_sha256=sha256(file).hexdigest(),
        file_name=keep_file(file, prefix=CUSTODY),
        size_bytes=len(file),
    )


@service
def _keep_report(made: MadeReport, *, by: Person, at: datetime) -> Report:
    """Record a made document, unless another was recorded for the same ledger position meanwhile."""
    report, created = Report.objects.get_or_create(
        kind=CUSTODY,
        subject=made.facts.unit.code,
        ledger_number=made.facts.head.number,
        certificate_sha256=made.edition.sealing_certificate_sha256,
        defaults={
            "reference": made.edition.reference,
            "ledger_seal": made.facts.head.seal,
            "facts_sha256": facts_sha256(made.facts),
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
        record(GENERATED, subjects=[report.subject, report.reference], by=by, at=at, new=_told(report))
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
