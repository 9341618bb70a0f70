"""manage.py verify: prove the record, entry by entry, with the states, places and reports that rest on it."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from biobank.domain.proof import Finding
from biobank.management.plain_errors import plain_errors
from biobank.queries.ledger import head
from inventory.services.proof import verify_record

MOST_SHOWN = 50


class Command(BaseCommand):
    help = "Verify the ledger, the guards, the fold of states and places, and the kept reports. Exit 1 on any finding."
    # What the checks would refuse to start on is what this command is asked to find.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *_args: str, **options: Any) -> None:
        """Print every finding, the first bad entry first, and leave with status 1 when there is one."""
        with plain_errors():
            ledger = head()
            found = verify_record(at=timezone.now(), progress=self._progress(ledger.number))
        # A stripped database lacks a hundred guards: they must not hide the entry that was changed.
        findings = sorted(found, key=_entries_first)
        if options["json"]:
            told = [{"entry": each.number, "text": each.text} for each in findings]
            self.stdout.write(json.dumps({"entries": ledger.number, "seal": ledger.seal, "findings": told}))
        else:
            for finding in findings[:MOST_SHOWN]:
                self.stdout.write(str(finding))
            if len(findings) > MOST_SHOWN:
                self.stdout.write(f"… and {len(findings) - MOST_SHOWN} more; --json lists them all.")
            self.stdout.write(self._verdict(len(findings), ledger.number, ledger.seal))
        if findings:
            sys.exit(1)

    def _verdict(self, found: int, number: int, seal: str) -> str:
        if not found:
            return f"{number} entries verified, nothing found. Head {seal}"
        return (
            f"{found} findings in {number} entries. Write nothing, keep this database as it is, tell quality, and "
            "compare with the newest checkpoint and backup."
        )

    def _progress(self, total: int) -> Any:
        if not self.stderr.isatty():
            return None
        return lambda reached: self.stderr.write(f"\r{reached} of {total}", ending="")


def _entries_first(finding: Finding) -> tuple[bool, int]:
    return (finding.number is None, finding.number or 0)
