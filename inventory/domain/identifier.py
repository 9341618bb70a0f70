"""Identifiers: what a scanned or typed text is, before anything is looked up."""

import re
from dataclasses import dataclass
from enum import StrEnum

from biobank.domain.refusal import RuleViolation
from inventory.domain.din import CANONICAL, Din, DinReading, check_characters
from inventory.domain.din import read as read_din
from inventory.domain.din_flag import NO_FLAGS
from inventory.domain.isbt128 import parse
from inventory.domain.isbt128_kind import DIN, DIVISIONS, PRODUCT_CODE
from inventory.domain.product_code import ProductCode, read_product_code

# O, I and lower-case letters included: a mistyped DIN must be refused as one, not searched as some other barcode.
LIKE_A_DIN = re.compile(r"[A-Z0-9]{3}[0-9OIL]{10}[A-Z0-9*]?", re.IGNORECASE)
UNIT_CODE = re.compile(rf"({CANONICAL.pattern})([0-9A-Z*]?)([A-Z][0-9A-Z]{{4}}[0-9A-Za-z]{{3}})")
REFERENCE = re.compile(r"[A-Z]{3}-[0-9A-HJKMNP-TV-Z]{8}")
PLACE = re.compile(r"[A-Z0-9]{1,16}(?:-[A-Z0-9]{1,16}){1,6}")
BARCODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:+-]{1,63}")
LINE_END = "\r\n\t"


class ScanKind(StrEnum):
    DIN = "din"
    UNIT = "unit"
    REFERENCE = "reference"
    PLACE = "place"
    BARCODE = "barcode"


class ScanRefused(RuleViolation):
    code = "scan-refused"
    title = "This code could not be read"
    mend = "Scan one code at a time, or type it as printed."


class TwoCodesInOneRead(ScanRefused):
    code = "two-codes-in-one-read"
    title = "Two codes were read as one"


@dataclass(frozen=True)
class Scan:
    """What a text is. ``text`` is its canonical form: the code to look up.

    A *place* is a container or a position: both are named alike, and only the storage tree knows which.
    """

    kind: ScanKind
    text: str
    din: Din | None = None
    flags: str = NO_FLAGS
    product_code: ProductCode | None = None
    division: str = ""


def decode(text: str) -> Scan:
    """Say what a scanned or typed text is. Raises a named refusal that shows what was read."""
    read = text.strip(" " + LINE_END)
    if not read:
        raise ScanRefused("Nothing was read.")
    if any(end in read for end in LINE_END):
        raise TwoCodesInOneRead(f"More than one line was read: “{' / '.join(read.split())}”.")
    check_characters(read)
    return _isbt128(read) if read[0] in "=&" else _plain(read)


def unit_code(din: Din, product_code: ProductCode, division: str = "") -> str:
    """The code of a unit: DIN, product code, and the division that a product code ending in 99 leaves out."""
    return f"{din}{product_code.text}{division}"


def _isbt128(text: str) -> Scan:
    structures = parse(text)
    identifiers = [structure.identifier for structure in structures]
    if len(set(identifiers)) < len(identifiers):
        raise TwoCodesInOneRead(f"The same kind of code was read twice: “{text}”.")
    found = {structure.identifier: structure.content for structure in structures}
    if DIN not in found:
        raise ScanRefused(f"“{text}” holds no donation identification number: scan the label's upper left code.")
    reading = read_din(DIN + found[DIN])
    if PRODUCT_CODE not in found:
        return Scan(ScanKind.DIN, reading.din.text, din=reading.din, flags=reading.flags)
    return _unit(reading, read_product_code(found[PRODUCT_CODE]), found.get(DIVISIONS, ""), text)


def _unit(reading: DinReading, product_code: ProductCode, division: str, text: str) -> Scan:
    split_off = product_code.needs_division
    if split_off and not division:
        raise ScanRefused(f"“{text}” says that its division is on a further code: scan both together.")
    code = unit_code(reading.din, product_code, division if split_off else "")
    return Scan(ScanKind.UNIT, code, reading.din, reading.flags, product_code, division if split_off else "")


def _plain(text: str) -> Scan:
    joined = text.replace(" ", "")
    if LIKE_A_DIN.fullmatch(joined):
        return _din_or_barcode(joined)
    if found := UNIT_CODE.fullmatch(joined):
        reading = read_din(found[1] + found[2])
        return _unit(reading, read_product_code(found[3]), "", text)
    if " " in text:
        raise TwoCodesInOneRead(f"More than one code was read: “{text}”.")
    for pattern, kind in ((REFERENCE, ScanKind.REFERENCE), (PLACE, ScanKind.PLACE), (BARCODE, ScanKind.BARCODE)):
        if pattern.fullmatch(text):
            return Scan(kind, text)
    raise ScanRefused(f"“{text}” is no code that this bank knows how to read.")


def _din_or_barcode(text: str) -> Scan:
    """A text of digits alone that is no valid DIN is some other bar code: makers of tubes print those too."""
    try:
        reading = read_din(text)
    except RuleViolation:
        if text.isdigit():
            return Scan(ScanKind.BARCODE, text)
        raise
    return Scan(ScanKind.DIN, reading.din.text, din=reading.din, flags=reading.flags)
