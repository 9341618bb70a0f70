"""manage.py rewrap_identities: wrap every identity's data key under the current master key."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from biobank.management.plain_errors import plain_errors
from biobank.management.progress import bar_on
from biobank.models.person import Person
from biobank.queries.person import find_person
from biobank.services.guard import refuse_unsafe_start
from consent.queries.identity import master_keys_in_use
from consent.services.erasure import rewrap_identities
from consent.services.keyring import keyring


class Command(BaseCommand):
    help = (
        "Wrap the data keys that older master keys open under the current one, the first in BIOBANK_IDENTITY_KEYS. "
        "Broken off, it goes on where it was when it is run again."
    )
    # The guards and migrations are proved below, in one clear sentence.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", required=True, dest="username", metavar="USERNAME", help="who manages the keys")

    def handle(self, *_args: str, **options: Any) -> None:
        """Wrap some hundreds at once until none is left, and say which keys still open something."""
        with plain_errors():
            refuse_unsafe_start()
            by = _manager(options["username"])
            done = self._rewrap(by)
        self.stdout.write(f"{done} wrapped again.")
        for key, count in master_keys_in_use().items():
            self.stdout.write(f"{key:<16} opens {count}")

    def _rewrap(self, by: Person) -> int:
        current = keyring().current
        total = sum(count for key, count in master_keys_in_use().items() if key != current)
        draw, done = bar_on(sys.stderr), 0
        while wrapped := rewrap_identities(by=by, at=timezone.now()):
            done += wrapped
            draw(done, max(total, done), "identities")
        return done


def _manager(username: str) -> Person:
    person = find_person(username)
    if person is None or not person.is_active:
        raise CommandError(f"There is no active person “{username}”. Name an administrator with --as.", returncode=2)
    return person
