"""Draws docs/states.md from the transition tables."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inventory.domain.state_diagram import draw

PAGE = Path("docs") / "states.md"


class Command(BaseCommand):
    help = "Draw docs/states.md from the transition tables, or, with --check, say whether it is stale."
    # Drawing needs no database.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")

    def handle(self, *_args: str, **options: bool) -> None:
        page = Path(settings.BASE_DIR) / PAGE
        drawn = draw()
        if not options["check"]:
            page.write_text(drawn, encoding="utf-8")
            self.stdout.write(f"Drawn: {PAGE}")
        elif not page.exists() or page.read_text(encoding="utf-8") != drawn:
            raise CommandError(f"{PAGE} is stale: run python manage.py draw_states")
