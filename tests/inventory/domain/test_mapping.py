import pytest

from inventory.domain.mapping import parse_mapping
from inventory.domain.mapping_part import FileLayout
from inventory.domain.mapping_section import MappingRefused
from tests.factories.rack_scan import changed, guide_mappings, scanner_mapping

VIALS = guide_mappings()[1].encode()


@pytest.mark.parametrize("mapping", guide_mappings())
def test_every_mapping_of_the_guide_can_be_read(mapping):
    assert parse_mapping(mapping.encode()).code.issuer


def test_a_mapping_names_its_columns_by_header_or_number():
    assert set(parse_mapping(scanner_mapping()).columns()) == {
        "Inventory_ID",
        "Source_ID",
        "TECAN_Rack_ID",
        3,
        "Aliquot_Volume",
        "Time_Stamp",
    }


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('is = "sample"', 'is = "tube"', "[row] is: “tube” is not one of sample, unit"),
        ('is = "sample"\n', "", "[row] is: is missing"),
        ('role = "plasma"', 'role = "blood"', "[row] role: “blood” is not one of"),
        ('role = "plasma"', 'role = { column = "T", words = { a = "b" } }', "[row.role] words: “b” is not one of"),
        ('role = "plasma"', 'role = "plasma"\nproduct_class = "msc"', "[row] product_class: is not a key"),
        ('issuer = "Old freezer system"\n', "", "[code] issuer: is missing"),
        ('column = "Inventory_ID"\n', "", "[code] column: is missing"),
        ('column = "Inventory_ID"', "column = true", "[code] column: is missing"),
        ("column = 3", "column = 0", "[position] column: columns are counted from 1"),
        ('none = ["NO TUBE"]', 'none = "NO TUBE"', "[code] none: is a list of texts"),
        ('none = ["NO TUBE"]', 'nune = ["NO TUBE"]', "[code] nune: is not a key of this section"),
        ('none = ["NO TUBE"]', 'words = ["a"]', "[code] words: translates words"),
        ('unknown = "register"', 'unknown = "new"', "[parent] unknown: “new” is not one of refuse, register"),
        ('unit = "µL"', 'unit = "mg"', "[volume] unit: “mg” cannot be turned into mL: mL, uL, L"),
        ('unit = "µL"', 'unit = "µL"\nrounded = 1', "[volume] rounded: is true or false"),
        ('"%Y%m%d_%H%M%S"', '"%H:%M"', "[scanned] format: “%H:%M” does not fix a day"),
        ('"%Y%m%d_%H%M%S"', '"%Y%m%d%s"', "[scanned] format: “%s” cannot be used"),
        ('"Europe/Oslo"', '"Europe/Atlantis"', "[scanned] zone: There is no time zone “Europe/Atlantis”"),
        ('"Europe/Oslo"', '"../../etc/passwd"', "[scanned] zone: There is no time zone"),
        ('kind = "Tube rack 8 x 12"\n', "", "[rack] kind: is missing"),
        ("[position]\ncolumn = 3\n", "", "[position] is missing"),
        ("[position]", "[positions]", "[positions] is not a section"),
        ("[row]\n", "[file]\ndelimiter = ':'\n[row]\n", "[file] delimiter: “:” is not one of"),
        ("[row]\n", "[file]\nskip_lines = -1\n[row]\n", "[file] skip_lines: is a whole number from 0 to 100"),
        ("[row]\n", "[file]\nskip_lines = true\n[row]\n", "[file] skip_lines: is a whole number"),
        ("[row]\n", "[mass]\ncolumn = 1\nunit = 'g'\n[row]\n", "[mass] is of units"),
        ("[row]\n", "row = 5\n[rows]\n", "[rows] is not a section"),
        ("[row]\n", "[results]\nassay = 'tnc'\n[row]\n", "[[results]] is written with double brackets"),
    ],
)
def test_a_mapping_is_refused_by_the_name_of_the_key_that_is_wrong(old, new, named):
    with pytest.raises(MappingRefused) as refused:
        parse_mapping(scanner_mapping((old, new)))

    assert named in str(refused.value)
    assert "docs/import.md" in refused.value.mend


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('assay = "cell_viability_percent"', 'assay = "mood"', "[results[1]] assay: “mood” is not one of"),
        ('subject = "unit"', 'subject = "mother"', "[results[1]] subject: “mother” is not one of unit"),
        ('subject = "unit"', 'subject = "lot"', "[results[1]] subject: “lot” is not one of unit"),
        ('unit = "%"', 'unit = "mL"', "[results[1]] unit: “mL” cannot be turned into %: %, fraction"),
        ('"not_done"', '"nothing"', "[results[1]] words: “nothing” is not one of not_done, quantity_insufficient"),
        ('kind = "vial"', 'kind = "vial"\nproduct_code = "1234"', "[row] product_code: “1234” is not made like"),
        ('kind = "vial"', 'kind = "vial"\nrole = "plasma"', "[row] role: is not a key"),
    ],
)
def test_a_mapping_of_results_and_units_is_refused_by_the_name_of_its_key(old, new, named):
    with pytest.raises(MappingRefused) as refused:
        parse_mapping(changed(VIALS, (old, new)))

    assert named in str(refused.value)


@pytest.mark.parametrize(
    ("data", "because"),
    [
        (b"", "[row] is missing"),
        (b"row = 1", "[row] is a section"),
        (b"[row", "not TOML"),
        (b"[row]\nis = 'unit'\nis = 'unit'", "not TOML"),
        ("[row]\nis = 'unité'".encode("cp1252"), "not written in UTF-8"),
        (b"a = " + b"[" * 5000, "not TOML"),
        (b"#" * 70_000, "at most 64 KiB"),
    ],
)
def test_what_is_no_mapping_is_refused(data, because):
    with pytest.raises(MappingRefused) as refused:
        parse_mapping(data)

    assert because in str(refused.value)


def test_a_mapping_says_how_its_file_is_written():
    said = '[file]\nheader = false\nskip_lines = 2\ndelimiter = "tab"\n[row]'

    layout = parse_mapping(scanner_mapping(("[row]", said))).layout

    assert layout == FileLayout(header=False, skip_lines=2, delimiter="\t")


def test_a_mapping_with_a_byte_order_mark_is_read():
    assert parse_mapping(b"\xef\xbb\xbf" + scanner_mapping()) == parse_mapping(scanner_mapping())
