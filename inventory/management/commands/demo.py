"""manage.py demo: a bank with a year behind it, one unit taken live through it, and its pages to look at."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from biobank.domain.role import Role
from biobank.management.plain_errors import plain_errors
from biobank.services.guard import refuse_unsafe_start
from inventory.management.demo.mark import check_empty, check_settings, mark_database, remove_demo
from inventory.management.demo.papers import prove_papers
from inventory.management.demo.people import PASSWORD, PEOPLE
from inventory.management.demo.scene import Scene
from inventory.management.demo.server import HOST, check_port, serve
from inventory.management.demo.walk import walk
from inventory.management.demo.year import live_a_year
from inventory.services.sealing_key import configured_sealing_key, make_demo_key

FEWEST_UNITS = 60


class Command(BaseCommand):
    help = "Build a demo bank, take one unit from consent to outcome, prove its papers, and serve its pages."
    # The database is made here: nothing can be checked before.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--units", type=int, default=300, help="how many units the year leaves (300)")
        parser.add_argument("--reset", action="store_true", help="first remove the database that a demo made")
        parser.add_argument("--no-serve", action="store_true", help="end after the walk")
        parser.add_argument("--port", type=int, default=8000, help="where to serve (8000)")

    def handle(self, *_args: str, **options: Any) -> None:
        """Build, walk, prove, print who can sign in, serve."""
        if options["units"] < FEWEST_UNITS:
            raise CommandError(f"--units must be at least {FEWEST_UNITS}: the year needs them.", returncode=2)
        with plain_errors():
            check_settings()
            if not options["no_serve"]:
                check_port(options["port"])
            if options["reset"]:
                remove_demo()
            scene = self._build(options["units"], now=timezone.now().replace(second=0, microsecond=0))
            unit = walk(scene, say=self._say)
            prove_papers(unit, by=scene.bank.people["quality"], say=self.stdout.write)
        self._print_sign_ins()
        if not options["no_serve"]:
            self.stdout.write(f"\nServing on http://{HOST}:{options['port']}/ until Ctrl-C.")
            serve(options["port"])

    def _build(self, units: int, *, now: datetime) -> Scene:
        call_command("migrate", verbosity=0)
        check_empty()
        mark_database()
        refuse_unsafe_start()
        if configured_sealing_key() is None:
            make_demo_key(Path(settings.BIOBANK_KEYS_DIR), at=now)
        return live_a_year(units, now=now, progress=self._progress)

    def _progress(self, done: int, total: int, what: str) -> None:
        if self.stdout.isatty():
            bar = "█" * (30 * done // total)
            self.stdout.write(f"\r{bar:<30} {what:<44}", ending="\n" if done == total else "")
            self.stdout.flush()
        elif done < total:
            self.stdout.write(f"{done + 1:>2} of {total}  {what}")

    def _say(self, at: datetime, what: str) -> None:
        self.stdout.write(f"  {at:%Y-%m-%d %H:%M} UTC  {what}")

    def _print_sign_ins(self) -> None:
        self.stdout.write(f"\nSign in as one of these; the password of all is {PASSWORD}")
        shown: set[Role] = set()
        for username, role, site in PEOPLE:
            if role not in shown:
                shown.add(role)
                self.stdout.write(f"  {username:<13} {role.label:<24} {site}")
