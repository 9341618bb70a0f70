"""Where an imported file says that things lie: racks and positions, taken, emptied, or not there at all."""

from decimal import Decimal

import pytest

from biobank.models.ledger import LedgerEntry
from inventory.domain.sample import SampleState
from inventory.models.identifier import Identifier
from inventory.models.placement import Placement
from inventory.models.result import Result
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.fold import fold_findings
from inventory.queries.import_file import place_of_identifier
from inventory.services.sample import end_samples
from tests.factories.import_file import VIALS, imported, refused, vials
from tests.factories.person import site
from tests.factories.rack_scan import (
    ISSUER,
    RACK,
    changed,
    importer,
    rack,
    scan,
    scanned_row,
    scanner_mapping,
    tank,
    tube_code,
)
from tests.factories.time import NOON, days
from tests.factories.unit import frozen_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (tank,)


def test_a_tube_that_is_where_the_file_says_leaves_the_record_as_it_is():
    tank()
    imported(scan([scanned_row(0)]))
    before = Placement.objects.count()

    imported(scan([scanned_row(0, aliquot="9")]))

    assert Placement.objects.count() == before


def test_a_known_tube_is_moved_where_the_file_says_and_nothing_else_of_it_changes():
    tank()
    imported(scan([scanned_row(0), scanned_row(1), scanned_row(2)]))
    again = [
        scanned_row(0, well='"A02"', aliquot="9"),
        scanned_row(1, well='"A01"', aliquot="9"),
        scanned_row(2, aliquot="9"),
    ]

    plan = imported(scan(again), at=NOON + days(1)).plan

    assert [place_of_identifier(ISSUER, tube_code(number)) for number in range(3)] == [
        f"{RACK}-A02",
        f"{RACK}-A01",
        f"{RACK}-A03",
    ]
    assert (plan.counted()["moved"], plan.counted()["already_there"]) == (2, 1)
    assert ReferenceSample.objects.get(identifiers__value=tube_code(0)).volume_ml == Decimal("1.500")
    assert LedgerEntry.objects.filter(kind="sample.moved").count() == 2
    assert list(fold_findings()) == []


def test_a_unit_of_the_bank_is_found_by_its_own_code_and_placed():
    tank()
    unit = frozen_unit()
    mapping = changed(VIALS, ("msc", "cord_blood"))

    imported(vials(f"VR1;A1;{unit.code};25,0;95,5"), mapping)

    assert Placement.objects.get(unit=unit, removed_at=None).position.code == "A-T02-VR1-A01"
    assert Unit.objects.count() == 2
    result = Result.objects.get(unit=unit, assay="cell_viability_percent")
    assert (result.number, result.verified_at, result.entered_by) == (Decimal("95.5"), None, importer())


def test_a_position_that_something_else_holds_is_refused():
    tank()
    imported(scan([scanned_row(0)]))

    assert refused(scan([scanned_row(1, well='"A01"'), scanned_row(2)])) == [(2, "position-taken")]


def test_a_position_that_the_file_empties_is_free():
    tank()
    imported(scan([scanned_row(0)]))

    imported(scan([scanned_row(1, well='"A01"'), scanned_row(0, well='"A02"')]))

    assert place_of_identifier(ISSUER, tube_code(1)) == f"{RACK}-A01"


def test_an_empty_well_in_which_the_bank_has_something_is_refused():
    tank()
    imported(scan([scanned_row(0)]))

    assert refused(scan([scanned_row(1), scanned_row(0, code='"NO TUBE"')])) == [(3, "not-empty")]


def test_a_tube_that_no_longer_exists_is_not_placed():
    tank()
    imported(scan([scanned_row(0)]))
    sample = ReferenceSample.objects.get()
    end_samples([sample.pk], SampleState.LOST, reason="not found", by=importer(), at=NOON)

    assert refused(scan([scanned_row(0, well='"A02"')])) == [(2, "final")]


def test_a_rack_that_is_there_must_be_of_the_kind_and_in_the_place_that_the_mapping_says():
    rack(RACK, kind="Vial rack 8 x 12", stands_in=rack("A-T02-SHELF"))

    faults = refused(scan([scanned_row(0), scanned_row(1)]))

    assert faults == [(2, "other-kind"), (2, "other-parent")]


def test_a_rack_that_is_there_is_used():
    there = rack(RACK)

    imported(scan())

    assert Placement.objects.filter(position__container=there).count() == 96


def test_a_rack_that_does_not_hold_such_things_is_refused():
    tank()

    assert refused(scan([scanned_row(0)]), scanner_mapping(("Tube rack 8 x 12", "Vial rack 8 x 12"))) == [
        (2, "product")
    ]


@pytest.mark.parametrize(
    ("replaced", "code"),
    [(("Tube rack 8 x 12", "No such rack"), "no-kind"), (('stands_in = "A-T02"', 'stands_in = "Z-9"'), "no-container")],
)
def test_a_kind_or_place_that_the_bank_does_not_have_is_a_fault_of_the_whole_file(replaced, code):
    tank()

    assert refused(scan([scanned_row(0)]), scanner_mapping(replaced)) == [(0, code)]


def test_a_tube_that_another_site_holds_is_not_placed_here():
    tank()
    imported(scan([scanned_row(0)]))
    ReferenceSample.objects.update(holder=site("BANK-2").code)

    assert refused(scan([scanned_row(0, well='"B01"')])) == [(2, "not-here")]


def test_two_codes_of_one_tube_are_not_placed_twice():
    tank()
    imported(scan([scanned_row(0)]))
    Identifier.objects.create(issuer=ISSUER, value="SECOND", sample=ReferenceSample.objects.get())
    rows = [scanned_row(0, well='"B01"'), scanned_row(1, code='"SECOND"', well='"B02"')]

    assert refused(scan(rows)) == [(3, "thing-twice")]
