"""manage.py resume: administrator and quality sign what a record older than its checkpoints lacks, and go on."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from biobank.domain.resume import Missing, NothingIsMissing
from biobank.management.plain_errors import plain_errors
from biobank.queries.ledger import head
from biobank.services.checkpoint import publish_checkpoint
from biobank.services.guard import refuse_unsafe_start
from biobank.services.person import system_person
from biobank.services.resume import Resumption, Typed, missing_of_checkpoints, resume_ledger
from biobank.services.signing_key import signing_key


class Command(BaseCommand):
    help = "Show what the record lacks of its checkpoints; signed by an administrator and quality, go on without it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--list", action="store_true", help="only show what is missing")

    def handle(self, *_args: str, **options: Any) -> None:
        """Show, ask both, resume, and publish a checkpoint, so that an older copy is noticed from now on."""
        with plain_errors():
            refuse_unsafe_start()
            missing = missing_of_checkpoints()
            if not missing.gone:
                raise NothingIsMissing("The record agrees with its checkpoints.")
            self._show(missing)
            if options["list"]:
                return
            signing_key()
            resumption = self._asked(missing)
            at = timezone.now()
            resume_ledger(resumption, at=at)
            self.stdout.write(f"Resumed at entry {head().number}.")
            path = publish_checkpoint(by=system_person(at=at), at=at)
            self.stdout.write(f"Checkpoint {path}. Copy it to where the others are, and keep the superseded ones.")

    def _show(self, missing: Missing) -> None:
        agrees = f"it agrees with checkpoints until entry {missing.agrees_until}"
        self.stdout.write(f"The record ends at entry {missing.head_number}; {agrees}.")
        self.stdout.write(f"{missing.sentence}\nThese checkpoints contradict it:")
        for seen in missing.gone:
            told = f"entry {seen.checkpoint.number} of {seen.checkpoint.at}, file SHA-256 {seen.sha256}"
            self.stdout.write(f"  {seen.file}  {told}")

    def _asked(self, missing: Missing) -> Resumption:
        self.stdout.write(
            "\nLook for a newer backup first. Going on gives the missing entries up for ever, says so in the record, "
            "and is signed by an administrator and a quality reviewer, each with their own password."
        )
        try:
            reason = input("Reason: ")
            return Resumption(missing, reason, self._typed("Administrator"), self._typed("Quality reviewer"))
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Nobody signed; nothing was saved. Run this at a terminal.", returncode=1) from None

    def _typed(self, role: str) -> Typed:
        return Typed(input(f"{role}, user name: "), getpass.getpass(f"{role}, password: "))
