"""The bank's own table of product description codes: what a row says, how a file is read, what a lookup refuses.

The codes are ICCBBA's and licensed: none is shipped, each bank loads its own. While it has loaded none, the form of a
code alone decides.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from inventory.domain.date_code import decode_day
from inventory.domain.import_column import Fault, RawRow
from inventory.domain.isbt128_refusal import Isbt128Refused, shown
from inventory.domain.product_code import ProductCode, ProductCodeRefused, read_product_code

DESCRIPTION_CODE = re.compile(r"[EFHSPMNRTVWX][0-9]{4}|Y[A-Z][0-9]{3}|[A-D][0-9A-Z]{4}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
COLUMNS = ("code", "class", "modifiers", "text", "valid_from")
LONGEST = {"class": 200, "modifiers": 200, "text": 1000}


class ProductCodeUnknown(ProductCodeRefused):
    code = "product-code-unknown"
    title = "The bank's table does not have this product code"
    mend = "Nothing was saved. Compare the code with the label, or load the table that has it."


class ProductCodeNotYetValid(ProductCodeRefused):
    code = "product-code-not-yet-valid"
    title = "This product code is not valid yet"
    mend = "Nothing was saved. Take a code that is valid today, or wait for the date."


@dataclass(frozen=True)
class ProductDescription:
    """One row: a product description code of five characters, its class, modifiers and text, and its first day."""

    code: str
    class_name: str
    modifiers: str
    text: str
    valid_from: date


@dataclass(frozen=True)
class ProductTable:
    """What the bank has loaded, or as much of it as was asked for; ``is_loaded`` says whether it has loaded any."""

    rows: Mapping[str, ProductDescription] = field(default_factory=dict)
    is_loaded: bool = False

    def check(self, text: str, *, on: date) -> ProductCode:
        """Return a product code that may be registered on a day; what is not in the table then is refused.

        Raises ``ProductCodeRefused``, ``ProductCodeUnknown`` or ``ProductCodeNotYetValid``.
        """
        product_code = read_product_code(text)
        if not self.is_loaded:
            return product_code
        row = self.rows.get(product_code.description_code)
        if row is None:
            raise ProductCodeUnknown(
                f"“{product_code.description_code}” is not in the bank's table of product codes.", field="product_code"
            )
        if row.valid_from > on:
            raise ProductCodeNotYetValid(
                f"“{row.code}” ({row.class_name}) is valid from {row.valid_from.isoformat()}.", field="product_code"
            )
        return product_code


def read_descriptions(
    header: Sequence[str], rows: Iterable[RawRow | Fault]
) -> tuple[list[ProductDescription], list[Fault]]:
    """Read the rows of a file with a header; return what they say, and every fault of them with its line."""
    if missing := [name for name in COLUMNS if [*header].count(name) != 1]:
        return [], [Fault(1, f"The header must name “{missing[0]}” once.", missing[0], "header")]
    places = {name: [*header].index(name) for name in COLUMNS}
    found: dict[str, ProductDescription] = {}
    faults: list[Fault] = []
    for row in rows:
        if isinstance(row, Fault):
            faults.append(row)
            continue
        cells = {name: row.cells[place] for name, place in places.items()}
        wrong = _faults(row.line, cells, found)
        faults += wrong
        if not wrong:
            found[cells["code"]] = _description(cells)
    if not found and not faults:
        faults.append(Fault(0, "The file holds no product code.", code="no-rows"))
    return [*found.values()], faults


def _faults(line: int, cells: Mapping[str, str], known: Mapping[str, ProductDescription]) -> list[Fault]:
    code, day = cells["code"], cells["valid_from"]
    wrong = [
        Fault(line, f"The {name} is longer than {longest} characters.", name, "too-long")
        for name, longest in LONGEST.items()
        if len(cells[name]) > longest
    ]
    if DESCRIPTION_CODE.fullmatch(code) is None:
        wrong.append(Fault(line, f"“{shown(code)}” is no product description code.", "code", "code"))
    if code in known:
        wrong.append(Fault(line, f"{code} stands in the file twice.", "code", "twice"))
    if not cells["class"]:
        wrong.append(Fault(line, "The class is missing.", "class", "missing"))
    if not _is_a_day(day):
        wrong.append(Fault(line, f"“{shown(day)}” is no date, as 2026-03-14.", "valid_from", "date"))
    return wrong


def _is_a_day(text: str) -> bool:
    try:
        return DAY.fullmatch(text) is not None and bool(decode_day(text.replace("-", "")))
    except Isbt128Refused:
        return False


def _description(cells: Mapping[str, str]) -> ProductDescription:
    return ProductDescription(
        code=cells["code"],
        class_name=cells["class"],
        modifiers=cells["modifiers"],
        text=cells["text"],
        valid_from=decode_day(cells["valid_from"].replace("-", "")),
    )
