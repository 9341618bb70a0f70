"""manage.py checkpoint: sign the ledger's head and keep it outside the database."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from biobank.exchange.ledger import fingerprint
from biobank.management.plain_errors import plain_errors
from biobank.services.checkpoint import publish_checkpoint
from biobank.services.guard import refuse_unsafe_start
from biobank.services.person import system_person
from biobank.services.signing_key import create_signing_key
from biobank.services.standing import checkpoint_in


class Command(BaseCommand):
    help = "Publish a signed checkpoint of the ledger's head in BIOBANK_CHECKPOINT_DIR."
    # The guards and migrations are proved below, in one clear sentence.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--create-key", action="store_true", help="first make the bank's key; never over another")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *_args: str, **options: Any) -> None:
        """Publish; a refusal ends with status 1 and the next step."""
        with plain_errors():
            refuse_unsafe_start()
            if options["create_key"]:
                create_signing_key()
            at = timezone.now()
            path = publish_checkpoint(by=system_person(at=at), at=at)
            checkpoint = checkpoint_in(path)
        stated = {
            "file": str(path),
            "number": checkpoint.number,
            "seal": checkpoint.seal,
            "key_fingerprint": fingerprint(checkpoint.public_key),
        }
        if options["json"]:
            self.stdout.write(json.dumps(stated))
        else:
            self.stdout.write("\n".join(f"{name.replace('_', ' '):<16} {value}" for name, value in stated.items()))
