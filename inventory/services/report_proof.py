"""Proving kept reports: file, seal, data and ledger position against the bank's record."""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256

from biobank.domain.ledger import canonical_json, digest
from biobank.domain.proof import Finding
from biobank.models.ledger import LedgerEntry
from inventory.documents.embedded import EmbeddedTextUnreadable, embedded_text
from inventory.documents.paper import RECORD_NAME as PAPERS_RECORD
from inventory.documents.seal import obstacles_to_trust
from inventory.documents.verification import RECORD_NAME as CUSTODY_RECORD
from inventory.models.report import Report
from inventory.services.report_file import kept_content

BATCH = 500
# The name of the data inside the file, by kind of report.
RECORDS = {"custody": CUSTODY_RECORD, "papers": PAPERS_RECORD}


def verify_report(report: Report) -> tuple[str, ...]:
    """Return everything that does not hold of a kept report; nothing when all of it does."""
    content = kept_content(report.file_name)
    if content is None:
        return (f"The file {report.file_name} cannot be read.",)
    return tuple(_faults(report, content))


def report_findings() -> Iterator[Finding]:
    """Yield what does not hold of any kept report."""
    for report in Report.objects.order_by("pk").iterator():
        yield from (Finding(f"Report {report.reference}: {words}") for words in verify_report(report))


def _faults(report: Report, content: bytes) -> Iterator[str]:
    if sha256(content).hexdigest() != report.file_sha256:
        yield "The file’s SHA-256 is not the one that was recorded."
    if report.sealed:
        yield from obstacles_to_trust(content, certificate_sha256=report.certificate_sha256)
    yield from _position_faults(report)
    try:
        record = json.loads(embedded_text(content, name=RECORDS[report.kind]))
    except (EmbeddedTextUnreadable, ValueError) as error:
        yield f"The data in the file cannot be read: {error}"
        return
    yield from _data_faults(report, record)


def _position_faults(report: Report) -> Iterator[str]:
    """The head that the pages name must be in the ledger, and the entry of this report must name these hashes."""
    if (
        report.ledger_number
        and not LedgerEntry.objects.filter(number=report.ledger_number, seal=report.ledger_seal).exists()
    ):
        yield f"Ledger entry {report.ledger_number} does not carry the seal that the pages show."
    told = LedgerEntry.objects.filter(kind="report.generated", links__code=report.reference).first()
    new = json.loads(told.body)["new"] if told else {}
    if (new.get("file_sha256"), new.get("facts_sha256")) != (report.file_sha256, report.facts_sha256):
        yield "The ledger does not say that this file was made."


def _data_faults(report: Report, record: dict[str, dict[str, object]]) -> Iterator[str]:
    facts = record.get("facts", {})
    if digest(canonical_json(facts)) != report.facts_sha256:
        yield "The data in the file is not what was recorded when it was made."
    entries = facts.get("entries")
    shown = {row["number"]: row["seal"] for row in entries} if isinstance(entries, list) else {}
    if shown != _seals(shown):
        yield "The entries in the file do not carry the seals of the ledger."


def _seals(numbers: Iterable[int]) -> dict[int, str]:
    wanted = sorted(numbers)
    found: dict[int, str] = {}
    for start in range(0, len(wanted), BATCH):
        rows = LedgerEntry.objects.filter(number__in=wanted[start : start + BATCH])
        found.update(rows.values_list("number", "seal"))
    return found
