"""Holds: doubt about something, who may place one and who may lift it."""

from dataclasses import dataclass
from enum import StrEnum


class HoldKind(StrEnum):
    CONSENT_WITHDRAWN = "consent_withdrawn"
    EXCURSION = "excursion"
    INVESTIGATION = "investigation"
    NOTICE = "notice"
    MIX_UP = "mix_up"
    RECEIPT = "receipt"
    ADMINISTRATIVE = "administrative"


@dataclass(frozen=True)
class HoldFacts:
    """One open hold: its own code, what it lies on (unit, lot, ancestor, donation, donor code), and why."""

    code: str
    kind: HoldKind
    lies_on: str
    reason: str = ""
