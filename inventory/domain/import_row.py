"""Rows of an imported file: what each says under a mapping, or every fault of it."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from biobank.domain.refusal import RuleViolation
from inventory.domain.assay import Qualifier, ValueKind
from inventory.domain.identifier import BARCODE, PLACE, Scan, ScanKind, decode
from inventory.domain.import_amount import Measured, amount_of, quantity_of
from inventory.domain.import_column import Columns, Fault, RawRow, RowReader
from inventory.domain.local_time import read_time
from inventory.domain.mapping import SAMPLE, UNIT, ImportMapping
from inventory.domain.mapping_part import LineageWord, Place, ResultColumn, Said, Source, Stated, Time
from inventory.domain.measure import factor, read_number
from inventory.domain.origin import code_of_source, donor_key
from inventory.domain.product_code import read_product_code
from inventory.domain.result import check_value
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind

# How a spreadsheet shows a long number once it has lost its last digits.
MANGLED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
OWN_PREFIX = "SMP-"
LONGEST_WELL = 12
LONGEST_LABEL = 64


@dataclass(frozen=True)
class RowResult:
    of: ResultColumn
    value: str
    qualifier: Qualifier
    column: str


@dataclass(frozen=True)
class ImportRow:
    """What one row says. Without a ``code`` it says that a well is empty. Amounts in mL, g and cells.

    ``donor`` and ``source`` are the keys of the donor and the donation that its columns name. ``told`` is what is kept
    in the record as it was stated. A faulty one is never imported; what could be read of it is still held against the
    other rows.
    """

    line: int
    rack: str
    well: str
    code: Scan | None = None
    parent: Scan | None = None
    is_unit: bool = False
    lineage: LineageWord | None = None
    donor: str = ""
    source: str = ""
    term: str = ""
    kind: str = ""
    product_code: str = ""
    volume_ml: Decimal | None = None
    mass_g: Decimal | None = None
    tnc: int | None = None
    scanned_at: datetime | None = None
    collected_at: datetime | None = None
    created_at: datetime | None = None
    results: tuple[RowResult, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    is_faulty: bool = False


class CodeRefused(RuleViolation):
    code = "code-refused"
    title = "This code cannot be imported"
    mend = "Correct the code in the file, or name the word for an empty well in the mapping."


def read_row(raw: RawRow, mapping: ImportMapping, columns: Columns, *, at: datetime) -> tuple[ImportRow, list[Fault]]:
    """Return what a row says, as far as it can be read, and every fault of it."""
    reader = RowReader(raw, columns)
    rack, well = _rack_and_well(reader, mapping)
    if not reader.text(mapping.code.said):
        return ImportRow(raw.line, rack, well, is_faulty=bool(reader.faults)), reader.faults
    what = reader.read(mapping.what, lambda text: _among(text, (UNIT, SAMPLE)), required="What the row is")
    is_unit = what == UNIT
    term, kind = _terms(reader, mapping, is_unit=is_unit) if what else ("", "")
    code = reader.read(mapping.code.said, lambda text: _own_code(text, is_unit=is_unit))
    parent = reader.read(mapping.parent.said, _code) if mapping.parent else None
    donor, source = _source(reader, mapping.source)
    measured = _measured(reader, mapping, is_unit=is_unit)
    row = ImportRow(
        line=raw.line,
        rack=rack,
        well=well,
        code=code,
        parent=parent,
        is_unit=is_unit,
        lineage=_lineage(reader, mapping),
        donor=donor,
        source=source,
        term=term,
        kind=kind,
        product_code=reader.read(mapping.product_code, lambda text: read_product_code(text).text) or "",
        volume_ml=measured.volume_ml,
        mass_g=measured.mass_g,
        tnc=measured.tnc,
        scanned_at=_time(reader, mapping.scanned, at=at),
        collected_at=_time(reader, mapping.collected, at=at),
        created_at=_time(reader, mapping.created, at=at),
        results=tuple(_results(reader, mapping)),
        told={**dict(_stated(reader, mapping)), **measured.told},
    )
    _check_row(reader, mapping, row)
    return replace(row, is_faulty=bool(reader.faults)), reader.faults


def _check_row(reader: RowReader, mapping: ImportMapping, row: ImportRow) -> None:
    """Hold what a row says of its place among the others, and of its times, against each other."""
    parent = mapping.parent.said if mapping.parent else Said()
    if row.lineage is LineageWord.ROOT and row.parent:
        reader.fault(parent, f"Where a line begins there is no parent; the row names {row.parent.text}.", "root-parent")
    if row.lineage in (LineageWord.DERIVED, LineageWord.ALIQUOT) and not reader.text(parent):
        reader.fault(parent, f"What is {row.lineage.value} has a parent; the row names none.", "no-parent-named")
    if row.created_at and row.collected_at and row.created_at < row.collected_at and mapping.created:
        reader.fault(mapping.created.said, "It was created before it was collected.", "times")


def _rack_and_well(reader: RowReader, mapping: ImportMapping) -> tuple[str, str]:
    """Return rack and well; of what may be unplaced, nothing of either unless both are said."""
    place, needed = mapping.place, not mapping.place.may_lack
    rack = reader.read(
        mapping.rack.said,
        lambda text: _rack(mapping.rack.prefix + text),
        required="The rack" if needed else "",
    )
    well = reader.read(
        place.said, lambda text: _well(_with_row(reader, place, text)), required="The position" if needed else ""
    )
    return rack or "", well or ""


def _with_row(reader: RowReader, place: Place, column: str) -> str:
    if place.row is None:
        return column
    row = reader.text(place.row)
    if not row:
        raise CodeRefused(f"The position says column {column} and no row.")
    return f"{row}-{column}" if row.isdigit() and column.isdigit() else f"{row}{column}"


def _lineage(reader: RowReader, mapping: ImportMapping) -> LineageWord | None:
    if mapping.lineage is None:
        return None
    words = [each.value for each in LineageWord]
    found = reader.read(mapping.lineage, lambda text: _among(text, words), required="The lineage")
    return LineageWord(found) if found else None


def _source(reader: RowReader, source: Source | None) -> tuple[str, str]:
    """Return the key of the donor and the code of the donation that the row's columns name; faults where one lacks."""
    if source is None:
        return "", ""
    donor = [reader.read(each, _label, required="What names the donor") or "" for each in source.donor]
    donation = [reader.read(each, _label, required="What names the donation") or "" for each in source.donation]
    if not all((*donor, *donation)):
        return "", ""
    return donor_key(source.issuer, *donor), code_of_source(source.issuer, "\x00".join((*donor, *donation)))


