"""Results that a file brings of what came from another bank: by whom they were found, or not at all."""

import pytest

from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.services.import_file import ImportRefused
from tests.factories.import_file import imported, refused
from tests.factories.origin import taken_in
from tests.factories.rack_scan import importer, scan, scanned_row, scanner_mapping, tank
from tests.factories.unit import frozen_unit, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, tank, frozen_unit)

OF_UNITS = '[[results]]\ncolumn = "Source_Volume"\nassay = "volume_ml"\nsubject = "unit"\nunit = "µL"\n{}[scanned]'
NOBODY, NORTH = scanner_mapping(("[scanned]", OF_UNITS.format(""))), 'establishment = "North Bank"\n'
BY_NORTH = scanner_mapping(("[scanned]", OF_UNITS.format(NORTH)))


def tubes_of(*units: Unit) -> bytes:
    """Return a scan of one tube of each unit, with a result of the unit."""
    rows = [scanned_row(line, source=f'"{unit.code}"', volume="9600") for line, unit in enumerate(units)]
    return scan(rows)


def test_a_result_of_another_banks_unit_without_who_found_it_is_refused_by_line_and_column() -> None:
    tank()
    own, foreign = frozen_unit(), taken_in()[0]

    assert refused(tubes_of(own, foreign), NOBODY) == [(3, "no-establishment")]
    with pytest.raises(ImportRefused) as again:
        imported(tubes_of(own, foreign), NOBODY)

    assert [fault.column for fault in again.value.faults] == ["column 8 “Source_Volume”"]


def test_named_by_its_establishment_it_is_entered_and_waits_to_be_attested() -> None:
    tank()
    foreign = taken_in()[0]

    imported(tubes_of(foreign), BY_NORTH)

    result = Result.objects.get(assay="volume_ml", unit=foreign)
    assert (result.reported_by, result.verified_at, result.attestation) == ("North Bank", None, None)


def test_a_known_tube_of_another_banks_unit_brings_no_result_of_nobody_either() -> None:
    tank()
    importer()
    foreign = taken_in()[0]
    imported(scan([scanned_row(0, source=f'"{foreign.code}"')]))

    assert refused(tubes_of(foreign), NOBODY) == [(2, "no-establishment")]
    assert not Result.objects.filter(unit=foreign, assay="volume_ml").exists()
