"""manage.py restore: a backup proved, put in place, and verified; an old one stays read-only."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from biobank.domain.backup import KEYS_ARE_ELSEWHERE, Manifest
from biobank.exchange.ledger import fingerprint
from biobank.management.plain_errors import plain_errors
from biobank.management.progress import bar_on
from biobank.services.restore import check_backup, key_is_here, restore_backup


class Command(BaseCommand):
    help = "Check a backup, restore it into an empty database, and verify the record. Stop server and workers first."
    # The database is made here: nothing can be checked before.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", metavar="FILE", help="the archive that “manage.py backup” wrote")
        parser.add_argument("--check", action="store_true", help="only prove the archive; touch nothing")
        parser.add_argument("--force", metavar="NAME", default="", help="write over the database of this name")

    def handle(self, *_args: str, **options: Any) -> None:
        """Prove, restore, verify; status 1 with the next step for whatever does not hold."""
        path, progress = Path(options["archive"]), bar_on(sys.stderr)
        with plain_errors():
            if options["check"]:
                self._show(path, check_backup(path, progress=progress))
                return
            restored = restore_backup(path, force=options["force"], progress=progress)
            self._show(path, restored.manifest)
            self.stdout.write(KEYS_ARE_ELSEWHERE)
            self.stdout.write("Identities erased since this backup are back: erase them again, by your list.")
            for name in restored.kept:
                self.stdout.write(f"KEPT: {name} lies here otherwise than in the archive, and was left as it is.")
            if restored.read_only:
                self.stdout.write(f"READ-ONLY: {restored.read_only}")
            call_command("verify", stdout=self.stdout)

    def _show(self, path: Path, manifest: Manifest) -> None:
        told = f"{len(manifest.files)} files of {manifest.at}, {manifest.database}, ledger until {manifest.number}"
        self.stdout.write(f"{path} holds: {told}.")
        if not key_is_here():
            self.stdout.write(f"KEY NOT HERE: compare this fingerprint: {fingerprint(manifest.public_key)}")
