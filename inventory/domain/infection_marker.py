"""Infection marker results on a label: data structure 027, one digit for each pair of markers.

Facts of ICCBBA ST-001 v6.2.2 (used, not copied). A label says what screening found of one collection; what a donor's
eligibility rests on is the bank's own results.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from inventory.domain.isbt128_refusal import Isbt128Refused, as_text, shown

DIGITS = 18
BASE = 3


class MarkersRefused(Isbt128Refused):
    code = "isbt128-markers"
    title = "These are no infection marker results"


class Marker(StrEnum):
    """What was looked for, in the order in which the digits say it."""

    HIV_ANTIBODY = "hiv_antibody"
    HIV_P24_ANTIGEN = "hiv_p24_antigen"
    HIV_NAT = "hiv_nat"
    HCV_ANTIBODY = "hcv_antibody"
    HCV_ANTIGEN = "hcv_antigen"
    HCV_NAT = "hcv_nat"
    HBC_ANTIBODY = "hbc_antibody"
    HBS_ANTIGEN = "hbs_antigen"
    HBV_NAT = "hbv_nat"
    HTLV_ANTIBODY = "htlv_antibody"
    SYPHILIS = "syphilis"
    CMV_ANTIBODY = "cmv_antibody"
    CMV_NAT = "cmv_nat"
    EBV_NAT = "ebv_nat"
    WNV_NAT = "wnv_nat"
    B19_ANTIBODY = "b19_antibody"
    B19_NAT = "b19_nat"
    CHAGAS_ANTIBODY = "chagas_antibody"
    HEV_NAT = "hev_nat"


class MarkerResult(StrEnum):
    """What the label says of a marker; the value of each is its place here."""

    NO_INFORMATION = "ni"
    NEGATIVE = "neg"
    POSITIVE = "pos"


RESULTS = tuple(MarkerResult)
# The last pair has no second marker yet.
PAIRS: tuple[tuple[Marker, Marker | None], ...] = tuple(
    (first, second) for first, second in zip([*Marker][::2], [*[*Marker][1::2], None], strict=True)
)
_WELL_MADE = re.compile(rf"[0-8]{{{len(PAIRS) - 1}}}[036]0{{{DIGITS - len(PAIRS)}}}")


def encode_markers(results: Mapping[str, str]) -> str:
    """Write results by marker as eighteen digits; a marker that is not named has no information.

    Raises ``MarkersRefused`` for a marker or a result that does not exist.
    """
    _check_mapping(results)
    if unknown := set(results) - set(Marker):
        raise MarkersRefused(f"“{min(map(str, unknown))}” is no infection marker.", field="markers")
    if wrong := [str(result) for result in results.values() if result not in RESULTS]:
        raise MarkersRefused(f"“{wrong[0]}” is no result: ni, neg or pos.", field="markers")
    written = "".join(str(_place(results, first) * BASE + _place(results, second)) for first, second in PAIRS)
    return written.ljust(DIGITS, "0")


def decode_markers(text: str) -> Mapping[Marker, MarkerResult]:
    """Read eighteen digits as the result of every marker. Raises ``MarkersRefused``."""
    if _WELL_MADE.fullmatch(as_text(text)) is None:
        raise MarkersRefused(f"“{shown(text)}” is not made like infection marker results.", field="markers")
    found: dict[Marker, MarkerResult] = {}
    for digit, (first, second) in zip(text, PAIRS, strict=False):
        found[first] = RESULTS[int(digit) // BASE]
        if second is not None:
            found[second] = RESULTS[int(digit) % BASE]
    return MappingProxyType(found)


def _check_mapping(results: object) -> None:
    if not isinstance(results, Mapping):
        raise MarkersRefused("Results are said by their markers.", field="markers")


def _place(results: Mapping[str, str], marker: Marker | None) -> int:
    if marker is None:
        return 0
    return RESULTS.index(MarkerResult(results.get(marker, MarkerResult.NO_INFORMATION)))
