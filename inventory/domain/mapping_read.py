"""Reading the sections of a mapping: each taken key by key, and refused by the name of the key that is wrong."""

from collections.abc import Callable, Collection
from typing import TypeVar

from biobank.domain.refusal import RuleViolation
from inventory.domain.assay import ASSAYS, Qualifier, Subject, ValueKind
from inventory.domain.local_time import check_format, zone_named
from inventory.domain.mapping_part import (
    Amount,
    CodeColumn,
    FileLayout,
    LineageWord,
    Place,
    Quantity,
    Rack,
    ResultColumn,
    Said,
    Source,
    Stated,
    Time,
)
from inventory.domain.mapping_section import MappingRefused, Section
from inventory.domain.measure import factor, units_for
from inventory.domain.product_code import read_product_code

T = TypeVar("T")
MOST_LINES_SKIPPED = 100
DELIMITERS = {",": ",", ";": ";", "tab": "\t", "|": "|"}
ENCODINGS = frozenset({"utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-1", "iso-8859-15"})


def read_layout(of: Section | None) -> FileLayout:
    of = of or Section("file", {})
    layout = FileLayout(
        encoding=of.text("encoding", "utf-8", among=ENCODINGS),
        delimiter=DELIMITERS[of.text("delimiter", ",", among=DELIMITERS)],
        decimal=of.text("decimal", ".", among=(".", ",")),
        header=of.flag("header", default=True),
        skip_lines=of.count("skip_lines", 0, most=MOST_LINES_SKIPPED),
        ignored=of.vocabulary("ignored") - {""},
    )
    of.done()
    return layout


def in_column(of: Section) -> Said:
    return Said(column=of.column(), none=of.vocabulary(), words=of.words())


def one_of(row: Section, key: str, values: Collection[str]) -> Said:
    """Return a term said once (``role = "plasma"``) or by a column (``role = { column = …, words = … }``)."""
    inner = row.inner(key)
    if inner is None:
        return Said(value=row.text(key, among=values))
    said = in_column(inner)
    inner.done()
    check_words(inner, said, values)
    return said


def check_words(of: Section, said: Said, values: Collection[str]) -> None:
    if wrong := sorted(set(said.words.values()) - set(values)):
        raise of.refused("words", f"“{wrong[0]}” is not one of {', '.join(sorted(values))}.")


def read_product_code_of(row: Section) -> Said:
    """Return the product code of units whose own code does not hold it; it may be left out."""
    inner = row.inner("product_code")
    if inner is not None:
        said = in_column(inner)
        inner.done()
        return said
    text = row.text("product_code", "")
    return Said(value=_checked(row, "product_code", lambda: read_product_code(text).text) if text else "")


def read_parent(of: Section | None) -> CodeColumn | None:
    if of is None:
        return None
    registers = of.text("unknown", "refuse", among=("refuse", "register")) == "register"
    parent = CodeColumn(in_column(of), of.text("issuer"), registers_unknown=registers)
    of.done()
    return parent


def read_rack(of: Section) -> Rack:
    said = Said(value=of.text("value")) if "value" in of.table else in_column(of)
    rack = Rack(said, prefix=of.text("prefix", ""), kind=of.text("kind"), stands_in=of.text("stands_in"))
    of.done()
    return rack


def read_place(of: Section) -> Place:
    row = Said(column=of.column("row"), none=of.vocabulary()) if "row" in of.table else None
    may_lack = of.text("missing", "refuse", among=("refuse", "unplaced")) == "unplaced"
    place = Place(in_column(of), row, may_lack=may_lack)
    of.done()
    return place


def read_amount(of: Section | None, recorded: str) -> Amount | None:
    if of is None:
        return None
    amount = Amount(in_column(of), of.text("unit"), recorded, rounded=of.flag("rounded", default=False))
    _check_unit(of, amount.unit, recorded)
    of.done()
    return amount


def read_quantity(of: Section | None) -> Quantity | None:
    if of is None:
        return None
    by = Said(column=of.column("of"))
    quantity = Quantity(in_column(of), by, of.words("units"), rounded=of.flag("rounded", default=False))
    if not quantity.units:
        raise of.refused("units", 'names a unit for each word, as { Fluid = "mL" }.')
    of.done()
    return quantity


def read_stated(of: Section) -> Stated:
    stated = Stated(in_column(of), of.text("name"), of.text("unit", ""))
    of.done()
    return stated


def read_source(donor: Section | None, donation: Section | None) -> Source | None:
    """Return whose rows are, by the columns of [donor] and [donation]; either both are there, or neither."""
    if donor is None and donation is None:
        return None
    if donor is None or donation is None:
        raise MappingRefused("[donor] and [donation] stand together: whose, and which gift.", field="donor")
    source = Source(
        donor=tuple(Said(column=each) for each in donor.columns()),
        donation=tuple(Said(column=each) for each in donation.columns()),
        issuer=donor.text("issuer"),
    )
    donor.done()
    donation.done()
    return source


def read_lineage(of: Section | None) -> Said | None:
    if of is None:
        return None
    said = in_column(of)
    check_words(of, said, [each.value for each in LineageWord])
    of.done()
    return said


def read_time(of: Section | None) -> Time | None:
    if of is None:
        return None
    form, zone = of.text("format"), of.text("zone")
    _checked(of, "format", lambda: check_format(form))
    time = Time(in_column(of), form, _checked(of, "zone", lambda: zone_named(zone)))
    of.done()
    return time


def read_result(of: Section) -> ResultColumn:
    assay = ASSAYS[of.text("assay", among=ASSAYS)]
    subject = Subject(of.text("subject", among=[each.value for each in assay.subjects if each is not Subject.LOT]))
    is_number = assay.kind is ValueKind.NUMBER
    column = ResultColumn(
        said=in_column(of),
        assay=assay,
        subject=subject,
        unit=of.text("unit") if is_number else "",
        below=of.text("below", "") if is_number else "",
        method=of.text("method", ""),
        instrument=of.text("instrument", ""),
        laboratory=of.text("laboratory", ""),
        establishment=of.text("establishment", ""),
    )
    of.done()
    if is_number:
        _check_unit(of, column.unit, assay.unit)
    check_words(of, column.said, {*assay.codes, Qualifier.NOT_DONE.value, Qualifier.QUANTITY_INSUFFICIENT.value})
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
