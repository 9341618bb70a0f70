"""Another system and its specimen table: brought in whole, found by every label, proved."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from consent.models.donor import Donor
from inventory.domain.gate import NotReleasable
from inventory.models.donation import Donation
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Lineage, Unit
from inventory.queries.custody import custody_facts
from inventory.queries.import_file import place_of_identifier
from inventory.services.proof import bank_findings
from inventory.services.request import request_units
from tests.factories.other_lims import ISSUER, bank, birth, mapping, row, table, thing, unit
from tests.factories.rack_scan import importer
from tests.factories.request import coordinator, wanted
from tests.factories.specification import specifications_in_force
from tests.factories.time import NOON, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(tmp_path: Path) -> Path:
    bank()
    importer()
    (tmp_path / "mapping.toml").write_bytes(mapping())
    return tmp_path


def run(folder: Path, rows, *options: str) -> str:
    (folder / "specimens.csv").write_bytes(table(rows))
    out = StringIO()
    arguments = (str(folder / "specimens.csv"), "--mapping", str(folder / "mapping.toml"), "--as", importer().username)
    call_command("import_units", *arguments, *options, stdout=out)
    return out.getvalue()


def test_a_table_is_checked_corrected_and_brought_in(files):
    rows = [each for number in range(1, 21) for each in birth(number)]
    wrong = [*rows, row("XX1", "Plasma", parent="XX2"), row("XX2", "Plasma", parent="XX1")]
    with pytest.raises(CommandError, match="2 faults"):
        run(files, wrong)
    assert not Unit.objects.exists()
    assert "100 new" in run(files, rows)
    assert not Unit.objects.exists()

    said = json.loads(run(files, rows, "--apply", "--json"))

    assert said["counts"]["new"] == 100
    assert said["counts"]["without_place"] == 20
    assert (Donor.objects.count(), Donation.objects.count()) == (20, 20)
    assert (Unit.objects.count(), ReferenceSample.objects.count(), Lineage.objects.count()) == (40, 60, 20)
    assert place_of_identifier(ISSUER, "PL00020-A") == "A-T02-BOX2-A02"
    assert list(bank_findings()) == []
    with pytest.raises(CommandError, match="imported on"):
        run(files, rows, "--apply")


def test_what_came_in_keeps_its_line_on_paper_and_waits_for_a_consent(files):
    specifications_in_force()
    run(files, birth(1), "--apply")
    bag, concentrate = unit("CB00001"), unit("CC00001")

    facts = custody_facts(concentrate.code, NOON + hours(24))

    assert [(each.relation, each.code) for each in facts.lineage][1:] == [("made from", bag.code)]
    assert facts.lineage[1].process == "as another system had it"
    assert facts.unit.origin == "migrated"
    assert f"CC00001 ({ISSUER})" in facts.unit.identifiers
    with pytest.raises(NotReleasable):
        request_units(wanted(concentrate), by=coordinator(), at=NOON)
    assert thing("PL00001").donation == bag.donation
