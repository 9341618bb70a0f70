"""ISBT 128 strings: which data structures a scan holds, product codes and collection types."""

import re
from dataclasses import dataclass

from biobank.domain.refusal import RuleViolation

COMPOUND = "=+"
DIN_IDENTIFIER = "="
PRODUCT_CODE = "=<"
DIVISIONS = "=,"
DIVISION_IN_ANOTHER_STRUCTURE = "99"
HEADER_LENGTH = 7

# Whole lengths, data identifier included; the three-character identifiers come before their two-character beginnings.
LENGTHS: dict[str, int] = {
    "&,1": 21, "&,2": 21, "&,4": 43,
    "=%": 6, "=<": 10, "=>": 8, "&>": 12, "=*": 8, "&*": 12, "=}": 8, "&}": 12, "&(": 7,
    "=\\": 20, "&\\": 20, "&{": 20, "=)": 12, "&)": 12, "=;": 23, "='": 13, "=-": 12, "&-": 12,
    "=#": 12, "=]": 8, '&"': 20, "=$": 18, "=(": 18, "=,": 8, "&+": 13, "=/": 18, "&:": 21, "&/": 17,
}  # fmt: skip
DIN_STRUCTURE = re.compile(r"=[A-NP-Z1-9]")
DIN_STRUCTURE_LENGTH = 16

COLLECTION_TYPES = frozenset("0VRSTPrsA1XDd2LEQ3456FC78BHJG")
NOT_FOR_HUMAN_APPLICATION = frozenset("Rr")
CELL_PRODUCT_CODE = re.compile(r"([EFHSP][0-9]{4}|X0[0-9]{3}|Y[A-Z][0-9]{3})([0-9A-Za-z])(99|00|[A-Z][a-z0])")
OTHER_PRODUCT_CODE = re.compile(r"[MNRTVW][0-9]{4}[0-9]{3}|X[1-9][0-9]{3}000|[A-D][0-9A-Z]{4}[0-9A-Za-z]{3}")


class Isbt128Refused(RuleViolation):
    code = "isbt128-refused"
    title = "This bar code could not be read"
    mend = "Scan it again, slowly and alone; nothing of it was used."


class ProductCodeRefused(Isbt128Refused):
    code = "product-code-refused"
    title = "This is not a product code"
    mend = "Scan the product code again, or type its eight characters."


@dataclass(frozen=True)
class Structure:
    """One data structure: its identifier (``=`` for the DIN) and what follows."""

    identifier: str
    content: str


@dataclass(frozen=True)
class ProductCode:
    """Eight characters; ``collection_type`` is empty for classes that have none (tissue, milk, organs …)."""

    text: str
    collection_type: str = ""

    @property
    def description_code(self) -> str:
        return self.text[:5]

    @property
    def division(self) -> str:
        return self.text[6:] if self.collection_type else self.text[5:]

    @property
    def is_for_human_application(self) -> bool:
        return is_for_human_application(self.collection_type) is True


def read_product_code(text: str) -> ProductCode:
    """Read the eight characters of data structure 003; raises ``ProductCodeRefused``."""
    cells = CELL_PRODUCT_CODE.fullmatch(text)
    if cells and cells[2] in COLLECTION_TYPES:
        return ProductCode(text, collection_type=cells[2])
    if OTHER_PRODUCT_CODE.fullmatch(text):
        return ProductCode(text)
    raise ProductCodeRefused(f"“{text}” is not made like a product code.", field="product_code")


def collection_type_of(product_code: str) -> str | None:
    """Return a stored product code's collection type: empty for classes that have none, None where it is not known."""
    try:
        return read_product_code(product_code).collection_type
    except ProductCodeRefused:
        return None


def is_for_human_application(collection_type: str | None) -> bool | None:
    """Tell whether a collection type lets a product be given to people; None where it is not known."""
    return None if collection_type is None else collection_type not in NOT_FOR_HUMAN_APPLICATION


def split(text: str) -> tuple[Structure, ...]:
    """Split a scan into its data structures: one, several read as one, or a compound message.

    Raises ``Isbt128Refused`` for the whole scan where any of it is unknown, cut short or miscounted.
    """
    if not text.startswith(COMPOUND):
        return _walk(text)
    header, rest = text[:HEADER_LENGTH], text[HEADER_LENGTH:]
    if not re.fullmatch(r"=\+[0-9]{5}", header):
        raise Isbt128Refused(f"The compound message “{text}” is cut short.")
    structures = _walk(rest)
    announced = int(header[2:4])
    if len(structures) != announced:
        raise Isbt128Refused(f"The compound message “{text}” holds {len(structures)} codes and announces {announced}.")
    return structures


def _walk(text: str) -> tuple[Structure, ...]:
    structures = []
    rest = text
    while rest:
        identifier, length = _identify(rest, text)
        if len(rest) < length:
            raise Isbt128Refused(f"The scan “{text}” is cut short in “{rest}”.")
        structures.append(Structure(identifier, rest[len(identifier) : length]))
        rest = rest[length:]
    return tuple(structures)


def _identify(rest: str, text: str) -> tuple[str, int]:
    if DIN_STRUCTURE.match(rest):
        return DIN_IDENTIFIER, DIN_STRUCTURE_LENGTH
    for identifier, length in LENGTHS.items():
        if rest.startswith(identifier):
            return identifier, length
    raise Isbt128Refused(f"The scan “{text}” holds an unknown code at “{rest}”.")
