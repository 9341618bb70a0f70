"""Donation identification numbers (ISBT 128 data structure 001): one canonical form, its check character, its flags.

Facts of ICCBBA ST-001 v6.2.2 (used, not copied).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from inventory.domain.check_character import CHECK_CHARACTERS, check_character_of, check_value
from inventory.domain.din_flag import FLAGS, NO_FLAGS, TYPE_3_FLAGS, meaning_of_flags
from inventory.domain.isbt128_refusal import Isbt128Refused, shown

CANONICAL = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}")
LENGTH = 13
SCANNED_LENGTH = 16
MOST_CANDIDATES = 64
LOOK_ALIKES = {"0": "0O", "O": "0O", "o": "0O", "1": "1I", "I": "1I", "i": "1I", "l": "1IL"}
# Of a DIN only the facility's first three characters may be an I, none an O; its check character may be either.
LETTERS_OF_A_FACILITY = 3
IN_A_FACILITY = CHECK_CHARACTERS.replace("O", "").removesuffix("*")


class DinRefused(Isbt128Refused):
    code = "din-refused"
    title = "This is not a donation identification number"
    mend = "Scan the label again, or type the 13 characters and the boxed check character."


class CharactersRefused(DinRefused):
    code = "din-characters"


class LengthRefused(DinRefused):
    code = "din-length"


class WrongCheckCharacter(DinRefused):
    code = "din-wrong-check"


class FlagsRefused(DinRefused):
    code = "din-flags"


@dataclass(frozen=True, order=True)
class Din:
    """One donation identification number; ``text`` is its canonical 13 characters, without flags."""

    text: str

    def __post_init__(self) -> None:
        if not CANONICAL.fullmatch(self.text):
            raise CharactersRefused(
                f"“{shown(self.text)}” is not made like a donation identification number.", field="din"
            )

    def __str__(self) -> str:
        return self.text

    @property
    def facility(self) -> str:
        return self.text[:5]

    @property
    def year(self) -> str:
        return self.text[5:7]

    @property
    def serial(self) -> str:
        return self.text[7:]

    @property
    def check_character(self) -> str:
        return check_character_of(self.text)

    @property
    def type_3_flag(self) -> str:
        return str(TYPE_3_FLAGS.start + check_value(self.text))

    @property
    def printed(self) -> str:
        """The eye-readable grouping, the check character last (on a label it is boxed)."""
        return f"{self.facility} {self.year} {self.serial} {self.check_character}"

    @property
    def scanned(self) -> str:
        """The content of its bar code without flags."""
        return f"={self.text}{NO_FLAGS}"

    @classmethod
    def parse(cls, text: str) -> "Din":
        """Read a DIN as scanned, as typed with its check character, or in canonical form; flags are dropped."""
        return read(text).din


@dataclass(frozen=True)
class DinReading:
    din: Din
    flags: str = NO_FLAGS

    @property
    def content(self) -> str:
        """What data structure 001 holds after its first character."""
        return f"{self.din}{self.flags}"

    @property
    def meaning_of_flags(self) -> str:
        return meaning_of_flags(self.flags)


def check_character(din13: str) -> str:
    """Return the check character of the thirteen characters of a DIN. Raises a child of ``DinRefused``."""
    if len(_read(din13)) != LENGTH:
        raise LengthRefused(f"“{shown(din13)}” has {len(din13)} characters; a DIN has {LENGTH}.", field="din")
    return Din(din13).check_character


def read(text: str) -> DinReading:
    """Read a DIN and its flags from a scan (``=…``) or from typing (grouping spaces allowed).

    Raises a child of ``DinRefused`` that shows what was read.
    """
    check_characters(_read(text))
    stripped = text.strip(" ")
    if stripped.startswith("="):
        return _scanned(stripped)
    return DinReading(_typed(stripped.replace(" ", "")))


def check_characters(text: str) -> None:
    """Refuse whatever is not plain visible ASCII, naming the first such character."""
    for character in text:
        if not " " <= character <= "~":
            name = unicodedata.name(character, "control character")
            raise CharactersRefused(f"The text holds U+{ord(character):04X} ({name}), which no label has.", field="din")


def _read(value: object) -> str:
    if not isinstance(value, str):
        raise LengthRefused("No donation identification number was read.", field="din")
    return value


def _scanned(text: str) -> DinReading:
    if len(text) != SCANNED_LENGTH:
        raise LengthRefused(
            f"The scan “{shown(text)}” has {len(text)} characters; a DIN has {SCANNED_LENGTH}.", field="din"
        )
    din, flags = Din(text[1:14]), text[14:]
    if not FLAGS.fullmatch(flags):
        raise FlagsRefused(f"The flags “{flags}” of “{text}” do not exist.", field="din")
    if flags.isdigit() and int(flags) in TYPE_3_FLAGS and flags != din.type_3_flag:
        raise FlagsRefused(f"The check flags “{flags}” do not fit “{din}”: the label was misread.", field="din")
    return DinReading(din, flags)


def _typed(text: str) -> Din:
    if len(text) not in (LENGTH, LENGTH + 1):
        raise LengthRefused(
            f"“{shown(text)}” has {len(text)} characters; a DIN has {LENGTH} and its check character.", field="din"
        )
    body, check = text[:LENGTH], text[LENGTH:]
    if not CANONICAL.fullmatch(body):
        raise CharactersRefused(
            f"“{text}” is not made like a donation identification number.{_did_you_mean(text)}", field="din"
        )
    din = Din(body)
    if check and check != din.check_character:
        raise WrongCheckCharacter(f"The check character of “{text}” is wrong.{_did_you_mean(text)}", field="din")
    return din


def _did_you_mean(text: str) -> str:
    """Suggest a DIN only when exactly one reading of look-alikes passes its check character."""
    candidates = set(_candidates(text))
    return f" Did you mean {candidates.pop().printed}?" if len(candidates) == 1 else ""


def _candidates(text: str) -> Iterator[Din]:
    readings = [_look_alikes(character, index) for index, character in enumerate(text)]
    combinations = 1
    for reading in readings:
        combinations *= len(reading)
    if len(text) <= LENGTH or combinations > MOST_CANDIDATES:
        return
    for characters in product(*readings):
        body, check = "".join(characters[:LENGTH]), characters[LENGTH]
        if CANONICAL.fullmatch(body) and check_character_of(body) == check:
            yield Din(body)


def _look_alikes(character: str, index: int) -> str:
    """What the character at a place may have been: each of its look-alikes that may stand there."""
    return "".join(each for each in LOOK_ALIKES.get(character, character.upper()) if each in _allowed(index))


def _allowed(index: int) -> str:
    if index >= LENGTH:
        return CHECK_CHARACTERS
    return IN_A_FACILITY if index < LETTERS_OF_A_FACILITY else "0123456789"
