"""What the mapping of a nested table may say, and which columns it never reads."""

import pytest

from inventory.domain.mapping_section import MappingRefused
from inventory.services.import_file import check_import
from tests.factories.other_lims import (
    HEADER,
    PERSONAL,
    bank,
    birth,
    given,
    mapping,
)
from tests.factories.rack_scan import importer
from tests.factories.time import NOON
from tests.factories.unit import working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank,)


@pytest.fixture(autouse=True)
def tank_and_people():
    bank()
    importer()


@pytest.mark.parametrize("header", PERSONAL)
def test_a_column_that_tells_who_somebody_is_must_be_named_as_ignored(header):
    name = header.replace("#1", "").replace("#2", "")
    left_out = mapping((f'"{name}", ', "")) if f'"{name}", '.encode() in mapping() else mapping((f'"{name}",\n', "\n"))

    with pytest.raises(MappingRefused, match=f"“{header}”.* name them in .file. ignored"):
        check_import(given(birth(1), left_out), at=NOON)


@pytest.mark.parametrize(
    ("pair", "named"),
    [
        (('column = "Specimen Label"', 'column = "PMI#1#MRN"'), "PMI#1#MRN"),
        (('columns = ["CP Short Title", "PPID"]', 'columns = ["Last Name", "Date Of Birth"]'), "Date Of Birth"),
        (('column = "Concentration"', 'column = "First Name"'), "First Name"),
        (('column = "Specimen Label"', f"column = {HEADER.index('Last Name') + 1}"), "Last Name"),
        (('"First Name"', '"First Name", "Specimen Label"'), "Specimen Label"),
    ],
)
def test_no_mapping_reads_a_column_that_tells_who_somebody_is_or_that_is_ignored(pair, named):
    with pytest.raises(MappingRefused, match=f"“{named}”.*no mapping reads them"):
        check_import(given(birth(1), mapping(pair)), at=NOON)


@pytest.mark.parametrize(
    ("pair", "because"),
    [
        (('columns = ["Visit Name"]', "columns = []"), "a list of columns"),
        (('[donation]\ncolumns = ["Visit Name"]', ""), "stand together"),
        (('words = { New = "root"', 'words = { New = "first"'), "is not one of"),
        (
            (
                'column = "Parent Specimen Label"\nissuer = "Old specimen system"',
                'column = "Parent Specimen Label"\nissuer = "x"',
            ),
            "same issuer",
        ),
        (('missing = "unplaced"', 'missing = "lost"'), "is not one of"),
        (('units = { Fluid = "mL", Cell = "10^6", Molecular = "µg" }', "units = {}"), "names a unit"),
        (("[quantity]", '[volume]\ncolumn = "Quantity"\nunit = "mL"\n[quantity]'), "cannot say it too"),
        (('"Plasma" = "sample"', '"Plasma" = "tube"'), "is not one of"),
    ],
)
def test_a_mapping_that_cannot_nest_is_refused_by_name(pair, because):
    with pytest.raises(MappingRefused, match=because):
        check_import(given(birth(1), mapping(pair)), at=NOON)
