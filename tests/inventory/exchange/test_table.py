import io
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inventory.domain.import_column import Fault, RawRow
from inventory.domain.mapping_part import FileLayout
from inventory.exchange.table import MOST_BYTES, MOST_ROWS, TableRefused, read_capped, read_table


def rows_of(data, **layout):
    table = read_table(data, FileLayout(**layout))
    return table.header, list(table.rows)


@pytest.mark.parametrize(
    ("data", "layout"),
    [
        ("a,b\r\nø,2\r\n".encode(), {}),
        ("a,b\nø,2".encode(), {}),
        ("a,b\rø,2\r".encode(), {}),
        ("a,b\nø,2\n".encode("utf-8-sig"), {}),
        ("a,b\nø,2\n".encode("utf-16"), {}),
        ("\ufeffa,b\nø,2\n".encode("utf-16-be"), {}),
        ("a,b\nø,2\n".encode("utf-32"), {}),
        ("a,b\nø,2\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
        ("a;b\nø;2\n".encode("cp1252"), {"encoding": "cp1252", "delimiter": ";"}),
        ("a\tb\nø\t2\n".encode(), {"delimiter": "\t"}),
        ('"a","b"\n"ø"," 2 "\n'.encode(), {}),
        ("a,b\nø,2,,\n\n,\n".encode(), {}),
        ("Report\n\na,b\nø,2\n".encode(), {"skip_lines": 2}),
    ],
)
def test_a_table_is_the_same_however_it_is_written(data, layout):
    header, rows = rows_of(data, **layout)

    assert header == ("a", "b")
    assert [row.cells for row in rows] == [("ø", "2")]


def test_rows_know_the_line_on_which_they_begin():
    _, rows = rows_of(b'a,b\n\n1,"x\ny"\n2,z\n')

    assert [(row.line, row.cells) for row in rows] == [(3, ("1", "x\ny")), (5, ("2", "z"))]


def test_a_table_without_header_begins_with_its_first_row():
    header, rows = rows_of(b"1,2\n3,4\n", header=False)

    assert header == ()
    assert rows == [RawRow(1, ("1", "2")), RawRow(2, ("3", "4"))]


@pytest.mark.parametrize(
    ("data", "line", "code"),
    [
        (b'a,b\n1,2\n3,"4\n5,6\n', 3, "broken-row"),
        (b'a,b\n1,2\n3,"' + b"x\n" * 20_000, 3, "unclosed-quote"),
        (b'a,b\n1,2\n"3"x,4\n', 3, "broken-row"),
        (b"a,b\n1,2\n3\n", 3, "ragged-row"),
        (b"a,b\n1,2\n3,4,5\n", 3, "ragged-row"),
        (b"a,b\n1,2\n3,4\x00\n", 3, "nul"),
        (b"a,b\n1,2\n3," + b"x" * 3000 + b"\n", 3, "long-cell"),
    ],
)
def test_what_is_no_row_is_a_fault_with_its_line_and_the_rows_before_are_read(data, line, code):
    _, rows = rows_of(data)

    assert rows[0] == RawRow(2, ("1", "2"))
    assert isinstance(rows[1], Fault)
    assert (rows[1].line, rows[1].code) == (line, code)


def test_reading_goes_on_after_a_broken_row():
    _, rows = rows_of(b'a,b\n"1"x,2\n3,4\n"5"y,6\n7,8,9\n')

    assert [type(row) for row in rows] == [Fault, RawRow, Fault, Fault]


def test_bytes_of_another_encoding_are_a_fault_that_names_the_key_to_change():
    _, rows = rows_of(b"a,b\n" + b"1,2\n" * 5000 + "ø,3\n".encode("cp1252"))

    assert isinstance(rows[-1], Fault)
    assert rows[-1].code == "encoding"
    assert "[file]" in rows[-1].text


@pytest.mark.parametrize(
    ("data", "because"),
    [
        (b"", "no rows"),
        (b"\n\n \n", "no rows"),
        (b"PK\x03\x04rest", "spreadsheet or an archive"),
        (b"\xd0\xcf\x11\xe0rest", "old spreadsheet"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "compressed"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16"),
        (b"\xff\xfe\x00", "not utf-16"),
        (b'"a,b\n1,2\n', "never closed"),
        (b"\xe6,b\n", "not utf-8"),
    ],
)
def test_what_is_no_table_is_refused(data, because):
    with pytest.raises(TableRefused) as refused:
        rows_of(data)

    assert because in str(refused.value)
    assert refused.value.mend


def test_a_file_is_read_no_further_than_its_most_rows():
    _, rows = rows_of(b"a\n" + b"1\n" * 1_000_000)

    assert len(rows) == MOST_ROWS + 1
    assert rows[-1] == Fault(
        MOST_ROWS + 2, f"The file holds more than {MOST_ROWS} rows: split it by racks.", "", "too-long"
    )


def test_a_file_is_refused_as_soon_as_it_is_too_large():
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size=-1):
            self.asked += size
            return b"x" * size

    endless = Endless()

    with pytest.raises(TableRefused, match="larger than 32 MiB"):
        read_capped(endless)
    assert endless.asked <= MOST_BYTES + 2**20


def test_a_file_within_the_cap_is_read_whole():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(os.urandom(3_000_000))
        with path.open("rb") as file:
            assert read_capped(file) == path.read_bytes()


@given(
    st.binary(max_size=400) | st.text(alphabet='",;\n\r\t a1=\x00', max_size=200).map(str.encode),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "cp1252"]),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
    st.integers(0, 3),
)
@example(b"\xff\xfe,", "utf-8", ",", True, 0)
@example(b'a\n"', "utf-8", ",", True, 1)
def test_no_bytes_break_the_reader(data, encoding, delimiter, header, skip_lines):
    layout = FileLayout(encoding=encoding, delimiter=delimiter, header=header, skip_lines=skip_lines)

    with suppress(TableRefused):
        table = read_table(data, layout)
        found = list(table.rows)
        assert all(isinstance(row, Fault) or len(row.cells) == table.width for row in found)
        assert [row.line for row in found] == sorted(row.line for row in found)
