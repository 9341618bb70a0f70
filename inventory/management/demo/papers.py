"""Proving the papers of the walk: its document is made and checked, the record is verified and signed."""

from collections.abc import Callable

from django.utils import timezone

from biobank.domain.refusal import RuleViolation
from biobank.models.person import Person
from biobank.queries.ledger import head
from biobank.services.checkpoint import publish_checkpoint
from biobank.services.person import system_person
from inventory.models.unit import Unit
from inventory.services.proof import verify_record
from inventory.services.report import generate_custody_report
from inventory.services.report_file import report_path
from inventory.services.report_proof import verify_report


class PapersBroken(RuleViolation):
    """What the demo made does not stand up to its own proof: a defect."""

    code = "papers-broken"
    title = "The papers do not hold"
    mend = "Report this as a defect, with the lines above."


def prove_papers(unit: Unit, *, by: Person, say: Callable[[str], object]) -> None:
    """Make the unit's chain-of-custody document, verify its seal and the whole record, and publish a checkpoint."""
    report = generate_custody_report(unit.code, by=by, at=timezone.now())
    say(f"\nChain of custody of {unit.code}: {report_path(report.file_name)}")
    if faults := verify_report(report):
        raise PapersBroken(" ".join(faults))
    say(f"  its signature and its data hold, as of ledger entry {report.ledger_number}")
    if findings := verify_record(at=timezone.now()):
        raise PapersBroken("; ".join(str(each) for each in findings[:5]))
    ledger = head()
    say(f"  the record holds: {ledger.number} entries, head {ledger.seal}")
    path = publish_checkpoint(by=system_person(at=timezone.now()), at=timezone.now())
    say(f"  checkpoint: {path}")
