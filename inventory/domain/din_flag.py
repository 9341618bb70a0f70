"""Flag characters beside a donation identification number: what a label is for, never part of the number.

Facts of ICCBBA ST-001 v6.2.2 (used, not copied).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

FLAGS = re.compile(r"[0-9A-HJ-NPR-Y]{2}")
NO_FLAGS = "00"
LOCAL_FLAGS = range(20, 60)
# A check of the number itself: its check value above sixty.
TYPE_3_FLAGS = range(60, 97)
NOT_ASSIGNED = "not assigned"
_SAID: Mapping[str, str] = MappingProxyType(
    {
        NO_FLAGS: "",
        "05": "second label printed on demand",
        "06": "pilot tube",
        "07": "test tube",
        "08": "donor record",
        "09": "tube for NAT",
        "10": "sample for bacterial culture",
        "11": "match with the unit's label",
        "12": "affixed partial label",
        "13": "attached label",
    }
    | {f"{number:02d}": f"container {number} of a set" for number in range(1, 5)}
    | {f"{number + 10:02d}": f"container {number} of a set" for number in range(5, 10)}
)


def meaning_of_flags(flags: str) -> str:
    """Say what two flag characters mean; nothing where there are none."""
    if flags in _SAID:
        return _SAID[flags]
    number = int(flags) if re.fullmatch(r"[0-9]{2}", flags) else -1
    if number in LOCAL_FLAGS:
        return "assigned by the facility"
    return f"check value {number - TYPE_3_FLAGS.start}" if number in TYPE_3_FLAGS else NOT_ASSIGNED