def _label(text: str) -> str:
    if len(text) > LONGEST_LABEL or not text.isprintable():
        raise CodeRefused(f"“{text[:LONGEST_WELL]}” is longer than {LONGEST_LABEL} characters, or cannot be seen.")
    return text


def _measured(reader: RowReader, mapping: ImportMapping, *, is_unit: bool) -> Measured:
    decimal = mapping.layout.decimal
    if mapping.quantity is not None:
        return quantity_of(reader, mapping.quantity, decimal, is_unit=is_unit)
    return Measured(
        volume_ml=amount_of(reader, mapping.volume, decimal, is_unit=is_unit),
        mass_g=amount_of(reader, mapping.mass, decimal, is_unit=True) if is_unit else None,
    )


def _stated(reader: RowReader, mapping: ImportMapping) -> Iterator[tuple[str, str]]:
    """Yield numbers and known words that are kept as they were stated; free text could name somebody: it is refused."""
    for of in mapping.stated:
        found = reader.read(of.said, lambda text, of=of: _as_stated(of, text, mapping.layout.decimal))  # type: ignore[misc]
        if found:
            yield of.name, found


def _as_stated(of: Stated, text: str, decimal: str) -> str:
    if text in of.said.words.values():
        return text
    return " ".join(filter(None, (f"{read_number(text, decimal=decimal).normalize():f}", of.unit)))


