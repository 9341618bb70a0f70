"""ISBT 128: what a scan says, from one symbol, two read as one, or a compound message; and how it is written again.

Facts of ICCBBA ST-001 v6.2.2, with the published compound message of ST-012 v1.4.0 as the example (used, not copied).
What was read is taken whole or refused whole, by name. A structure that is national or unknown is kept as it is, alone:
nobody can tell where it ends. A retired one is recognised, beside others too, and its content kept as it was read.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from inventory.domain.date_code import decode_date, encode_date
from inventory.domain.din import check_character
from inventory.domain.infection_marker import decode_markers, encode_markers
from inventory.domain.isbt128_kind import COMPOUND, DIN, DIVISIONS, KINDS, Kind
from inventory.domain.isbt128_refusal import (
    CutShort,
    DivisionMissing,
    ForeignCharacters,
    Isbt128Refused,
    NotIsbt128,
    TooLong,
    UnknownStructure,
    WrongContent,
    WrongCount,
    WrongSequence,
    as_text,
    shown,
)
from inventory.domain.product_code import ProductCode

__all__ = [
    "DataStructure",
    "Isbt128Refused",
    "check_character",
    "compound",
    "decode_date",
    "decode_markers",
    "encode_date",
    "encode_markers",
    "parse",
]

# No symbol holds more: a Data Matrix ECC 200 has room for 3116 digits.
LONGEST = 3116
HEADER = re.compile(r"=\+([0-9]{2})([0-9]{3})")
HEADER_LENGTH = 7
MOST_IN_COMPOUND = 99
# The sequence of a compound message is not said beforehand.
UNDEFINED = "000"
THREE_CHARACTERS = "&,"
NO_SEQUENCES: Mapping[str, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True)
class DataStructure:
    """One data structure: its identifier (``=`` for the DIN), its content, and what the content means.

    The ``value`` is a reading of the content: a date, a product code, named parts …; the content itself where the
    structure is opaque or retired. None can exist whose content is wrong.
    """

    identifier: str
    content: str
    value: object = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", self.kind.value_of(self.content) if self.kind else _opaque(self))

    @property
    def kind(self) -> Kind | None:
        """The row of the table; None where the structure is national or unknown."""
        return KINDS.get(self.identifier)

    @property
    def is_opaque(self) -> bool:
        return self.kind is None

    @property
    def is_retired(self) -> bool:
        """Whether it is one that is no longer written: recognised, and not interpreted."""
        return self.kind is not None and self.kind.is_retired

    @property
    def number(self) -> str:
        """The number of the data structure, as 001; empty where it is opaque."""
        return self.kind.number if self.kind else ""

    @property
    def text(self) -> str:
        """What a scanner reads."""
        return f"{self.identifier}{self.content}"

    def __str__(self) -> str:
        return self.text


def parse(text: str, *, sequences: Mapping[str, Sequence[str]] = NO_SEQUENCES) -> tuple[DataStructure, ...]:
    """Read a scan: its data structure, those of symbols read as one, or those inside a compound message.

    A compound message that names a defined sequence is taken only where ``sequences``, the bank's table of reference
    numbers and the identifiers each stands for, has it. Raises a child of ``Isbt128Refused`` for anything wrong.
    """
    read = as_text(text)
    _check_characters(read)
    if read.startswith(COMPOUND):
        structures = _inside(read, sequences)
    elif _stands_alone(_identifier(read)):
        structures = (DataStructure(_identifier(read), read[len(_identifier(read)) :]),)
    else:
        structures = _walk(read)
    _check_divisions(structures, is_compound=read.startswith(COMPOUND))
    return structures


def compound(structures: Iterable[DataStructure], sequence: str = UNDEFINED) -> str:
    """Write a compound message of data structures, to be put in one Data Matrix. Raises as reading it would."""
    inner = tuple(structures)
    if not 1 <= len(inner) <= MOST_IN_COMPOUND:
        raise WrongCount(f"A compound message holds 1 to {MOST_IN_COMPOUND} data structures, not {len(inner)}.")
    message = f"{COMPOUND}{len(inner):02d}{sequence}{''.join(map(str, inner))}"
    parse(message, sequences={sequence: [each.identifier for each in inner]})
    return message


def _check_characters(read: str) -> None:
    if len(read) > LONGEST:
        raise TooLong(f"{len(read)} characters were read: no symbol holds more than {LONGEST}.")
    if foreign := next((each for each in read if not " " <= each <= "~"), ""):
        raise ForeignCharacters(f"The scan holds U+{ord(foreign):04X}, which no ISBT 128 code has.")
    if read[0] not in "=&":
        raise NotIsbt128(f"“{shown(read)}” is no ISBT 128 code: those begin with = or &.")


def _inside(read: str, sequences: Mapping[str, Sequence[str]]) -> tuple[DataStructure, ...]:
    header = HEADER.fullmatch(read[:HEADER_LENGTH])
    if header is None:
        raise CutShort(f"The compound message “{shown(read)}” does not say what it holds.")
    structures = _walk(read[HEADER_LENGTH:])
    announced, sequence = int(header[1]), header[2]
    if len(structures) != announced or announced == 0:
        raise WrongCount(
            f"The compound message “{shown(read)}” holds {len(structures)} codes and announces {announced}."
        )
    if sequence != UNDEFINED and sequence not in sequences:
        raise WrongSequence(f"The sequence {sequence} of “{shown(read)}” is in no table of the bank's.")
    if sequence != UNDEFINED and [*sequences[sequence]] != [each.identifier for each in structures]:
        raise WrongSequence(f"The codes of “{shown(read)}” are not in the sequence {sequence} that it names.")
    return structures


def _walk(read: str) -> tuple[DataStructure, ...]:
    structures = []
    rest = read
    while rest:
        identifier = _identifier(rest)
        kind = _kind(identifier, rest, read)
        content = rest[len(identifier) :][: kind.length_in(rest[len(identifier) :])]
        if len(content) < kind.length_in(rest[len(identifier) :]):
            raise CutShort(f"“{shown(read)}” is cut short in “{shown(rest)}”.")
        structures.append(DataStructure(identifier, content))
        rest = rest[len(identifier) + len(content) :]
    return tuple(structures)


def _identifier(rest: str) -> str:
    """Return the data identifier: ``=`` alone before a letter or digit, which belongs to a DIN already."""
    if len(rest) > 1 and rest[0] == DIN and rest[1].isalnum():
        return DIN
    return rest[:3] if rest.startswith(THREE_CHARACTERS) else rest[:2]


def _stands_alone(identifier: str) -> bool:
    known = identifier in KINDS or identifier == COMPOUND
    return not known and len(identifier) == (3 if identifier.startswith(THREE_CHARACTERS) else 2)


def _kind(identifier: str, rest: str, read: str) -> Kind:
    if identifier not in KINDS:
        raise UnknownStructure(f"“{shown(read)}” holds at “{shown(rest)}” what may not stand beside others.")
    return KINDS[identifier]


def _check_divisions(structures: tuple[DataStructure, ...], *, is_compound: bool) -> None:
    """Require the divisions where a product code leaves them out, in every read that is meant to name a unit."""
    read = {each.identifier for each in structures}
    if DIVISIONS in read or not (is_compound or DIN in read):
        return
    for each in structures:
        if isinstance(each.value, ProductCode) and each.value.needs_division:
            raise DivisionMissing(f"“{shown(each.text)}” says that its division is in a code that was not read.")


def _opaque(structure: DataStructure) -> str:
    """Return the content of a structure that is kept as it is, where it has any."""
    if not _stands_alone(structure.identifier) or structure.identifier[0] not in "=&" or not structure.content:
        raise WrongContent(f"“{shown(structure.text)}” is no data structure.")
    return structure.content
