"""The bank's table of product codes: its lookup, and how its file is read."""

from datetime import date

import pytest

from inventory.domain.import_column import Fault, RawRow
from inventory.domain.product_code import ProductCodeRefused
from inventory.domain.product_table import (
    COLUMNS,
    ProductCodeNotYetValid,
    ProductCodeUnknown,
    ProductDescription,
    ProductTable,
    read_descriptions,
)

TODAY = date(2026, 3, 14)
ROW = ProductDescription("S9001", "HPC, CORD BLOOD", "", "HPC, CORD BLOOD|NS/XX/rt", TODAY)
CELLS = ("S9001", "HPC, CORD BLOOD", "", "HPC, CORD BLOOD|NS/XX/rt", "2026-03-14")
LOADED = ProductTable({"S9001": ROW}, is_loaded=True)


def read(*rows, header=COLUMNS):
    """Read rows that begin in the second line."""
    return read_descriptions(header, [RawRow(line, row) for line, row in enumerate(rows, start=2)])


def test_while_nothing_is_loaded_the_form_decides():
    assert ProductTable().check("S1234VA0", on=TODAY).text == "S1234VA0"
    with pytest.raises(ProductCodeRefused):
        ProductTable().check("nonsense", on=TODAY)


def test_a_code_of_the_table_may_be_registered_from_its_first_day():
    assert LOADED.check("S9001RA0", on=TODAY).collection_type == "R"
    with pytest.raises(ProductCodeNotYetValid, match="valid from 2026-03-14") as refused:
        LOADED.check("S9001RA0", on=date(2026, 3, 13))
    assert refused.value.mend.startswith("Nothing was saved.")
    assert refused.value.field == "product_code"


@pytest.mark.parametrize("text", ["S9002V00", "T9001000", "D0001000"])
def test_a_code_that_the_table_does_not_have_is_refused(text):
    with pytest.raises(ProductCodeUnknown, match=text[:5]) as refused:
        LOADED.check(text, on=TODAY)

    assert refused.value.mend.startswith("Nothing was saved.")


def test_a_file_is_read_by_its_header_whatever_else_it_holds():
    header = ("id", "valid_from", "text", "modifiers", "class", "code")

    rows, faults = read_descriptions(header, [RawRow(2, ("1", *reversed(CELLS)))])

    assert (rows, faults) == ([ROW], [])


@pytest.mark.parametrize("header", [(), COLUMNS[:-1], (*COLUMNS, "code"), ("Code", *COLUMNS[1:])])
def test_a_header_that_does_not_name_each_column_once_is_a_fault(header):
    rows, faults = read(CELLS, header=header)

    assert rows == []
    assert [fault.code for fault in faults] == ["header"]


@pytest.mark.parametrize(
    ("place", "cell", "code"),
    [
        *((0, "S900", "code"), (0, "", "code"), (0, "s9001", "code"), (0, "S90011", "code"), (0, "S900\u0661", "code")),
        *((1, "", "missing"), (1, "x" * 201, "too-long"), (2, "x" * 201, "too-long"), (3, "x" * 1001, "too-long")),
        *((4, "", "date"), (4, "20260314", "date"), (4, "2026-02-29", "date"), (4, "14.03.2026", "date")),
        (4, "2026-W01-1", "date"),
    ],
)
def test_every_fault_of_a_row_is_named_with_its_line(place, cell, code):
    wrong = (*CELLS[:place], cell, *CELLS[place + 1 :])

    _, faults = read(("S9002", *CELLS[1:]), wrong)

    assert [(fault.line, fault.code) for fault in faults] == [(3, code)]


def test_a_code_twice_and_a_broken_row_are_faults_and_an_empty_file_is_one():
    broken = Fault(4, "broken", code="ragged-row")

    _, faults = read_descriptions(COLUMNS, [RawRow(2, CELLS), RawRow(3, CELLS), broken])

    assert [(fault.line, fault.code) for fault in faults] == [(3, "twice"), (4, "ragged-row")]
    assert [fault.code for fault in read()[1]] == ["no-rows"]
