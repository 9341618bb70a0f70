"""The table of ISBT 128 data structures: identifier, length, content, keyboard check, and what reads the content.

Facts of ICCBBA ST-001 v6.2.2 (used, not copied). Codes that stand in tables of ICCBBA which are not shipped
(facilities, manufacturers, antigens, dimensions, locations, special tests) are read by their form and kept as read.
Retired structures are told by their identifier and length, as a bag labelled before then still carries them; what they
say is kept as read and interpreted by nobody.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from inventory.domain.blood_group import decode_blood_group
from inventory.domain.date_code import decode_date, decode_flexible_time
from inventory.domain.din import read
from inventory.domain.infection_marker import decode_markers
from inventory.domain.isbt128_part import FACILITY, PROCESSOR, read_birth, read_consignment, read_divisions, read_grid
from inventory.domain.isbt128_refusal import CutShort, WrongContent, shown
from inventory.domain.product_code import read_product_code
from inventory.domain.single_european_code import decode_single_european_code

COMPOUND, DIN, PRODUCT_CODE, DIVISIONS = "=+", "=", "=<", "=,"


class Keyed(StrEnum):
    """Whether a check character is printed for those who type the content."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Repeat:
    """The number written at ``start`` in so many ``digits`` says how often ``size`` further characters follow."""

    start: int
    digits: int
    size: int


@dataclass(frozen=True)
class Kind:
    """One data structure. ``length`` counts the content, without the identifier and without what repeats.

    The content is read by ``read``, or else by its ``pattern``: as its named parts, or whole where it has none.
    ``each`` is the pattern of what repeats.
    """

    number: str
    identifier: str
    name: str
    length: int
    pattern: str = ""
    read: Callable[[str], object] | None = None
    keyed: Keyed = Keyed.OPTIONAL
    repeat: Repeat | None = None
    each: str = ""
    is_retired: bool = False

    def length_in(self, rest: str) -> int:
        """Return how long the content is that ``rest`` begins with. Raises ``CutShort``."""
        if self.repeat is None:
            return self.length
        count = rest[self.repeat.start : self.repeat.start + self.repeat.digits]
        if not re.fullmatch(rf"[0-9]{{{self.repeat.digits}}}", count):
            raise CutShort(f"{self.name} does not say how long it is: “{shown(rest)}”.")
        return self.length + int(count) * self.repeat.size

    def value_of(self, content: str) -> object:
        """Read a content. Raises ``WrongContent`` or the refusal of what it says."""
        if len(content) != self.length_in(content):
            raise WrongContent(f"“{shown(content)}” is not as long as {self.name} is.")
        if self.read is not None:
            return self.read(content)
        found = re.fullmatch(self.pattern, content)
        if found is None:
            raise WrongContent(f"“{shown(content)}” is not made like {self.name}.")
        if self.each:
            return tuple(MappingProxyType(each.groupdict()) for each in re.finditer(self.each, content[self.length :]))
        return MappingProxyType(found.groupdict()) if found.groupdict() else content


_ANTIGENS, _LOT = r"[0-9]{18}", r"[A-Za-z0-9]{10}"
_DIMENSION = r"(?P<symbol>[0-9]{2})(?P<dimension>[0-9]{4})(?P<value>[0-9]{5})(?P<decimals>[0-9])00"
_ANTIGEN = r"(?P<antigen>[0-9]{6})(?P<result>[0-9]{2})(?P<tests>[0-9]{2})"
_R, _N = Keyed.REQUIRED, Keyed.NOT_APPLICABLE


def _retired(number: str, identifier: str, name: str, length: int) -> Kind:
    return Kind(number, identifier, name, length, rf"[A-Za-z0-9]{{{length}}}", keyed=_N, is_retired=True)


