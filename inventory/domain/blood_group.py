"""Blood groups and special messages on a label: data structure 002.

Facts of ICCBBA ST-001 v6.2.2 (used, not copied): the codes of the four groups by RhD, how the intended use shifts them,
and the special messages. Codes for rarer phenotypes, pools and subgroups are kept as read and not interpreted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from inventory.domain.isbt128_refusal import Isbt128Refused, as_text, shown


class BloodGroupRefused(Isbt128Refused):
    code = "isbt128-blood-group"
    title = "This is no blood group and no special message"


class IntendedUse(StrEnum):
    """For whom a collection is; on a label it is said by which code of the blood group is taken."""

    NOT_SPECIFIED = "not specified"
    DIRECTED = "directed use only"
    EMERGENCY = "emergency use only"
    DIRECTED_BIOHAZARD = "directed use only, biohazard"
    DIRECTED_CROSSOVER = "directed, eligible for crossover"
    AUTOLOGOUS_CROSSOVER = "autologous, eligible for crossover"
    AUTOLOGOUS = "autologous use only"
    AUTOLOGOUS_BIOHAZARD = "autologous use only, biohazard"


class Rhd(StrEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"
    NOT_GIVEN = "not given"


_RHD: Mapping[tuple[str, Rhd], int] = {
    ("O", Rhd.NEGATIVE): 95, ("O", Rhd.POSITIVE): 51, ("A", Rhd.NEGATIVE): 6, ("A", Rhd.POSITIVE): 62,
    ("B", Rhd.NEGATIVE): 17, ("B", Rhd.POSITIVE): 73, ("AB", Rhd.NEGATIVE): 28, ("AB", Rhd.POSITIVE): 84,
}  # fmt: skip
_SHIFT: Mapping[IntendedUse, int] = {
    IntendedUse.NOT_SPECIFIED: 0, IntendedUse.DIRECTED: -4, IntendedUse.EMERGENCY: -3,
    IntendedUse.DIRECTED_BIOHAZARD: -2, IntendedUse.DIRECTED_CROSSOVER: -1, IntendedUse.AUTOLOGOUS_CROSSOVER: 1,
    IntendedUse.AUTOLOGOUS: 2, IntendedUse.AUTOLOGOUS_BIOHAZARD: 3,
}  # fmt: skip
_RHD_NOT_GIVEN = {"O": "55", "A": "66", "B": "77", "AB": "88"}

Group = tuple[str, Rhd, IntendedUse]
GROUPS: Mapping[str, Group] = MappingProxyType(
    {f"{code + shift:02d}": (abo, rhd, use) for (abo, rhd), code in _RHD.items() for use, shift in _SHIFT.items()}
    | {code: (abo, Rhd.NOT_GIVEN, IntendedUse.NOT_SPECIFIED) for abo, code in _RHD_NOT_GIVEN.items()}
)
MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "00": "no ABO or RhD information",
        "Ma": "autologous collection",
        "Mb": "biohazard",
        "Md": "discard",
        "Mf": "for fractionation only",
        "Mq": "quarantine",
        "Mr": "for research use only",
        "Mx": "not for transfusion, by test results",
        "T1": "tissue, RhD positive",
        "T2": "tissue, RhD negative",
        "T3": "tissue, ABO and RhD not specified",
        "T4": "tissue, autologous or in quarantine",
        "T5": "tissue, see the outer packaging",
        "T6": "tissue, to be sterilised before release",
    }
)
RESEARCH_ONLY, QUARANTINE = "Mr", "Mq"
_WELL_MADE = re.compile(r"([0-9A-Z][0-9A-Za-z])([0-9A-Z])0")
_OTHER_GROUP = re.compile(r"[A-SU-Z][0-9]")


@dataclass(frozen=True)
class BloodGroup:
    """What data structure 002 says: a blood group, or a message in its place; neither where the code is a rarer one."""

    code: str
    phenotype: str = "0"

    @property
    def content(self) -> str:
        return f"{self.code}{self.phenotype}0"

    @property
    def group(self) -> Group | None:
        """ABO, RhD and intended use."""
        return GROUPS.get(self.code)

    @property
    def message(self) -> str:
        return MESSAGES.get(self.code, "")

    @property
    def is_for_research_only(self) -> bool:
        return self.code == RESEARCH_ONLY

    @property
    def is_in_quarantine(self) -> bool:
        return self.code == QUARANTINE


def encode_blood_group(abo: str, rhd: Rhd, use: IntendedUse = IntendedUse.NOT_SPECIFIED) -> str:
    """Write the content of data structure 002. Raises ``BloodGroupRefused`` where there is no such code."""
    for code, group in GROUPS.items():
        if group == (abo, rhd, use):
            return BloodGroup(code).content
    raise BloodGroupRefused(f"There is no code for {abo}, RhD {rhd}, {use}.", field="blood_group")


def decode_blood_group(text: str) -> BloodGroup:
    """Read the content of data structure 002. Raises ``BloodGroupRefused``."""
    found = _WELL_MADE.fullmatch(as_text(text))
    if found and (found[1] in GROUPS or found[1] in MESSAGES or _OTHER_GROUP.fullmatch(found[1])):
        return BloodGroup(found[1], found[2])
    raise BloodGroupRefused(f"“{shown(text)}” is no blood group and no special message.", field="blood_group")
