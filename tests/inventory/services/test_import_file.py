import pytest

from biobank.models.ledger import LedgerEntry
from biobank.services.proof import ledger_findings
from inventory.management.commands.import_units import register_migrated_donors
from inventory.models.donation import Donation
from inventory.models.identifier import Identifier
from inventory.models.sample import ReferenceSample
from inventory.queries.fold import fold_findings
from inventory.queries.import_file import place_of_identifier
from inventory.services.import_file import GivenFile, import_units
from tests.factories.rack_scan import ISSUER, RACK, WELLS, importer, scan, scanner_mapping, tank, tube_code
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db


def given(data, mapping=None, name="rack.csv"):
    return GivenFile(name, data, mapping or scanner_mapping())


def imported(data, mapping=None, at=NOON):
    return import_units(given(data, mapping), register_donors=register_migrated_donors, by=importer(), at=at)


def test_96_tubes_of_a_rack_are_each_found_in_the_well_that_the_scanner_saw():
    tank()

    imported(scan())

    found = [place_of_identifier(ISSUER, tube_code(number)) for number in range(96)]
    assert found == [f"{RACK}-{well}" for well in WELLS]
    assert ReferenceSample.objects.filter(origin="migrated", role="plasma", state="stored").count() == 96
    assert Identifier.objects.filter(issuer=ISSUER).count() == 96
    assert Donation.objects.filter(origin="migrated").count() == 12
    assert list(fold_findings()) == []
    assert list(ledger_findings()) == []