_ALL = (
    Kind("001", DIN, "donation identification number", 15, read=lambda content: read(DIN + content), keyed=_R),
    Kind("002", "=%", "blood group", 4, read=decode_blood_group, keyed=_N),
    Kind("003", PRODUCT_CODE, "product code", 8, read=read_product_code, keyed=_N),
    Kind("004", "=>", "expiry date", 6, read=decode_date),
    Kind("005", "&>", "expiry date and time", 10, read=decode_date),
    Kind("006", "=*", "collection date", 6, read=decode_date),
    Kind("007", "&*", "collection date and time", 10, read=decode_date),
    Kind("008", "=}", "production date", 6, read=decode_date),
    Kind("009", "&}", "production date and time", 10, read=decode_date),
    Kind("010", "&(", "special testing", 5, r"[A-Z0-9]{5}"),
    _retired("011", "={", "red cell antigens, until 2004", 18),
    Kind("012", "=\\", "red cell antigens", 18, _ANTIGENS, keyed=_R),
    Kind("013", "&\\", "red cell antigens, Finnish", 18, _ANTIGENS, keyed=_R),
    Kind("014", "&{", "platelet antigens", 18, _ANTIGENS, keyed=_R),
    _retired("015", "=[", "HLA-A and -B alleles, until 2011", 18),
    _retired("016", '="', "HLA-DRB1 alleles, until 2011", 18),
    Kind(
        *("017", "=)", "container maker and catalogue number", 10),
        r"(?P<container>[A-Za-z0-9])(?P<manufacturer>[A-Z0-9]{2})(?P<catalogue>[A-Za-z0-9]{7})",
        keyed=_N,
    ),
    Kind("018", "&)", "container lot number", 10, _LOT, keyed=_N),
    Kind("019", "=;", "donor identification number", 21, FACILITY + r"(?P<donor>[0-9]{16})", keyed=_R),
    Kind("020", "='", "staff identification number", 11, FACILITY + r"(?P<staff>[A-Z0-9]{6})"),
    Kind(
        *("021", "=-", "maker and catalogue number", 10),
        r"(?P<manufacturer>[A-Z0-9]{2})(?P<catalogue>[A-Za-z0-9]{8})",
        keyed=_N,
    ),
    Kind("022", "&-", "lot number", 10, _LOT, keyed=_N),
    Kind("024", "=#", "patient date of birth", 10, read=read_birth),
    Kind(
        *("025", "&#", "patient identification number", 4),
        r"(?P<location>[0-9]{2})[0-9]{2}(?P<patient>[A-Za-z0-9]+)",
        keyed=_N,
        repeat=Repeat(start=2, digits=2, size=1),
    ),
    Kind("026", "=]", "expiry month", 6, r"(?P<year>[0-9]{4})(?P<month>0[1-9]|1[0-2])"),
    Kind("027", '&"', "infection markers", 18, read=decode_markers, keyed=_R),
    Kind("028", "=$", "consignment", 16, read=read_consignment),
    Kind(
        *("029", "&$", "dimensions", 2),
        r"[0-9]{2}(?:[0-9]{12}00)*",
        repeat=Repeat(start=0, digits=2, size=14),
        each=_DIMENSION,
    ),
    Kind(
        *("030", "&%", "red cell antigens with test history", 3),
        r"[0-9]*",
        keyed=_N,
        repeat=Repeat(start=0, digits=3, size=10),
        each=_ANTIGEN,
    ),
    Kind("031", "=(", "flexible date and time", 16, read=decode_flexible_time),
    Kind("032", DIVISIONS, "product divisions", 6, read=read_divisions),
    Kind("033", "&+", "processing facility information", 11, PROCESSOR),
    Kind("034", "=/", "processor product identification", 16, PROCESSOR + r"(?P<description_code>[A-Z0-9]{5})"),
    Kind("035", "&,1", "product lot number", 18, r"[A-Z0-9]{18}"),
    Kind("036", "&,2", "product supplemental number", 18, r"[A-Z0-9]{18}"),
    _retired("037", "&,3", "global registration identifier for donors, until 2017", 19),
    Kind("038", "&,4", "Single European Code", 40, read=decode_single_european_code, keyed=_N),
    Kind("039", "&:", "global registration identifier for donors", 19, read=read_grid, keyed=_N),
    Kind(
        *("040", "&/", "chain of identity identifier", 15),
        "CH" + FACILITY + r"(?P<year>[0-9]{2})(?P<serial>[A-Z0-9]{6})",
        keyed=_R,
    ),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.identifier: kind for kind in _ALL})
