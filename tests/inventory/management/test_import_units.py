import json
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from biobank.services.person import deactivate_person
from consent.models.donor import Donor
from inventory.domain.finding import Gate, Outcome
from inventory.domain.gate import evaluate
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.gate import Asked, gate_facts
from inventory.queries.import_file import place_of_identifier
from tests.factories.person import staff, the_system
from tests.factories.protocol import clinic, protocol_in_force
from tests.factories.rack_scan import (
    ISSUER,
    RACK,
    WELLS,
    guide_mappings,
    importer,
    scan,
    scanned_row,
    scanner_mapping,
    tank,
    tube_code,
)
from tests.factories.time import NOON
from tests.factories.unit import available_unit, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank,)


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.fixture
def files(tmp_path):
    """Write a rack's scan and its mapping, and register the tank."""
    tank()
    (tmp_path / "rack.csv").write_bytes(scan())
    (tmp_path / "rack.toml").write_bytes(scanner_mapping())
    return tmp_path


def run(files, *options, data=None, mapping=None, username=""):
    """Run the command and return what it printed and the status it ended with."""
    for name, content in (("rack.csv", data), ("rack.toml", mapping)):
        if content is not None:
            (files / name).write_bytes(content)
    out = StringIO()
    called = [str(files / "rack.csv"), "--mapping", str(files / "rack.toml"), "--as", username or importer().username]
    try:
        call_command("import_units", *called, *options, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}", error.returncode
    return out.getvalue(), 0


def test_without_apply_the_command_says_what_would_be_done_and_writes_nothing(files):
    importer()
    before = LedgerEntry.objects.count()

    said, status = run(files)

    assert status == 0
    assert f"line 2: {tube_code(0)} → {RACK}-A01 (new)" in said
    assert f"line 97: {tube_code(95)} → {RACK}-H12 (new)" in said
    assert "96 new, 0 moved, 0 already there, 0 empty wells, 1 new racks, 0 results, " in said
    assert said.rstrip().endswith("Nothing was written. Run again with --apply to import.")
    assert LedgerEntry.objects.count() == before


def test_with_apply_the_tubes_are_in_their_wells(files):
    said, status = run(files, "--apply")

    assert (status, said.rstrip().rsplit("\n", 1)[1]) == (0, "Imported.")
    found = [place_of_identifier(ISSUER, tube_code(number)) for number in range(96)]
    assert found == [f"{RACK}-{well}" for well in WELLS]
    assert Donor.objects.filter(origin="migrated").count() == 12


def test_a_moved_tube_is_shown_with_where_it_comes_from(files):
    run(files, "--apply", data=scan([scanned_row(0), scanned_row(1)]))

    said, _ = run(files, data=scan([scanned_row(0, well='"H12"'), scanned_row(1)]))

    assert f"→ {RACK}-H12 (from {RACK}-A01)" in said
    assert f"→ {RACK}-A02 (already there)" in said


def test_json_says_every_row(files):
    said, status = run(files, "--json")

    answer = json.loads(said)
    assert (status, answer["applied"], answer["counts"]["new"], answer["faults"]) == (0, False, 96, [])
    assert answer["rows"][0] == {"line": 2, "code": tube_code(0), "place": f"{RACK}-A01", "does": "register"}


def test_every_fault_is_printed_with_its_line_and_the_next_step(files):
    said, status = run(files, "--apply", data=scan([scanned_row(n, aliquot="much") for n in range(96)]))

    assert status == 1
    assert said.count("column 7 “Aliquot_Volume”: “much” is not a number") == 96
    assert said.endswith("The file has 96 faults. Nothing was imported. Correct the file or the mapping and run again.")
    assert not ReferenceSample.objects.exists()


def test_json_says_every_fault(files):
    out = StringIO()
    (files / "rack.csv").write_bytes(scan([scanned_row(0, well='"Z1"')]))

    with pytest.raises(CommandError) as ended:
        call_command(
            "import_units",
            str(files / "rack.csv"),
            "--json",
            mapping=str(files / "rack.toml"),
            username=importer().username,
            stdout=out,
        )

    answer = json.loads(out.getvalue())
    assert ended.value.returncode == 1
    assert [(each["line"], each["code"]) for each in answer["faults"]] == [(2, "no-position")]


def test_the_same_file_is_refused_the_second_time(files):
    run(files, "--apply")

    said, status = run(files, "--apply")

    assert status == 1
    assert "A file of the same content was imported on" in said
    assert said.endswith("choose another file.")


@pytest.mark.parametrize(
    ("data", "mapping", "said_is"),
    [
        (b"", None, "The file holds no rows. Export the file as CSV"),
        (b"PK\x03\x04", None, "a spreadsheet or an archive"),
        (b"a,b\n1,2\n", None, "The file has no header “Inventory_ID”; its headers are “a”, “b”."),
        (None, b"[row", "The mapping is not TOML"),
        (None, b"[row]\nis = 'sample'", "docs/import.md"),
    ],
)
def test_a_file_or_mapping_that_cannot_be_used_is_a_finding_with_its_next_step(files, data, mapping, said_is):
    said, status = run(files, data=data, mapping=mapping)

    assert status == 1
    assert said_is in said


def test_a_file_beyond_the_cap_is_a_finding(files):
    said, status = run(files, data=b"x" * (32 * 1024**2 + 1))

    assert status == 1
    assert said.endswith("The file is larger than 32 MiB. Split it by racks.")


@pytest.mark.parametrize("missing", ["rack.csv", "rack.toml"])
def test_a_file_that_is_not_there_is_a_wrong_call(files, missing):
    (files / missing).unlink()

    said, status = run(files)

    assert status == 2
    assert "No such file or directory. Name a file that can be read." in said


def test_an_unknown_person_is_a_wrong_call(files):
    said, status = run(files, username="nobody")

    assert (status, said) == (2, "There is no active person “nobody”. Name who imports with --as.")


def test_a_person_who_left_imports_nothing(files):
    deactivate_person(importer(), reason="left", by=the_system(), at=NOON)

    assert run(files, "--apply")[1] == 2
    assert not ReferenceSample.objects.exists()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.STORAGE_TECHNICIAN, Role.QUALITY_REVIEWER}))
def test_a_person_without_the_permission_imports_nothing(files, role):
    said, status = run(files, "--apply", username=staff(role).username)

    assert status == 2
    assert "may not import units" in said
    assert not ReferenceSample.objects.exists()


def test_a_quality_reviewer_imports_too(files):
    assert run(files, "--apply", username=staff(Role.QUALITY_REVIEWER).username)[1] == 0


def test_a_terminal_shows_how_far_it_is(files, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    run(files, "--apply")

    assert "registering" in terminal.getvalue()
    assert terminal.getvalue().count("\r") == 6


def test_an_imported_unit_is_kept_from_release_by_the_consent_that_nobody_knows(files):
    data = b"Rack ID;Position;Tube;VOLUME;Viability\nV1;A1;T1;1,5;90\n"
    own = available_unit()

    run(files, "--apply", data=data, mapping=guide_mappings()[1].encode())

    unit = Unit.objects.get(origin="migrated")
    asked = Asked(protocol=protocol_in_force(), site=clinic(), requested_by="somebody")
    facts = gate_facts([own, unit], asked, at=NOON)
    consents = {pk: evaluate(each, NOON)[0] for pk, each in facts.items()}
    assert unit.state == "quarantined"
    assert {finding.gate for finding in consents.values()} == {Gate.CONSENT}
    assert consents[own.pk].outcome is Outcome.PASS
    assert consents[unit.pk].outcome is not Outcome.PASS
