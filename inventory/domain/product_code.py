"""Product codes: data structure 003 and its collection types.

Facts of ICCBBA ST-001 v6.2.2 (used, not copied). What a product description code means stands in a licensed table that
each bank loads itself: ``product_table``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from inventory.domain.isbt128_refusal import Isbt128Refused, shown

DIVISION_IN_ANOTHER_STRUCTURE = "99"
NOT_FOR_HUMAN_APPLICATION = frozenset("Rr")
COLLECTION_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "0": "not specified",
        "V": "volunteer, allogeneic",
        "R": "volunteer, for research",
        "S": "volunteer, source",
        "T": "volunteer, therapeutic",
        "P": "paid, allogeneic",
        "r": "paid, for research",
        "s": "paid, source",
        "A": "autologous, eligible for crossover",
        "1": "autologous use only",
        "X": "autologous use only, biohazard",
        "D": "volunteer, directed, eligible for crossover",
        "d": "paid, directed, eligible for crossover",
        "2": "directed, for the recipient only",
        "L": "directed, limited exposure",
        "E": "medical exception, for the recipient only",
        "Q": "see the special testing code",
        "3": "directed use only, biohazard",
        "4": "designated",
        "5": "dedicated",
        "6": "designated, biohazard",
        "F": "reserved for the family",
        "C": "replacement",
        "7": "for allogeneic use",
        "8": "autologous use, holds allogeneic material",
        "B": "directed, dedicated or designated use only",
        "H": "directed, dedicated or designated use only, biohazard",
        "J": "directed, dedicated or designated, eligible for crossover",
        "G": "emergency use only",
    }
)
CELL_PRODUCT_CODE = re.compile(r"([EFHSP][0-9]{4}|X0[0-9]{3}|Y[A-Z][0-9]{3})([0-9A-Za-z])(99|00|[A-Z][a-z0])")
OTHER_PRODUCT_CODE = re.compile(r"[MNRTVW][0-9]{4}[0-9]{3}|X[1-9][0-9]{3}000|[A-D][0-9A-Z]{4}[0-9A-Za-z]{3}")


class ProductCodeRefused(Isbt128Refused):
    code = "product-code-refused"
    title = "This is not a product code"
    mend = "Scan the product code again, or type its eight characters."


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
    def needs_division(self) -> bool:
        """Whether the division stands in data structure 032, which must then be read too."""
        return self.collection_type != "" and self.division == DIVISION_IN_ANOTHER_STRUCTURE

    @property
    def is_for_human_application(self) -> bool:
        return is_for_human_application(self.collection_type) is True


def read_product_code(text: str) -> ProductCode:
    """Read the eight characters of data structure 003; raises ``ProductCodeRefused``."""
    read = _text(text)
    cells = CELL_PRODUCT_CODE.fullmatch(read)
    if cells and cells[2] in COLLECTION_TYPES:
        return ProductCode(read, collection_type=cells[2])
    if OTHER_PRODUCT_CODE.fullmatch(read):
        return ProductCode(read)
    raise ProductCodeRefused(f"“{shown(read)}” is not made like a product code.", field="product_code")


def collection_type_of(product_code: str) -> str | None:
    """Return a stored product code's collection type: empty for classes that have none, None where it is not known."""
    try:
        return read_product_code(product_code).collection_type
    except ProductCodeRefused:
        return None


def is_for_human_application(collection_type: str | None) -> bool | None:
    """Tell whether a collection type lets a product be given to people; None where it is not known."""
    return None if collection_type is None else collection_type not in NOT_FOR_HUMAN_APPLICATION


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
