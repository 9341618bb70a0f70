from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.assay import Qualifier
from inventory.domain.import_column import Columns, RawRow
from inventory.domain.import_row import read_row
from inventory.domain.mapping import parse_mapping
from inventory.domain.mapping_section import MappingRefused
from tests.factories.rack_scan import changed, guide_mappings, scanner_mapping
from tests.factories.time import NOON

TUBES = parse_mapping(scanner_mapping())
VIALS = parse_mapping(guide_mappings()[1].encode())
HEADER = ("TECAN_Rack_ID", "Inventory_ID", "", "Source_ID", "", "", "Aliquot_Volume", "Time_Stamp")
USUAL = ("Rack1201", "26CB00001", "A03", "CB-SRC1", "1", "", "1880", "20250911_141406")
VIAL_HEADER = ("Rack ID", "Position", "Tube", "VOLUME", "Viability")
VIAL = ("VR1", "A1", "V0001", "1,25", "93,5")


def tube(**cells):
    named = dict(zip(("rack", "code", "well", "parent", "_", "__", "volume", "time"), USUAL, strict=True))
    return read_row(RawRow(7, tuple({**named, **cells}.values())), TUBES, Columns(TUBES, HEADER, 8), at=NOON)


def vial(mapping=VIALS, **cells):
    named = dict(zip(("rack", "well", "code", "volume", "viability"), VIAL, strict=True))
    row = RawRow(7, tuple({**named, **cells}.values()))
    return read_row(row, mapping, Columns(mapping, VIAL_HEADER, 5), at=NOON)


def test_a_row_says_what_its_columns_mean():
    row, faults = tube()

    assert faults == []
    assert (row.line, row.rack, row.well, row.code.text, row.parent.text) == (
        7,
        "A-T02-RACK1201",
        "A03",
        "26CB00001",
        "CB-SRC1",
    )
    assert (row.term, row.volume_ml) == ("plasma", Decimal("1.880"))
    assert row.scanned_at == datetime(2025, 9, 11, 12, 14, 6, tzinfo=UTC)


@pytest.mark.parametrize("marker", ["", "NO TUBE"])
def test_a_row_with_a_word_for_no_tube_is_an_empty_well(marker):
    row, faults = tube(code=marker)

    assert faults == []
    assert row.code is None


@pytest.mark.parametrize(
    ("cells", "column", "because"),
    [
        ({"code": "1.23E+15"}, "column 2 “Inventory_ID”", "lost its last digits"),
        ({"code": "1,23E+15"}, "column 2 “Inventory_ID”", "lost its last digits"),
        ({"code": "=SUM(A1:A9)"}, "column 2 “Inventory_ID”", "a formula or a misread ISBT 128 code"),
        ({"code": '="26CB00001"'}, "column 2 “Inventory_ID”", "a formula or a misread ISBT 128 code"),
        ({"code": "@cmd"}, "column 2 “Inventory_ID”", "is no code"),
        ({"code": "+1"}, "column 2 “Inventory_ID”", "is no code"),
        ({"code": "NO READ"}, "column 2 “Inventory_ID”", "is no code"),
        ({"code": "26CB\u200b00001"}, "column 2 “Inventory_ID”", "is no code"),
        ({"code": "２６CB"}, "column 2 “Inventory_ID”", "is no code"),
        ({"code": "x" * 65}, "column 2 “Inventory_ID”", "is no code"),
        ({"code": "=A9999260001230067"}, "column 2 “Inventory_ID”", "misread"),
        ({"code": "=A99992600012300"}, "column 2 “Inventory_ID”", "number of a donation, not of a tube"),
        ({"parent": "=A9999"}, "column 4 “Source_ID”", "misread ISBT 128 code"),
        ({"rack": ""}, "column 1 “TECAN_Rack_ID”", "The rack is missing"),
        ({"rack": "Räck"}, "column 1 “TECAN_Rack_ID”", "cannot be the code of a place"),
        ({"rack": "Rack 12"}, "column 1 “TECAN_Rack_ID”", "cannot be the code of a place"),
        ({"well": ""}, "column 3", "The position is missing"),
        ({"well": "A" * 13}, "column 3", "not the label of a position"),
        ({"volume": "1880,5"}, "column 7 “Aliquot_Volume”", "not a number"),
        ({"volume": "-5"}, "column 7 “Aliquot_Volume”", "is negative"),
        ({"volume": "<0.5"}, "column 7 “Aliquot_Volume”", "not a number"),
        ({"volume": "n/a"}, "column 7 “Aliquot_Volume”", "not a number"),
        ({"volume": "=1+1"}, "column 7 “Aliquot_Volume”", "not a number"),
        ({"volume": "1880000"}, "column 7 “Aliquot_Volume”", "out of the plausible range 0 to 50 mL"),
        ({"volume": "1880.05"}, "column 7 “Aliquot_Volume”", "more than 3 decimals"),
        ({"time": "20250230_000000"}, "column 8 “Time_Stamp”", "is not a time"),
        ({"time": "20990101_000000"}, "column 8 “Time_Stamp”", "in the future"),
    ],
)
def test_a_fault_names_its_line_and_column_and_what_was_read(cells, column, because):
    row, faults = tube(**cells)

    assert row.is_faulty
    assert [(fault.line, fault.column) for fault in faults] == [(7, column)]
    assert because in faults[0].text


