"""The parts of a mapping: what each of its sections can say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from inventory.domain.assay import Assay, Subject
from inventory.domain.mapping_section import Column

# The measures that a unit's amounts are recorded in; a reference sample has a volume alone.
RECORDED = ("mL", "g", "cells")


class LineageWord(StrEnum):
    """What a row is among rows that nest: where a line begins, or what it was made from another by."""

    ROOT = "root"
    DERIVED = "derived"
    ALIQUOT = "aliquot"


@dataclass(frozen=True)
class FileLayout:
    """How the file is written; a byte order mark in it is believed before ``encoding``.

    ``ignored`` names the columns that tell who somebody is: they are there, and never read.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    header: bool = True
    skip_lines: int = 0
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Said:
    """What is said of a row: in one of its columns, translated by ``words``, or once for all rows."""

    column: Column | None = None
    value: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    none: frozenset[str] = frozenset({""})


@dataclass(frozen=True)
class CodeColumn:
    """The codes of things: the column, who issued them, and what stands where there is no tube."""

    said: Said
    issuer: str
    registers_unknown: bool = False


@dataclass(frozen=True)
class Rack:
    """The rack: its code after ``prefix`` is its container's, of ``kind``, standing in ``stands_in``."""

    said: Said
    prefix: str
    kind: str
    stands_in: str


@dataclass(frozen=True)
class Place:
    """The well, by its label or by ``row`` and column; where it ``may_lack``, what has none is registered unplaced."""

    said: Said
    row: Said | None = None
    may_lack: bool = False


@dataclass(frozen=True)
class Amount:
    said: Said
    unit: str
    recorded: str
    rounded: bool = False


@dataclass(frozen=True)
class Quantity:
    """An amount whose unit depends on the row: ``units`` by the word in the column ``of``."""

    said: Said
    of: Said
    units: Mapping[str, str]
    rounded: bool = False


@dataclass(frozen=True)
class Stated:
    """A number that no column of ours keeps: it is kept in the record of the thing, by name, as it was stated."""

    said: Said
    name: str
    unit: str


@dataclass(frozen=True)
class Source:
    """Whose a row is where it names no parent: the columns of the donor, and within it those of the donation."""

    donor: tuple[Said, ...]
    donation: tuple[Said, ...]
    issuer: str


@dataclass(frozen=True)
class Time:
    said: Said
    form: str
    zone: ZoneInfo


@dataclass(frozen=True)
class ResultColumn:
    """One column of results of one assay; ``below`` is what the file writes before a limit not reached.

    ``establishment`` reported them: they count once quality has signed for its paper.
    """

    said: Said
    assay: Assay
    subject: Subject
    unit: str
    below: str = ""
    method: str = ""
    instrument: str = ""
    laboratory: str = ""
    establishment: str = ""
