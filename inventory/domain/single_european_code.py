"""The Single European Code of tissues and cells: data structure 038, and the text that is printed.

Facts of Directive (EU) 2015/565 and of ICCBBA ST-012 v1.4.0, with its published examples (used, not copied): a donation
identification sequence of 21 characters and a product identification sequence of 19.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from inventory.domain.date_code import decode_day
from inventory.domain.din import Din
from inventory.domain.isbt128_refusal import Isbt128Refused, as_text, shown
from inventory.domain.product_code import ProductCode

NO_EXPIRY = "0" * 8
DONATION_LENGTH = 21
PRINTED_MARK = "SEC: "
_WELL_MADE = re.compile(
    r"(?P<country>[A-Z]{2})(?P<establishment>[A-Z0-9]{6})(?P<donation>[A-Z0-9]{13})"
    r"(?P<system>[ABE])(?P<product>[A-Z0-9]{7})(?P<split>[A-Za-z0-9]{3})(?P<expiry>[0-9]{8})"
)
_ISBT_PRODUCT = re.compile(r"00[A-Z][A-Z0-9]{4}")


class SingleEuropeanCodeRefused(Isbt128Refused):
    code = "single-european-code"
    title = "This is no Single European Code"


class CodingSystem(StrEnum):
    """Whose product codes are meant."""

    ISBT128 = "A"
    EUROCODE = "B"
    EUTC = "E"


@dataclass(frozen=True)
class SingleEuropeanCode:
    """One code in its parts; texts shorter than their places are filled up with zeroes in front."""

    country: str
    establishment: str
    donation: str
    system: CodingSystem
    product: str
    split: str
    expires_on: date | None = None

    def __post_init__(self) -> None:
        if _WELL_MADE.fullmatch(self.content) is None or self._has_no_isbt_product():
            raise SingleEuropeanCodeRefused(f"“{shown(self.content)}” is not made like a Single European Code.")

    def _has_no_isbt_product(self) -> bool:
        return self.system is CodingSystem.ISBT128 and _ISBT_PRODUCT.fullmatch(self.product) is None

    @property
    def donation_sequence(self) -> str:
        return f"{self.country}{self.establishment}{self.donation}"

    @property
    def product_sequence(self) -> str:
        expiry = NO_EXPIRY if self.expires_on is None else f"{self.expires_on.year:04d}{self.expires_on:%m%d}"
        return f"{self.system}{self.product}{self.split}{expiry}"

    @property
    def content(self) -> str:
        return f"{self.donation_sequence}{self.product_sequence}"

    @property
    def printed(self) -> str:
        return f"{PRINTED_MARK}{self.donation_sequence} {self.product_sequence}"


def compose_single_european_code(
    country: str, establishment: str, din: Din, product_code: ProductCode, *, expires_on: date | None
) -> SingleEuropeanCode:
    """Make the code of a product coded in ISBT 128. Raises ``SingleEuropeanCodeRefused``.

    A division that stands in data structure 032 has no place in it: ST-012 leaves that open.
    """
    if product_code.needs_division:
        raise SingleEuropeanCodeRefused(f"The division of “{product_code.text}” has no place in the code.")
    return SingleEuropeanCode(
        country=country,
        establishment=establishment.rjust(6, "0"),
        donation=din.text,
        system=CodingSystem.ISBT128,
        product=product_code.description_code.rjust(7, "0"),
        split=product_code.division.rjust(3, "0"),
        expires_on=expires_on,
    )


def decode_single_european_code(text: str) -> SingleEuropeanCode:
    """Read the forty characters of data structure 038. Raises ``SingleEuropeanCodeRefused`` or ``DateRefused``."""
    found = _WELL_MADE.fullmatch(as_text(text))
    if found is None:
        raise SingleEuropeanCodeRefused(f"“{shown(text)}” is not made like a Single European Code.")
    return SingleEuropeanCode(
        country=found["country"],
        establishment=found["establishment"],
        donation=found["donation"],
        system=CodingSystem(found["system"]),
        product=found["product"],
        split=found["split"],
        expires_on=None if found["expiry"] == NO_EXPIRY else decode_day(found["expiry"]),
    )


def read_printed_single_european_code(text: str) -> SingleEuropeanCode:
    """Read the code as printed: its mark, and its two sequences with a space or a line end between them."""
    found = re.fullmatch(r"SEC: ?([A-Z0-9]{21})(?: |\r?\n)([A-Za-z0-9]{19})", as_text(text))
    if found is None:
        raise SingleEuropeanCodeRefused(f"“{shown(text)}” is not printed like a Single European Code.")
    return decode_single_european_code(found[1] + found[2])
