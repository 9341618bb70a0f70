"""manage.py backup: the whole bank but its keys in one file, read back, and the record proved."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from biobank.domain.backup import KEYS_ARE_ELSEWHERE
from biobank.exchange.ledger import fingerprint
from biobank.management.plain_errors import plain_errors
from biobank.management.progress import bar_on
from biobank.services.backup import backup_path, make_backup


class Command(BaseCommand):
    help = "Write database, reports and checkpoints into one archive with a signed manifest, then verify the record."
    # A bank in trouble is backed up all the same: it is evidence.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", metavar="FILE", help="write there; else below BIOBANK_VAR, named by the time")

    def handle(self, *_args: str, **options: Any) -> None:
        """Write and say what was written; status 1 when there is none, or when the record does not hold."""
        at = timezone.now()
        with plain_errors():
            path = Path(options["output"] or backup_path(at))
            made = make_backup(path, at=at, progress=bar_on(sys.stderr))
            self.stdout.write(f"{made.path}: {len(made.manifest.files)} files, ledger until {made.manifest.number}.")
            self.stdout.write(f"Head {made.manifest.seal}\nSigned with key {fingerprint(made.manifest.public_key)}")
            self.stdout.write(KEYS_ARE_ELSEWHERE)
            for name in made.left_out:
                self.stdout.write(f"LEFT OUT: {name}, which the bank did not name.")
            call_command("verify", stdout=self.stdout)