def _own_code(text: str, *, is_unit: bool) -> Scan:
    """Return what the code of a row's own thing is; a bar code stays as scanned."""
    scan = _code(text)
    if scan.kind is ScanKind.DIN and not is_unit:
        raise CodeRefused(f"“{text}” is the number of a donation, not of a tube: map this column as the parent.")
    return scan


def _code(text: str) -> Scan:
    if text[0] in "=&":
        try:
            return decode(text)
        except RuleViolation as refusal:
            raise CodeRefused(f"“{text}” is a formula or a misread ISBT 128 code: {refusal}") from None
    if MANGLED.fullmatch(text):
        raise CodeRefused(f"“{text}” lost its last digits in a spreadsheet: export the file anew, codes as text.")
    if not BARCODE.fullmatch(text):
        raise CodeRefused(f"“{text}” is no code: 2 to 64 letters, digits and . _ / : + - are, without spaces.")
    return Scan(ScanKind.BARCODE, text)


def _rack(text: str) -> str:
    """Return the code of the rack's container: in capitals, as all places are, so that a scan finds it."""
    code = text.upper()
    if not text.isascii() or not PLACE.fullmatch(code):
        raise CodeRefused(
            f"“{text}” cannot be the code of a place: letters and digits in up to seven parts joined by hyphens, "
            "as A-T02-BUFFY1201. Say a prefix in [rack]."
        )
    return code


def _well(text: str) -> str:
    if len(text) > LONGEST_WELL or not text.isascii() or not text.isprintable():
        raise CodeRefused(f"“{text[:LONGEST_WELL]}” is not the label of a position.")
    return text


def _among(text: str, allowed: Collection[str]) -> str:
    if text not in allowed:
        raise CodeRefused(f"“{text}” is not one of {', '.join(sorted(allowed))}: translate it in “words”.")
    return text


def _terms(reader: RowReader, mapping: ImportMapping, *, is_unit: bool) -> tuple[str, str]:
    """Return the product class and kind of a unit, or the role of a sample and nothing."""
    if not is_unit:
        roles = {each.value for each in SampleRole}
        return reader.read(mapping.role, lambda text: _among(text, roles), required="The role") or "", ""
    classes, kinds = {each.value for each in ProductClass}, {each.value for each in UnitKind}
    return (
        reader.read(mapping.product_class, lambda text: _among(text, classes), required="The product class") or "",
        reader.read(mapping.kind, lambda text: _among(text, kinds), required="The kind") or "",
    )


def _time(reader: RowReader, time: Time | None, *, at: datetime) -> datetime | None:
    if time is None:
        return None
    return reader.read(time.said, lambda text: read_time(text, time.form, time.zone, at=at))


def _results(reader: RowReader, mapping: ImportMapping) -> Iterator[RowResult]:
    """Yield the results that the row has; each value goes through the rule of its assay here already."""
    for of in mapping.results:
        found = reader.read(of.said, lambda text, of=of: _result(of, text, mapping.layout.decimal))  # type: ignore[misc]
        if found is not None:
            column = reader.columns.named(of.said.column) if of.said.column is not None else ""
            yield RowResult(of, found[0], found[1], column)


def _result(of: ResultColumn, text: str, decimal: str) -> tuple[str, Qualifier]:
    value, qualifier = text, Qualifier.MEASURED
    if text in (Qualifier.NOT_DONE, Qualifier.QUANTITY_INSUFFICIENT):
        value, qualifier = "", Qualifier(text)
    elif of.assay.kind is ValueKind.NUMBER:
        if of.below and text.startswith(of.below):
            value, qualifier = text.removeprefix(of.below).strip(), Qualifier.BELOW_LIMIT
        by = factor(of.unit, of.assay.unit) or Decimal(1)
        value = f"{(read_number(value, decimal=decimal) * by).normalize():f}"
    elif text.startswith("="):
        raise CodeRefused(f"“{text}” is a formula: export the file with values.")
    check_value(of.assay, value, qualifier)
    return value, qualifier
