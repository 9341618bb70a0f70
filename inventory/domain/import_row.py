"""Rows of an imported file: what each says under a mapping, or every fault of it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from biobank.domain.refusal import RuleViolation
from inventory.domain.assay import ASSAYS, Qualifier, ValueKind
from inventory.domain.identifier import BARCODE, PLACE, Scan, ScanKind, decode
from inventory.domain.import_column import Columns, Fault, RawRow, RowReader
from inventory.domain.local_time import read_time
from inventory.domain.mapping import Amount, ImportMapping, ResultColumn, Time
from inventory.domain.measure import check_range, factor, read_number, to_decimals
from inventory.domain.product_code import read_product_code
from inventory.domain.result import check_value
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind

# How a spreadsheet shows a long number once it has lost its last digits.
MANGLED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
# A tube of a rack holds less than this; a larger number was microlitres.
MOST_SAMPLE_ML = Decimal(50)
SAMPLE_DECIMALS, UNIT_DECIMALS = 3, 2
AMOUNT_ASSAYS = {"mL": "volume_ml", "g": "mass_g"}
OWN_PREFIX = "SMP-"
LONGEST_WELL = 12


@dataclass(frozen=True)
class RowResult:
    of: ResultColumn
    value: str
    qualifier: Qualifier
    column: str


@dataclass(frozen=True)
class ImportRow:
    """What one row says. Without a ``code`` it says that a well is empty. Amounts in mL and g.

    A faulty one is never imported; what could be read of it is still held against the other rows.
    """

    line: int
    rack: str
    well: str
    code: Scan | None = None
    parent: Scan | None = None
    term: str = ""
    kind: str = ""
    product_code: str = ""
    volume_ml: Decimal | None = None
    mass_g: Decimal | None = None
    scanned_at: datetime | None = None
    collected_at: datetime | None = None
    results: tuple[RowResult, ...] = ()
    is_faulty: bool = False


class CodeRefused(RuleViolation):
    code = "code-refused"
    title = "This code cannot be imported"
    mend = "Correct the code in the file, or name the word for an empty well in the mapping."


def read_row(raw: RawRow, mapping: ImportMapping, columns: Columns, *, at: datetime) -> tuple[ImportRow, list[Fault]]:
    """Return what a row says, as far as it can be read, and every fault of it."""
    reader = RowReader(raw, columns)
    rack = reader.read(mapping.rack.said, lambda text: _rack(mapping.rack.prefix + text), required="The rack")
    well = reader.read(mapping.position, _well, required="The position")
    if not reader.text(mapping.code.said):
        return ImportRow(raw.line, rack or "", well or "", is_faulty=bool(reader.faults)), reader.faults
    term, kind = _terms(reader, mapping)
    row = ImportRow(
        line=raw.line,
        rack=rack or "",
        well=well or "",
        code=reader.read(mapping.code.said, lambda text: _own_code(text, is_unit=mapping.is_unit)),
        parent=reader.read(mapping.parent.said, _code) if mapping.parent else None,
        term=term,
        kind=kind,
        product_code=reader.read(mapping.product_code, lambda text: read_product_code(text).text) or "",
        volume_ml=_amount(reader, mapping.volume, mapping.layout.decimal, is_unit=mapping.is_unit),
        mass_g=_amount(reader, mapping.mass, mapping.layout.decimal, is_unit=True),
        scanned_at=_time(reader, mapping.scanned, at=at),
        collected_at=_time(reader, mapping.collected, at=at),
        results=tuple(_results(reader, mapping)),
    )
    return replace(row, is_faulty=bool(reader.faults)), reader.faults


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


def _terms(reader: RowReader, mapping: ImportMapping) -> tuple[str, str]:
    """Return the product class and kind of a unit, or the role of a sample and nothing."""
    if not mapping.is_unit:
        roles = {each.value for each in SampleRole}
        return reader.read(mapping.role, lambda text: _among(text, roles), required="The role") or "", ""
    classes, kinds = {each.value for each in ProductClass}, {each.value for each in UnitKind}
    return (
        reader.read(mapping.product_class, lambda text: _among(text, classes), required="The product class") or "",
        reader.read(mapping.kind, lambda text: _among(text, kinds), required="The kind") or "",
    )


def _amount(reader: RowReader, amount: Amount | None, decimal: str, *, is_unit: bool) -> Decimal | None:
    if amount is None:
        return None
    by = factor(amount.unit, amount.recorded) or Decimal(1)
    assay = ASSAYS[AMOUNT_ASSAYS[amount.recorded]]
    low, high = (assay.low or Decimal(0), assay.high or Decimal(0)) if is_unit else (Decimal(0), MOST_SAMPLE_ML)

    def rule(text: str) -> Decimal:
        number = check_range(read_number(text, decimal=decimal) * by, low, high, amount.recorded)
        return to_decimals(number, UNIT_DECIMALS if is_unit else SAMPLE_DECIMALS, rounded=amount.rounded)

    return reader.read(amount.said, rule)


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
