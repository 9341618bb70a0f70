"""Cells of an imported file: found by header or number, read by a rule, each fault kept with its line and column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from biobank.domain.refusal import RuleViolation
from inventory.domain.mapping import ImportMapping
from inventory.domain.mapping_part import Said
from inventory.domain.mapping_section import Column, MappingRefused
from inventory.domain.personal_header import is_personal, not_ignored, plain_header

T = TypeVar("T")


@dataclass(frozen=True)
class Fault:
    """What is wrong, where: ``line`` 0 speaks of the whole file, or of what the mapping names in the bank."""

    line: int
    text: str
    column: str = ""
    code: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else "whole file"
        return f"{where}{f', {self.column}' if self.column else ''}: {self.text}"


@dataclass(frozen=True)
class RawRow:
    """The cells of one record, without surrounding spaces, and the line on which it begins."""

    line: int
    cells: tuple[str, ...]


class Columns:
    """Where in the file each column of a mapping is, and how a fault names it."""

    def __init__(self, mapping: ImportMapping, header: Sequence[str], width: int) -> None:
        """Raise ``MappingRefused`` with every column that the file lacks or has twice, and every one that tells who."""
        self.header = header
        found: dict[Column, int] = {}
        wrong: list[str] = []
        for column in mapping.columns():
            places = [column - 1] if isinstance(column, int) else [i for i, name in enumerate(header) if name == column]
            if len(places) == 1 and places[0] < width:
                found[column] = places[0]
            else:
                wrong.append(self._wrong(column, [place + 1 for place in places], width))
        if wrong:
            raise MappingRefused(" ".join(dict.fromkeys(wrong)), field="column")
        self.index: Mapping[Column, int] = found
        self._check_personal(mapping)

    def named(self, column: Column) -> str:
        place = self.index[column]
        name = self.header[place] if place < len(self.header) else ""
        return f"column {place + 1}{f' “{name}”' if name else ''}"

    def _check_personal(self, mapping: ImportMapping) -> None:
        """Refuse to read a column that tells who somebody is, and to pass over one in silence."""
        mapped = sorted({place for place in self.index.values() if place < len(self.header)})
        ignored = {plain_header(each) for each in mapping.layout.ignored}
        read = [self.header[place] for place in mapped]
        if personal := [each for each in read if is_personal(each) or plain_header(each) in ignored]:
            names = ", ".join(f"“{each}”" for each in personal)
            text = f"{names} tell who somebody is, or are ignored: no mapping reads them. Identity is recorded apart."
            raise MappingRefused(text, field="column")
        if unsaid := not_ignored(self.header, mapping.layout.ignored):
            names = ", ".join(f"“{each}”" for each in dict.fromkeys(unsaid))
            text = f"{names} tell who somebody is: name them in [file] ignored, and they are never read."
            raise MappingRefused(text, field="file.ignored")

    def _wrong(self, column: Column, places: Sequence[int], width: int) -> str:
        if isinstance(column, int):
            return f"The file has {width} columns, and the mapping names column {column}."
        if places:
            numbers = " and ".join(str(place) for place in places)
            return f"The header “{column}” stands over columns {numbers}: name the column by its number."
        there = ", ".join(f"“{name}”" for name in self.header if name) or "none"
        return f"The file has no header “{column}”; its headers are {there}."


class RowReader:
    """Reads one row field by field, keeping every fault instead of stopping at the first."""

    def __init__(self, raw: RawRow, columns: Columns) -> None:
        self.raw, self.columns = raw, columns
        self.faults: list[Fault] = []

    def text(self, said: Said) -> str:
        """Return the cell, translated; nothing where it holds nothing or a word that stands for nothing."""
        if said.column is None:
            return said.value
        cell = self.raw.cells[self.columns.index[said.column]]
        if cell in said.none:
            return ""
        return said.words.get(cell, cell)

    def read(self, said: Said, rule: Callable[[str], T], *, required: str = "") -> T | None:
        """Return what a rule makes of the cell, or None with the fault kept; ``required`` names what may not lack."""
        text = self.text(said)
        if not text:
            if required:
                self.fault(said, f"{required} is missing.", "missing")
            return None
        try:
            return rule(text)
        except RuleViolation as refusal:
            self.fault(said, str(refusal), refusal.code)
            return None

    def fault(self, said: Said, text: str, code: str) -> None:
        column = self.columns.named(said.column) if said.column is not None else ""
        self.faults.append(Fault(self.raw.line, text, column, code))
