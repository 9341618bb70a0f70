"""Mappings: what a file of foreign layout does not say of itself, read from TOML by plain rules."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from zoneinfo import ZoneInfo

from biobank.domain.refusal import RuleViolation
from inventory.domain.assay import ASSAYS, Assay, Qualifier, Subject, ValueKind
from inventory.domain.local_time import check_format, zone_named
from inventory.domain.mapping_section import Column, MappingRefused, Section, required, section, sections
from inventory.domain.measure import factor, units_for
from inventory.domain.product_code import read_product_code
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind

T = TypeVar("T")
MOST_BYTES = 64 * 1024
MOST_LINES_SKIPPED = 100
DELIMITERS = {",": ",", ";": ";", "tab": "\t", "|": "|"}
ENCODINGS = frozenset({"utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-1", "iso-8859-15"})
TOP = frozenset({"file", "row", "code", "parent", "rack", "position", "volume", "mass", "scanned", "collected"})


@dataclass(frozen=True)
class FileLayout:
    """How the file is written; a byte order mark in it is believed before ``encoding``."""

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    header: bool = True
    skip_lines: int = 0


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
class Amount:
    said: Said
    unit: str
    recorded: str
    rounded: bool = False


@dataclass(frozen=True)
class Time:
    said: Said
    form: str
    zone: ZoneInfo


@dataclass(frozen=True)
class ResultColumn:
    """One column of results of one assay; ``below`` is what the file writes before a limit not reached."""

    said: Said
    assay: Assay
    subject: Subject
    unit: str
    below: str = ""
    method: str = ""
    instrument: str = ""
    laboratory: str = ""


@dataclass(frozen=True)
class ImportMapping:
    """A whole mapping: how the file is written, and what each row of it is."""

    layout: FileLayout
    is_unit: bool
    role: Said
    product_class: Said
    kind: Said
    product_code: Said
    code: CodeColumn
    parent: CodeColumn | None
    rack: Rack
    position: Said
    volume: Amount | None
    mass: Amount | None
    scanned: Time | None
    collected: Time | None
    results: tuple[ResultColumn, ...]

    def columns(self) -> Iterator[Column]:
        """Every column that the mapping names."""
        amounts = [each.said for each in (self.volume, self.mass, self.scanned, self.collected, self.parent) if each]
        own = (self.code.said, self.rack.said, self.position, self.role, self.product_class, self.kind)
        for said in (*own, self.product_code, *amounts, *(each.said for each in self.results)):
            if said.column is not None:
                yield said.column


def parse_mapping(data: bytes) -> ImportMapping:
    """Read a mapping. Raises ``MappingRefused`` naming the key that is missing, misspelt or wrong."""
    root = _toml(data)
    if unknown := sorted(set(root) - TOP - {"results"}):
        raise MappingRefused(f"[{unknown[0]}] is not a section of a mapping.", field=unknown[0])
    row = required(root, "row")
    is_unit = row.text("is", among=("unit", "sample")) == "unit"
    code, rack = required(root, "code"), required(root, "rack")
    parent, position = section(root, "parent"), required(root, "position")
    mapping = ImportMapping(
        layout=_layout(root),
        is_unit=is_unit,
        role=Said() if is_unit else _one_of(row, "role", SampleRole),
        product_class=_one_of(row, "product_class", ProductClass) if is_unit else Said(),
        kind=_one_of(row, "kind", UnitKind) if is_unit else Said(),
        product_code=_product_code(row) if is_unit else Said(),
        code=CodeColumn(_in_column(code), code.text("issuer")),
        parent=_parent(parent) if parent else None,
        rack=_rack(rack),
        position=_in_column(position),
        volume=_amount(section(root, "volume"), "mL"),
        mass=_amount(section(root, "mass"), "g") if is_unit else None,
        scanned=_time(section(root, "scanned")),
        collected=_time(section(root, "collected")),
        results=tuple(_result(each) for each in sections(root, "results")),
    )
    if not is_unit and "mass" in root:
        raise MappingRefused("[mass] is of units: a reference sample has a volume.", field="mass")
    for each in (row, code, rack, position, *([parent] if parent else [])):
        each.done()
    return mapping


def _toml(data: bytes) -> dict[str, object]:
    if len(data) > MOST_BYTES:
        raise MappingRefused(f"A mapping has at most {MOST_BYTES // 1024} KiB.")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise MappingRefused("The mapping is not written in UTF-8.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise MappingRefused(f"The mapping is not TOML: {error}.") from None


def _layout(root: Mapping[str, object]) -> FileLayout:
    of_file = section(root, "file") or Section("file", {})
    layout = FileLayout(
        encoding=of_file.text("encoding", "utf-8", among=ENCODINGS),
        delimiter=DELIMITERS[of_file.text("delimiter", ",", among=DELIMITERS)],
        decimal=of_file.text("decimal", ".", among=(".", ",")),
        header=of_file.flag("header", default=True),
        skip_lines=of_file.count("skip_lines", 0, most=MOST_LINES_SKIPPED),
    )
    of_file.done()
    return layout


def _in_column(of: Section) -> Said:
    return Said(column=of.column(), none=of.vocabulary(), words=of.words())


def _one_of(row: Section, key: str, allowed: type[SampleRole | ProductClass | UnitKind]) -> Said:
    """Return a term said once (``role = "plasma"``) or by a column (``role = { column = …, words = … }``)."""
    values = sorted(each.value for each in allowed)
    if not isinstance(row.table.get(key), Mapping):
        return Said(value=row.text(key, among=values))
    row.take(key)
    inner = Section(f"row.{key}", row.table[key])  # type: ignore[arg-type]
    said = _in_column(inner)
    inner.done()
    if wrong := sorted(set(said.words.values()) - set(values)):
        raise inner.refused("words", f"“{wrong[0]}” is not one of {', '.join(values)}.")
    return said


def _product_code(row: Section) -> Said:
    """Return the product code of units whose own code does not hold it; it may be left out."""
    if isinstance(row.table.get("product_code"), Mapping):
        row.take("product_code")
        inner = Section("row.product_code", row.table["product_code"])  # type: ignore[arg-type]
        said = _in_column(inner)
        inner.done()
        return said
    text = row.text("product_code", "")
    return Said(value=_checked(row, "product_code", lambda: read_product_code(text).text) if text else "")


def _parent(of: Section) -> CodeColumn:
    registers = of.text("unknown", "refuse", among=("refuse", "register")) == "register"
    return CodeColumn(_in_column(of), of.text("issuer"), registers_unknown=registers)


def _rack(of: Section) -> Rack:
    said = Said(value=of.text("value")) if "value" in of.table else _in_column(of)
    return Rack(said, prefix=of.text("prefix", ""), kind=of.text("kind"), stands_in=of.text("stands_in"))


def _amount(of: Section | None, recorded: str) -> Amount | None:
    if of is None:
        return None
    amount = Amount(_in_column(of), of.text("unit"), recorded, rounded=of.flag("rounded", default=False))
    _check_unit(of, amount.unit, recorded)
    of.done()
    return amount


def _time(of: Section | None) -> Time | None:
    if of is None:
        return None
    form, zone = of.text("format"), of.text("zone")
    _checked(of, "format", lambda: check_format(form))
    time = Time(_in_column(of), form, _checked(of, "zone", lambda: zone_named(zone)))
    of.done()
    return time


def _result(of: Section) -> ResultColumn:
    assay = ASSAYS[of.text("assay", among=ASSAYS)]
    subject = Subject(of.text("subject", among=[each.value for each in assay.subjects if each is not Subject.LOT]))
    is_number = assay.kind is ValueKind.NUMBER
    column = ResultColumn(
        said=_in_column(of),
        assay=assay,
        subject=subject,
        unit=of.text("unit") if is_number else "",
        below=of.text("below", "") if is_number else "",
        method=of.text("method", ""),
        instrument=of.text("instrument", ""),
        laboratory=of.text("laboratory", ""),
    )
    of.done()
    if is_number:
        _check_unit(of, column.unit, assay.unit)
    allowed = {*assay.codes, Qualifier.NOT_DONE.value, Qualifier.QUANTITY_INSUFFICIENT.value}
    if wrong := sorted(set(column.said.words.values()) - allowed):
        raise of.refused("words", f"“{wrong[0]}” is not one of {', '.join(sorted(allowed))}.")
    return column


def _check_unit(of: Section, given: str, recorded: str) -> None:
    if factor(given, recorded) is None:
        raise of.refused("unit", f"“{given}” cannot be turned into {recorded}: {', '.join(units_for(recorded))}.")


def _checked(of: Section, key: str, rule: Callable[[], T]) -> T:
    """Ask another noun's rule, and name the key where it refuses."""
    try:
        return rule()
    except RuleViolation as refusal:
        raise of.refused(key, str(refusal)) from None