def test_every_fault_of_a_row_is_kept():
    row, faults = tube(code="1.23E+15", well="", volume="x", time="x")

    assert row.is_faulty
    assert [fault.column.split()[1] for fault in faults] == ["3", "2", "7", "8"]


def test_a_result_goes_through_the_rule_of_its_assay_in_the_unit_of_the_file():
    row, faults = vial()

    assert faults == []
    assert (row.term, row.kind, row.volume_ml) == ("msc", "vial", Decimal("1.25"))
    assert [(each.of.assay.code, each.value, each.qualifier) for each in row.results] == [
        ("cell_viability_percent", "93.5", Qualifier.MEASURED)
    ]


@pytest.mark.parametrize(("cell", "results"), [("", 0), ("-", 0), ("ikke målt", 1)])
def test_why_a_value_is_missing_is_said_by_the_words_of_the_mapping_alone(cell, results):
    row, faults = vial(viability=cell)

    assert faults == []
    assert [each.qualifier for each in row.results] == [Qualifier.NOT_DONE] * results


@pytest.mark.parametrize(
    ("cell", "because"),
    [
        ("0,93", "a fraction? 0.93 is 93 %"),
        ("193", "out of the plausible range"),
        ("n/a", "not a number"),
        ("<5", "not"),
    ],
)
def test_a_value_that_its_assay_refuses_is_a_fault_of_its_column(cell, because):
    _, faults = vial(viability=cell)

    assert [fault.column for fault in faults] == ["column 5 “Viability”"]
    assert because in faults[0].text


def test_a_value_below_the_limit_is_read_where_the_mapping_says_how_it_is_written():
    mapping = parse_mapping(changed(guide_mappings()[1].encode(), ('method = "try', 'below = "<"\nmethod = "try')))

    row, _ = vial(mapping, viability="< 5,5")

    assert [(each.value, each.qualifier) for each in row.results] == [("5.5", Qualifier.BELOW_LIMIT)]


def test_a_coded_result_is_translated_and_a_word_outside_of_its_codes_refused():
    text = guide_mappings()[1].replace('"cell_viability_percent"', '"mycoplasma"').replace('unit = "%"\n', "")
    mapping = parse_mapping(text.replace('"ikke målt" = "not_done"', 'neg = "negative"').encode())

    row, _ = vial(mapping, viability="neg")
    _, faults = vial(mapping, viability="=neg")

    assert [each.value for each in row.results] == ["negative"]
    assert "is a formula" in faults[0].text


def test_a_term_said_by_a_column_is_translated_and_otherwise_refused():
    said = 'role = { column = 5, words = { PL = "plasma", SE = "serum" } }'
    mapping = parse_mapping(scanner_mapping(('role = "plasma"', said)))
    columns = Columns(mapping, HEADER, 8)
    serum, other = (RawRow(7, (*USUAL[:4], word, *USUAL[5:])) for word in ("SE", "DN"))

    row, _ = read_row(serum, mapping, columns, at=NOON)
    _, faults = read_row(other, mapping, columns, at=NOON)

    assert row.term == "serum"
    assert "“DN” is not one of dna, maternal_dna" in faults[0].text


@pytest.mark.parametrize(
    ("header", "width", "because"),
    [
        (
            ("TECAN_Rack_ID", "Inventory_ID"),
            2,
            "no header “Source_ID”; its headers are “TECAN_Rack_ID”, “Inventory_ID”.",
        ),
        ((*HEADER, "Source_ID"), 9, "“Source_ID” stands over columns 4 and 9: name the column by its number."),
        (HEADER[:2], 2, "The file has 2 columns, and the mapping names column 3."),
    ],
)
def test_a_column_that_the_file_does_not_have_exactly_once_is_refused(header, width, because):
    with pytest.raises(MappingRefused) as refused:
        Columns(TUBES, header, width)

    assert because in str(refused.value)


@given(st.lists(st.text(max_size=20) | st.sampled_from(["=", "&", "=+", "=<", "1E+9", *USUAL]), min_size=8, max_size=8))
def test_no_cells_break_the_reading_of_a_row(cells):
    row, faults = read_row(RawRow(2, tuple(cells)), TUBES, Columns(TUBES, HEADER, 8), at=NOON)

    assert row.is_faulty is bool(faults)
