"""manage.py import_units: bring units and reference samples in from a file of foreign layout, by a mapping."""

import json
import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Permission
from biobank.management.plain_errors import plain_errors
from biobank.models.person import Person
from biobank.queries.person import find_person, has_permission
from biobank.services.guard import refuse_unsafe_start
from consent.services.donor import register_unknown_donors
from inventory.domain.import_facts import Plan, Step, code_of
from inventory.exchange.table import read_capped
from inventory.services.import_file import STAGES, Checked, GivenFile, ImportRefused, check_import, import_units


class Command(BaseCommand):
    help = (
        "Import units or reference samples with positions and results from a CSV of any layout, as a mapping says. "
        "Without --apply it only says what would be done, and writes nothing. "
        "Ends with 0 when all is well, 1 with findings, 2 when it was called wrongly."
    )
    # The guards and migrations are proved below, in one clear sentence.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the table: CSV or other delimited text")
        parser.add_argument("--mapping", required=True, metavar="MAPPING.toml", help="see docs/import.md")
        parser.add_argument("--as", required=True, dest="username", metavar="USERNAME", help="who imports")
        parser.add_argument("--apply", action="store_true", help="write, all or nothing")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *_args: str, **options: Any) -> None:
        """Check or import; every fault is listed, and every end names the next step."""
        at = timezone.now()
        with plain_errors():
            refuse_unsafe_start()
            by = self._importer(options["username"], at)
            given = self._given(options)
            try:
                if options["apply"]:
                    checked = import_units(given, register_donors=register_unknown_donors, by=by, at=at)
                else:
                    checked = check_import(given, at=at)
            except ImportRefused as refusal:
                self._list_faults(refusal, as_json=options["json"])
        self._say(checked, given, options)

    def _importer(self, username: str, at: datetime) -> Person:
        person = find_person(username)
        if person is None or not person.is_active:
            raise CommandError(f"There is no active person “{username}”. Name who imports with --as.", returncode=2)
        if not has_permission(person, Permission.IMPORT_UNITS, at):
            raise CommandError(
                f"{username} may not import units. Let a storage technician or a quality reviewer import.", returncode=2
            )
        return person

    def _given(self, options: dict[str, Any]) -> GivenFile:
        path, mapping = Path(options["file"]), Path(options["mapping"])
        return GivenFile(path.name, _read(path), _read(mapping), tell=_bar)

    def _list_faults(self, refusal: ImportRefused, *, as_json: bool) -> NoReturn:
        if as_json:
            faults = [
                {"line": each.line, "column": each.column, "code": each.code, "text": each.text}
                for each in refusal.faults
            ]
            self.stdout.write(json.dumps({"applied": False, "faults": faults}, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(str(fault) for fault in refusal.faults))
        raise CommandError(f"{refusal.message} {refusal.mend}", returncode=1)

    def _say(self, checked: Checked, given: GivenFile, options: dict[str, Any]) -> None:
        plan = checked.plan
        if options["json"]:
            said = {
                "applied": options["apply"],
                "file": given.name,
                "sha256": checked.sha256,
                "counts": plan.counted(),
                "rows": [_told(step) for step in plan.steps],
                "faults": [],
            }
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        self.stdout.write("\n".join(_line(step) for step in plan.steps))
        self.stdout.write(_summary(plan))
        done = "Imported." if options["apply"] else "Nothing was written. Run again with --apply to import."
        self.stdout.write(done)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return read_capped(file)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}. Name a file that can be read.", returncode=2) from None
    except RuleViolation as refusal:
        raise CommandError(f"{path}: {refusal} {refusal.mend}", returncode=1) from None


def _told(step: Step) -> dict[str, object]:
    return {"line": step.row.line, "code": code_of(step.row), "place": step.place, "does": _does(step)}


def _does(step: Step) -> str:
    if step.thing is None:
        return "register"
    return "stay" if step.stays else "move"


def _line(step: Step) -> str:
    does = {
        "register": "new",
        "stay": "already there",
        "move": f"from {step.thing.place or 'no place'}" if step.thing else "",
    }
    return f"line {step.row.line}: {code_of(step.row)} → {step.place or 'no place known'} ({does[_does(step)]})"


def _summary(plan: Plan) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in plan.counted().items()) + "."


def _bar(stage: str) -> None:
    """Draw how far the import is, where a person watches."""
    if sys.stderr.isatty():
        done = STAGES.index(stage) * 30 // len(STAGES)
        sys.stderr.write(f"\r[{'#' * done}{'.' * (30 - done)}] {stage:<12}")
