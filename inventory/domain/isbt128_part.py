"""Contents of ISBT 128 data structures that are read in parts: consignments, births, donors of registries, divisions.

Facts of ICCBBA ST-001 v6.2.2 (used, not copied).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from inventory.domain.check_character import check_value
from inventory.domain.date_code import decode_day
from inventory.domain.isbt128_refusal import WrongCheck, WrongContent, shown

Parts = Mapping[str, str]
FACILITY = r"(?P<facility>[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2})"
PROCESSOR = r"(?P<facility>[A-NP-Z0-9]{5})(?P<facility_product>[A-Z0-9]{6})"


def read_consignment(content: str) -> Parts:
    found = re.fullmatch(FACILITY + r"(?P<year>[0-9]{2})(?P<serial>[0-9]{5})(?P<box>[0-9]{2})(?P<of>[0-9]{2})", content)
    if found is None or int(found["box"]) > int(found["of"]):
        raise WrongContent(f"“{shown(content)}” is not made like a consignment, or its box is not one of it.")
    return MappingProxyType(found.groupdict())


def read_birth(content: str) -> Parts:
    found = re.fullmatch(r"(?P<location>[0-9]{2})(?P<born>[0-9]{8})", content)
    if found is None:
        raise WrongContent(f"“{shown(content)}” is not made like a date of birth.")
    return MappingProxyType({"location": found["location"], "born": decode_day(found["born"]).isoformat()})


def read_grid(content: str) -> Parts:
    found = re.fullmatch(r"(?P<issuer>[1-9][0-9]{3})(?P<donor>[A-Z0-9]{13})(?P<check>[0-9]{2})", content)
    if found is None:
        raise WrongContent(f"“{shown(content)}” is not made like a donor's global registration identifier.")
    if int(found["check"]) != check_value(content[:-2]):
        raise WrongCheck(f"The check digits of “{content}” are wrong.")
    return MappingProxyType(found.groupdict())


def read_divisions(content: str) -> tuple[str, ...]:
    """Return the levels: one of digits, or pairs of letters; what mixes both is kept whole."""
    if re.fullmatch(r"[A-Z0-9]{6}", content) is None:
        raise WrongContent(f"“{shown(content)}” is not made like product divisions.")
    return (content[:2], content[2:4], content[4:]) if content.isalpha() else (content,)
