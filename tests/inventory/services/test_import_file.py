"""Files brought in by their mapping: all or nothing, once, with every fault listed by its line."""

import json
from decimal import Decimal
from hashlib import sha256
from time import perf_counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from biobank.models.ledger import LedgerEntry
from biobank.services.proof import ledger_findings
from consent.services.donor import register_unknown_donors
from inventory.models.container import Container
from inventory.models.identifier import Identifier
from inventory.models.import_file import ImportFile
from inventory.models.result import Result
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.fold import fold_findings
from inventory.queries.import_file import place_of_identifier
from inventory.services.import_file import (
    FileImportedBefore,
    GivenFile,
    check_import,
    import_units,
)
from tests.factories.import_file import (
    VIALS,
    counts,
    given,
    imported,
    refused,
    vials,
)
from tests.factories.rack_scan import (
    ISSUER,
    RACK,
    TANK,
    WELLS,
    importer,
    many_racks,
    scan,
    scanned_row,
    scanner_mapping,
    tank,
    tube_code,
)
from tests.factories.time import NOON, days

pytestmark = pytest.mark.django_db
BEGINS_WITH = (tank,)


def test_96_tubes_of_a_rack_are_each_found_in_the_well_that_the_scanner_saw():
    tank()

    imported(scan())

    found = [place_of_identifier(ISSUER, tube_code(number)) for number in range(96)]
    assert found == [f"{RACK}-{well}" for well in WELLS]
    assert ReferenceSample.objects.filter(origin="migrated", role="plasma", state="stored").count() == 96
    assert ReferenceSample.objects.get(identifiers__value=tube_code(5)).volume_ml == Decimal("1.525")
    assert Container.objects.get(code=RACK).parent.code == TANK


def test_what_was_imported_folds_from_the_ledger_one_entry_for_each_tube():
    tank()

    imported(scan())

    assert list(fold_findings()) == []
    assert list(ledger_findings()) == []
    bodies = [json.loads(body) for body in LedgerEntry.objects.order_by("number").values_list("body", flat=True)]
    of_tubes = [body for body in bodies if body["item"]]
    assert len({body["item"] for body in of_tubes}) == len(of_tubes) == 96
    first = of_tubes[0]
    assert first["kind"] == "sample.registered"
    assert first["new"].keys() >= {"state", "holder", "place", "identifier", "issuer"}
    assert first["occurred_at"] == "2025-09-11T12:14:06.000000Z"
    assert LedgerEntry.objects.filter(kind="file.imported").count() == 1


def test_checking_a_file_writes_nothing_and_counts_what_would_be_done():
    tank()
    importer()
    before = counts()

    plan = check_import(given(scan([*map(scanned_row, range(95)), scanned_row(95, code='"NO TUBE"')])), at=NOON).plan

    assert counts() == before
    assert plan.counted() == {
        "new": 95,
        "moved": 0,
        "already_there": 0,
        "empty_wells": 1,
        "new_racks": 1,
        "results": 0,
        "without_place": 0,
        "without_amount": 0,
        "with_a_parent": 95,
    }


def test_the_same_file_is_refused_the_second_time_whatever_its_name():
    tank()
    imported(scan())
    before = counts()

    with pytest.raises(FileImportedBefore, match="2026-03-14 at 12:00 UTC"):
        imported(scan(), at=NOON + days(1), name="other.csv")
    assert counts() == before


