"""Mappings: what a file of foreign layout does not say of itself, read from TOML by plain rules."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from inventory.domain.mapping_part import (
    Amount,
    CodeColumn,
    FileLayout,
    Place,
    Quantity,
    Rack,
    ResultColumn,
    Said,
    Source,
    Stated,
    Time,
)
from inventory.domain.mapping_read import (
    in_column,
    one_of,
    read_amount,
    read_layout,
    read_lineage,
    read_parent,
    read_place,
    read_product_code_of,
    read_quantity,
    read_rack,
    read_result,
    read_source,
    read_stated,
    read_time,
)
from inventory.domain.mapping_section import Column, MappingRefused, Section, required, section, sections
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind

MOST_BYTES = 64 * 1024
UNIT, SAMPLE = "unit", "sample"
TOP = frozenset(
    {
        *("file", "row", "code", "parent", "lineage", "donor", "donation", "rack", "position"),
        *("volume", "mass", "quantity", "scanned", "collected", "created", "results", "stated"),
    }
)


@dataclass(frozen=True)
class ImportMapping:
    """A whole mapping: how the file is written, and what each row of it is."""

    layout: FileLayout
    what: Said
    role: Said
    product_class: Said
    kind: Said
    product_code: Said
    code: CodeColumn
    parent: CodeColumn | None
    lineage: Said | None
    source: Source | None
    rack: Rack
    place: Place
    volume: Amount | None
    mass: Amount | None
    quantity: Quantity | None
    scanned: Time | None
    collected: Time | None
    created: Time | None
    results: tuple[ResultColumn, ...]
    stated: tuple[Stated, ...]

    @property
    def nests(self) -> bool:
        """Whether a row's parent may be another row: their codes are of one issuer."""
        return self.parent is not None and self.parent.issuer == self.code.issuer

    def columns(self) -> Iterator[Column]:
        """Every column that the mapping names."""
        for said in self._said():
            if said.column is not None:
                yield said.column

    def _said(self) -> Iterator[Said]:
        yield from (self.code.said, self.rack.said, self.place.said, self.what, self.role, self.product_class)
        yield from (self.kind, self.product_code)
        yield from (each for each in (self.lineage, self.place.row) if each)
        yield from (each.said for each in (self.volume, self.mass) if each)
        yield from (each.said for each in (self.scanned, self.collected, self.created) if each)
        yield from (each.said for each in self.results)
        yield from (each.said for each in self.stated)
        if self.parent:
            yield self.parent.said
        if self.quantity:
            yield from (self.quantity.said, self.quantity.of)
        if self.source:
            yield from (*self.source.donor, *self.source.donation)


def parse_mapping(data: bytes) -> ImportMapping:
    """Read a mapping. Raises ``MappingRefused`` naming the key that is missing, misspelt or wrong."""
    root = _toml(data)
    if unknown := sorted(set(root) - TOP):
        raise MappingRefused(f"[{unknown[0]}] is not a section of a mapping.", field=unknown[0])
    row, code = required(root, "row"), required(root, "code")
    what = one_of(row, "is", (UNIT, SAMPLE))
    said = {what.value} if what.column is None else set(what.words.values()) or {UNIT, SAMPLE}
    _check_amounts(root, said)
    mapping = ImportMapping(
        layout=read_layout(section(root, "file")),
        what=what,
        role=_term(row, "role", SampleRole) if SAMPLE in said else Said(),
        product_class=_term(row, "product_class", ProductClass) if UNIT in said else Said(),
        kind=_term(row, "kind", UnitKind) if UNIT in said else Said(),
        product_code=read_product_code_of(row) if UNIT in said else Said(),
        code=CodeColumn(in_column(code), code.text("issuer")),
        parent=read_parent(section(root, "parent")),
        lineage=read_lineage(section(root, "lineage")),
        source=read_source(section(root, "donor"), section(root, "donation")),
        rack=read_rack(required(root, "rack")),
        place=read_place(required(root, "position")),
        volume=read_amount(section(root, "volume"), "mL"),
        mass=read_amount(section(root, "mass"), "g"),
        quantity=read_quantity(section(root, "quantity")),
        scanned=read_time(section(root, "scanned")),
        collected=read_time(section(root, "collected")),
        created=read_time(section(root, "created")),
        results=tuple(read_result(each) for each in sections(root, "results")),
        stated=tuple(read_stated(each) for each in sections(root, "stated")),
    )
    _check_whole(mapping, (row, code))
    return mapping


def _check_whole(mapping: ImportMapping, taken: Iterable[Section]) -> None:
    for each in taken:
        each.done()
    if mapping.lineage and not mapping.nests:
        text = "[lineage] speaks of parents among the rows: [parent] is there, and of the same issuer as [code]."
        raise MappingRefused(text, field="lineage")


def _check_amounts(root: Mapping[str, object], said: set[str]) -> None:
    if "mass" in root and said == {SAMPLE}:
        raise MappingRefused("[mass] is of units: a reference sample has a volume.", field="mass")
    if "quantity" in root and {"volume", "mass"} & set(root):
        raise MappingRefused("[quantity] says the amount: [volume] and [mass] cannot say it too.", field="quantity")


def _term(row: Section, key: str, allowed: type[SampleRole | ProductClass | UnitKind]) -> Said:
    return one_of(row, key, sorted(each.value for each in allowed))


def _toml(data: bytes) -> dict[str, object]:
    if len(data) > MOST_BYTES:
        raise MappingRefused(f"A mapping has at most {MOST_BYTES // 1024} KiB.")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise MappingRefused("The mapping is not written in UTF-8.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise MappingRefused(f"The mapping is not TOML: {error}.") from None
