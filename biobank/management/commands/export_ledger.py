"""manage.py export_ledger: the ledger as JSON lines, for the verifier that auditors run."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from biobank.management.plain_errors import plain_errors
from biobank.queries.ledger import head
from biobank.services.durable_file import durable_file
from biobank.services.ledger_export import export_lines

STEP = 5000


class Command(BaseCommand):
    help = "Export the ledger, or one subject's entries with all others withheld; verify it with verify_ledger.py."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--subject", metavar="CODE", help="show only the entries that name this code")
        parser.add_argument(
            "--output", metavar="FILE", help="write there, whole or not at all; else to standard output"
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON; needs --output")

    def handle(self, *_args: str, **options: Any) -> None:
        """Export; a refusal ends with status 1 and the next step."""
        output = options["output"]
        if options["json"] and not output:
            raise CommandError("--json needs --output FILE: standard output holds the export.", returncode=2)
        with plain_errors():
            ledger = head()
            lines = export_lines(ledger, subject=options["subject"], at=timezone.now())
            with _opened(output) as file:
                for line in _with_progress(lines, ledger.number):
                    file.write(line.encode())
        if options["json"]:
            self.stdout.write(json.dumps({"file": output, "entries": ledger.number, "seal": ledger.seal}))
        elif output:
            self.stdout.write(f"{output}: {ledger.number} entries. Check it with: python verify_ledger.py {output}")


@contextmanager
def _opened(output: str | None) -> Iterator[BinaryIO]:
    if output is None:
        yield sys.stdout.buffer
        return
    with durable_file(Path(output)) as file:
        yield file


def _with_progress(lines: Iterator[str], total: int) -> Iterator[str]:
    """Pass the lines on, drawing a bar where a person watches."""
    watched = sys.stderr.isatty()
    for count, line in enumerate(lines):
        yield line
        if watched and (count % STEP == 0 or count == total):
            done = count * 30 // max(total, 1)
            sys.stderr.write(
                f"\r[{'#' * done}{'.' * (30 - done)}] {count} of {total}" + ("\n" if count == total else "")
            )
