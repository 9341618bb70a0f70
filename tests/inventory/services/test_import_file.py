import json
from decimal import Decimal
from hashlib import sha256
from time import perf_counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from biobank.models.ledger import LedgerEntry
from biobank.services.proof import ledger_findings
from consent.queries.consent import consent_status
from consent.services.donor import register_unknown_donors
from inventory.domain.sample import SampleState
from inventory.models.container import Container
from inventory.models.donation import Donation
from inventory.models.identifier import Identifier
from inventory.models.import_file import ImportFile
from inventory.models.placement import Placement
from inventory.models.result import Result
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.fold import fold_findings
from inventory.queries.import_file import place_of_identifier
from inventory.services.import_file import (
    FileImportedBefore,
    GivenFile,
    ImportRefused,
    check_import,
    import_units,
)
from inventory.services.sample import end_samples
from tests.factories.donation import next_din
from tests.factories.person import site
from tests.factories.rack_scan import (
    ISSUER,
    RACK,
    TANK,
    WELLS,
    changed,
    guide_mappings,
    importer,
    many_racks,
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

VIALS = guide_mappings()[1].encode()
VIAL_HEADER = "Rack ID;Position;Tube;VOLUME;Viability\r\n"
REFUSED_PARENT = ('unknown = "register"', 'unknown = "refuse"')
TABLES = (ImportFile, Donation, Unit, ReferenceSample, Identifier, Placement, Result, Container, LedgerEntry)


def given(data, mapping=None, name="rack.csv"):
    return GivenFile(name, data, mapping or scanner_mapping())


def imported(data, mapping=None, at=NOON, name="rack.csv"):
    return import_units(given(data, mapping, name), register_donors=register_unknown_donors, by=importer(), at=at)


def vials(*rows):
    return (VIAL_HEADER + "".join(f"{row}\r\n" for row in rows)).encode("cp1252")


def counts():
    return [table.objects.count() for table in TABLES]


def refused(data, mapping=None, at=NOON):
    """Return the faults of a file, the same for the dry run and the import, after which nothing has changed."""
    importer()
    before = counts()
    with pytest.raises(ImportRefused) as dry:
        check_import(given(data, mapping), at=at)
    with pytest.raises(ImportRefused) as applied:
        imported(data, mapping, at=at)
    assert dry.value.faults == applied.value.faults
    assert counts() == before
    return [(fault.line, fault.code) for fault in dry.value.faults]


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


def test_tubes_of_one_source_share_a_donation_whose_donor_has_given_no_consent():
    tank()

    imported(scan())

    donations = list(Donation.objects.all())
    assert len(donations) == len({donation.donor_id for donation in donations}) == 12
    assert {donation.origin for donation in donations} | {each.donor.origin for each in donations} == {"migrated"}
    statuses = consent_status([donation.donor_id for donation in donations], NOON)
    assert {status.given_at for status in statuses.values()} == {None}


def test_a_source_seen_in_an_earlier_file_is_the_same_donation():
    tank()
    imported(scan([scanned_row(0)]))

    imported(scan([scanned_row(1)]), scanner_mapping(REFUSED_PARENT))

    assert Donation.objects.count() == 1
    assert ReferenceSample.objects.count() == 2


def test_a_tube_that_is_where_the_file_says_leaves_the_record_as_it_is():
    tank()
    imported(scan([scanned_row(0)]))
    before = Placement.objects.count()

    imported(scan([scanned_row(0, aliquot="9")]))

    assert Placement.objects.count() == before


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


def test_an_isbt_128_code_is_the_unit_s_own_and_its_number_the_donation_s():
    tank()
    din = next_din()[:13]

    imported(vials(f"VR1;A1;={din}00=<S9002V00;1;", f"VR1;A2;={din}00=<S9002VA0;1;"), VIALS)

    assert sorted(Unit.objects.values_list("code", flat=True)) == [f"{din}S9002V00", f"{din}S9002VA0"]
    assert list(Donation.objects.values_list("din", "origin")) == [(din, "migrated")]
    assert not Identifier.objects.exists()


def test_a_donation_number_alone_is_completed_by_the_product_code_of_the_mapping():
    tank()
    din = next_din()[:13]
    mapping = changed(VIALS, ('kind = "vial"', 'kind = "vial"\nproduct_code = "S9002V00"'))

    imported(vials(f"VR1;A1;={din}00;1;"), mapping)

    assert Unit.objects.get().code == f"{din}S9002V00"


def test_a_tube_whose_parent_is_a_unit_of_the_bank_comes_under_that_unit_and_donor():
    tank()
    unit = frozen_unit()
    mapping = scanner_mapping(REFUSED_PARENT)

    imported(scan([scanned_row(0, source=unit.code)]), mapping)

    sample = ReferenceSample.objects.get(identifiers__value=tube_code(0))
    assert (sample.unit, sample.donation) == (unit, unit.donation)


def test_a_tube_s_parent_is_found_by_the_number_of_its_donation():
    tank()
    unit = frozen_unit()

    imported(scan([scanned_row(0, source=f"={unit.donation.din}00")]), scanner_mapping(REFUSED_PARENT))

    sample = ReferenceSample.objects.get(identifiers__value=tube_code(0))
    assert (sample.unit, sample.donation) == (None, unit.donation)


def test_a_tube_s_parent_is_found_by_another_tube_s_identifier():
    tank()
    imported(scan([scanned_row(0)]))
    mapping = scanner_mapping(REFUSED_PARENT, ("Old donor register", ISSUER))

    imported(scan([scanned_row(1, source=tube_code(0))]), mapping)

    assert Donation.objects.count() == 1


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


def test_an_unknown_parent_is_refused_unless_the_mapping_registers_it():
    tank()

    assert refused(scan([scanned_row(0)]), scanner_mapping(REFUSED_PARENT)) == [(2, "no-parent")]


def test_a_donation_number_without_a_product_code_is_refused():
    tank()

    assert refused(vials(f"VR1;A1;={next_din()[:13]}00;1;"), VIALS) == [(2, "no-product-code")]


def test_a_unit_whose_number_is_not_its_parent_s_is_refused():
    tank()
    unit = frozen_unit()
    section = '[parent]\ncolumn = 5\nissuer = "x"\n[rack]'
    mapping = changed(VIALS, ("[rack]", section), ('column = "Viability"', "column = 4"))

    other = next_din()[:13]

    assert (2, "other-donation") in refused(vials(f"VR1;A1;={other}00=<S9002V00;2;{unit.code}"), mapping)


def test_a_unit_whose_number_is_not_that_of_its_unknown_parent_is_refused():
    tank()
    section = '[parent]\ncolumn = 5\nissuer = "x"\nunknown = "register"\n[rack]'
    mapping = changed(VIALS, ("[rack]", section), ('column = "Viability"', "column = 4"))
    one, other = next_din()[:13], next_din()[:13]

    assert (2, "other-donation") in refused(vials(f"VR1;A1;={one}00=<S9002V00;2;={other}00"), mapping)


def test_the_product_code_of_a_unit_is_said_by_a_column():
    tank()
    din = next_din()[:13]
    by_column = 'kind = "vial"\nproduct_code = { column = 5 }'
    mapping = changed(VIALS, ('kind = "vial"', by_column), ('column = "Viability"', "column = 4"))

    imported(vials(f"VR1;A1;={din}00;2;S9002V00"), mapping)

    assert Unit.objects.get().product_code == "S9002V00"


def test_a_result_of_a_unit_is_refused_for_a_tube_of_none():
    tank()
    results = '[[results]]\ncolumn = "Source_Volume"\nassay = "volume_ml"\nsubject = "unit"\nunit = "µL"\n[scanned]'

    faults = refused(scan([scanned_row(0, volume="9600")]), scanner_mapping(("[scanned]", results)))

    assert faults == [(2, "no-unit")]


def test_a_result_of_the_mother_is_entered_of_the_donation_with_its_tube():
    tank()
    results = '[[results]]\ncolumn = 10\nassay = "hla_a"\nsubject = "mother"\nmethod = "NGS"\n[scanned]'
    rows = [scanned_row(number, who='"A*02:01 A*01:01"') for number in range(3)]

    imported(scan(rows), scanner_mapping(("[scanned]", results)))

    result = Result.objects.first()
    assert Result.objects.count() == 3
    assert (result.subject, result.text, result.method) == ("mother", "A*01:01+A*02:01", "NGS")
    assert result.donation == result.sample.donation


def test_two_rows_of_a_donation_that_say_different_times_of_collection_are_refused():
    tank()
    collected = '[collected]\ncolumn = "Time_Stamp"\nformat = "%Y%m%d_%H%M%S"\nzone = "UTC"\n[scanned]'

    assert refused(scan([scanned_row(0), scanned_row(1)]), scanner_mapping(("[scanned]", collected))) == [
        (3, "other-time")
    ]


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


def test_a_code_that_two_things_have_is_refused():
    tank()
    imported(scan([scanned_row(0), scanned_row(1)]))
    first, second = ReferenceSample.objects.order_by("pk")
    Identifier.objects.create(issuer=ISSUER, value=first.code, sample=second)

    assert (2, "ambiguous") in refused(scan([scanned_row(0, code=f'"{first.code}"', well='"B01"')]))


def test_a_parent_found_in_two_donations_is_refused():
    tank()
    unit = frozen_unit()
    imported(scan([scanned_row(0)]))
    Identifier.objects.create(issuer="Old donor register", value=unit.code, sample=ReferenceSample.objects.last())

    assert refused(scan([scanned_row(9, source=unit.code)])) == [(2, "ambiguous-parent")]


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