def test_another_layout_comes_in_by_its_mapping_alone():
    tank()

    imported(vials("vr1;1A;V0001;1,25;93,5", "vr1;B02;V0002;1,5;ikke målt", "vr1;B03;tom;;"), VIALS)

    units = Unit.objects.order_by("pk")
    assert [place_of_identifier("Vial maker", code) for code in ("V0001", "V0002")] == [
        "A-T02-VR1-A01",
        "A-T02-VR1-B02",
    ]
    assert [(unit.state, unit.origin, unit.volume_ml) for unit in units] == [
        ("quarantined", "migrated", Decimal("1.25")),
        ("quarantined", "migrated", Decimal("1.50")),
    ]
    assert len({unit.donation.donor_id for unit in units}) == 2
    assert sorted(Result.objects.values_list("qualifier", flat=True)) == ["", "not_done"]
    assert list(fold_findings()) == []
    assert list(ledger_findings()) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([scanned_row(0), scanned_row(1, well='"A1"')], [(3, "well-twice")]),
        ([scanned_row(0), scanned_row(1, well='"1A"')], [(3, "well-twice")]),
        ([scanned_row(0), scanned_row(0, well='"A02"')], [(3, "code-twice")]),
        ([scanned_row(0, well='"I01"'), scanned_row(1, well='"A13"')], [(2, "no-position"), (3, "no-position")]),
        ([scanned_row(0, code='"SMP-12345678"')], [(2, "no-thing")]),
        ([scanned_row(0, code='"=A99992600000100=<S9002V00"')], [(2, "a-unit")]),
        ([scanned_row(0, aliquot="1880000"), "x,y"], [(2, "number-refused"), (3, "ragged-row")]),
        ([], [(0, "no-rows")]),
    ],
)
def test_what_contradicts_itself_in_a_file_is_listed_with_its_line(rows, expected):
    tank()

    assert refused(scan(rows)) == expected


def test_every_fault_is_listed_and_none_cut_off():
    tank()

    faults = refused(scan([scanned_row(number, aliquot="much", well='"Z9"') for number in range(96)]))

    assert faults == [(line, code) for line in range(2, 98) for code in ("number-refused", "no-position")]


def test_a_result_of_a_unit_is_refused_for_a_tube_of_none():
    tank()
    results = '[[results]]\ncolumn = "Source_Volume"\nassay = "volume_ml"\nsubject = "unit"\nunit = "µL"\n[scanned]'

    faults = refused(scan([scanned_row(0, volume="9600")]), scanner_mapping(("[scanned]", results)))

    assert faults == [(2, "no-unit")]


def test_a_code_that_two_things_have_is_refused():
    tank()
    imported(scan([scanned_row(0), scanned_row(1)]))
    first, second = ReferenceSample.objects.order_by("pk")
    Identifier.objects.create(issuer=ISSUER, value=first.code, sample=second)

    assert (2, "ambiguous") in refused(scan([scanned_row(0, code=f'"{first.code}"', well='"B01"')]))


def test_of_two_imports_of_one_file_at_once_the_second_is_refused():
    tank()
    importer()
    data = scan()

    def somebody_else_is_quicker(stage):
        if stage == "checking":
            ImportFile.objects.create(
                kind="units",
                name="x",
                sha256=sha256(data).hexdigest(),
                rows=1,
                imported_by=importer(),
                imported_at=NOON,
            )

    with pytest.raises(FileImportedBefore, match="just now by somebody else"):
        import_units(
            GivenFile("x", data, scanner_mapping(), tell=somebody_else_is_quicker),
            register_donors=register_unknown_donors,
            by=importer(),
            at=NOON,
        )
    assert not ReferenceSample.objects.exists()


def statements(tubes):
    tank()
    importer()
    with CaptureQueriesContext(connection) as context:
        imported(many_racks(tubes))
    return len(context)


@pytest.mark.postgresql
@pytest.mark.parametrize("tubes", [3, 96])
def test_the_number_of_statements_does_not_follow_the_number_of_tubes(tubes):
    assert statements(tubes) == 41


@pytest.mark.sqlite
def test_the_number_of_statements_grows_by_batches_alone():
    assert statements(960) < 120


@pytest.mark.slow
def test_ten_times_the_tubes_take_no_more_than_in_proportion():
    tank()
    importer()
    took = []
    for tubes in (200, 2000):
        begun = perf_counter()
        imported(scan([scanned_row(n, rack=f'"S{tubes}-{n // 96}"', code=f"T{tubes}{n:05d}") for n in range(tubes)]))
        took.append(perf_counter() - begun)

    assert took[1] < 30 * took[0]
