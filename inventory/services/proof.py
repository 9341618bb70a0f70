"""The whole proof of the bank: the ledger, the fold of states and places, the corrections, the kept reports."""

from collections.abc import Callable, Iterator
from datetime import datetime

from biobank.domain.proof import Finding
from biobank.services.health import record_verification
from biobank.services.proof import ledger_findings
from inventory.queries.correction_proof import correction_findings
from inventory.queries.fold import fold_findings
from inventory.services.report_proof import report_findings

LONGEST_DETAIL = 500


def bank_findings(progress: Callable[[int], object] | None = None) -> Iterator[Finding]:
    """Yield everything that does not hold, the ledger's first; nothing when all of it does."""
    yield from ledger_findings(progress)
    yield from fold_findings()
    yield from correction_findings()
    yield from report_findings()


def verify_record(*, at: datetime, progress: Callable[[int], object] | None = None) -> list[Finding]:
    """Prove everything, note how it ended for the health page, and return what was found."""
    findings = list(bank_findings(progress))
    detail = str(findings[0]) if findings else "nothing found"
    record_verification("record", ok=not findings, detail=detail[:LONGEST_DETAIL], at=at)
    return findings
