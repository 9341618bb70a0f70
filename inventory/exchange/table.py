"""Reading tables of foreign layout: bytes in, rows with their lines out, and a fault for all that is no row."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from biobank.domain.refusal import RuleViolation
from inventory.domain.import_column import Fault, RawRow
from inventory.domain.mapping_part import FileLayout

MOST_BYTES = 32 * 1024 * 1024
CHUNK = 1024 * 1024
# SQLite takes 32,766 values in one statement, and a file is checked and written as one.
MOST_ROWS = 30_000
MOST_RECORD = 20_000
MOST_CELL = 2_000
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHER_FORMATS = (
    (b"PK\x03\x04", "a spreadsheet or an archive"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "compressed"),
)


class TableRefused(RuleViolation):
    code = "table-refused"
    title = "The file cannot be read as a table"
    mend = "Export the file as CSV, and say in the mapping’s [file] how it is written."


@dataclass(frozen=True)
class Table:
    """A table's header (empty where it has none), its width, and its rows and faults as they are read."""

    header: tuple[str, ...]
    width: int
    rows: Iterator[RawRow | Fault]


class _Unclosed(Exception):
    """A record grew beyond any real one."""


def read_capped(file: BinaryIO) -> bytes:
    """Read a whole file, refusing it as soon as it is larger than any that is imported at once."""
    read = bytearray()
    while chunk := file.read(CHUNK):
        read += chunk
        if len(read) > MOST_BYTES:
            raise TableRefused(f"The file is larger than {MOST_BYTES // 1024**2} MiB.", mend="Split it by racks.")
    return bytes(read)


def read_table(data: bytes, layout: FileLayout) -> Table:
    """Open a table. Raises ``TableRefused`` where it is empty, of another format, or has no readable first line."""
    _check_format(data)
    records = _records(data, layout)
    first = next(records, None)
    if first is None:
        raise TableRefused("The file holds no rows.")
    if isinstance(first, Fault):
        raise TableRefused(str(first))
    if any("\x00" in cell for cell in first.cells):
        raise TableRefused("The first line holds NULs: the file is in another encoding, most often UTF-16.")
    if layout.header:
        return Table(first.cells, len(first.cells), _rows(records, len(first.cells)))
    return Table((), len(first.cells), _rows(_before(first, records), len(first.cells)))


def _check_format(data: bytes) -> None:
    for start, name in OTHER_FORMATS:
        if data.startswith(start):
            raise TableRefused(f"The file is {name}, not a table of text.")


def _before(first: RawRow | Fault, rest: Iterator[RawRow | Fault]) -> Iterator[RawRow | Fault]:
    yield first
    yield from rest


def _rows(records: Iterator[RawRow | Fault], width: int) -> Iterator[RawRow | Fault]:
    """Pass rows of the table's width on, up to the most that are imported at once."""
    for count, record in enumerate(records, start=1):
        if count > MOST_ROWS:
            yield Fault(record.line, f"The file holds more than {MOST_ROWS} rows: split it by racks.", code="too-long")
            return
        yield _fitted(record, width) if isinstance(record, RawRow) else record


def _fitted(row: RawRow, width: int) -> RawRow | Fault:
    if len(row.cells) < width or any(row.cells[width:]):
        text = f"The row has {len(row.cells)} cells, the table {width}: a quote or a delimiter is missing or too many."
        return Fault(row.line, text, code="ragged-row")
    for number, cell in enumerate(row.cells[:width], start=1):
        if "\x00" in cell:
            return Fault(row.line, "The cell holds a NUL: the file is in another encoding.", f"column {number}", "nul")
    return RawRow(row.line, row.cells[:width])


def _records(data: bytes, layout: FileLayout) -> Iterator[RawRow | Fault]:
    """Yield every record that is not blank; what is broken is a fault, and reading goes on where it can."""
    lines = _Lines(data, layout)
    reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
    try:
        lines.skip(layout.skip_lines)
        while (record := _next(reader, lines)) is not None:
            if isinstance(record, Fault) or any(record.cells):
                yield record
    except _Unclosed:
        yield Fault(lines.begun, "A quote is opened here and never closed.", code="unclosed-quote")
    except UnicodeError:
        text = f"From here on the file is not {lines.encoding}: say its encoding in the mapping’s [file]."
        yield Fault(lines.count + 1, text, code="encoding")


def _next(reader: Iterator[list[str]], lines: "_Lines") -> RawRow | Fault | None:
    """Return the next record, blank or not; a fault where it is broken; None at the end."""
    lines.begin_record()
    try:
        cells = tuple(cell.strip() for cell in next(reader))
    except StopIteration:
        return None
    except csv.Error as error:
        return Fault(lines.begun, _told(error), code="broken-row")
    if max(map(len, cells), default=0) > MOST_CELL:
        return Fault(
            lines.begun, f"A cell holds more than {MOST_CELL} characters: a quote is missing.", code="long-cell"
        )
    return RawRow(lines.begun, cells)


def _told(error: csv.Error) -> str:
    if "end of data" in str(error):
        return "A quote is opened here and never closed."
    return "A quote stands inside a cell: it is written twice there, and the cell between quotes."


class _Lines:
    """The lines of a file, counted, each record kept to a length that a real one has."""

    def __init__(self, data: bytes, layout: FileLayout) -> None:
        self.encoding = next((name for mark, name in MARKS if data.startswith(mark)), layout.encoding)
        # The csv module is to see line ends as they are; a lone carriage return ends a line for it too.
        self.text = io.TextIOWrapper(io.BytesIO(data), encoding=self.encoding, errors="strict", newline="")
        self.count = self.begun = self.length = 0

    def skip(self, lines: int) -> None:
        """Pass over what stands before the table."""
        for _ in range(lines):
            self.text.readline(MOST_RECORD)
            self.count += 1

    def __iter__(self) -> "_Lines":
        return self

    def begin_record(self) -> None:
        self.begun, self.length = self.count + 1, 0

    def __next__(self) -> str:
        line = self.text.readline(MOST_RECORD + 1)
        self.length += len(line)
        if not line:
            raise StopIteration
        if self.length > MOST_RECORD:
            raise _Unclosed
        self.count += 1
        return line
