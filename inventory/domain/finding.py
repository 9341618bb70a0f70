"""What a gate answers: pass, unknown or fail, why, and on which evidence."""

from dataclasses import dataclass
from enum import IntEnum

from inventory.domain.release import ReleaseKind
from inventory.domain.verdict import Outcome


class Gate(IntEnum):
    CONSENT = 1
    ELIGIBILITY = 2
    QUALITY = 3
    TYPING = 4
    EXPIRY = 5
    HOLDS = 6
    RESERVATION = 7
    PROTOCOL = 8
    PEOPLE = 9

    @property
    def label(self) -> str:
        """The gate in words."""
        return LABELS[self]


LABELS = {
    Gate.CONSENT: "consent",
    Gate.ELIGIBILITY: "donor eligibility",
    Gate.QUALITY: "quality",
    Gate.TYPING: "typing confirmed",
    Gate.EXPIRY: "expiry",
    Gate.HOLDS: "holds",
    Gate.RESERVATION: "reservation",
    Gate.PROTOCOL: "protocol",
    Gate.PEOPLE: "people",
}


@dataclass(frozen=True)
class Finding:
    """One gate's answer.

    ``criteria`` names each failed or missing criterion. ``acceptance_stage`` is gate 3's answer for the stages before
    freezing alone. ``waivable_by`` says which kinds of release may go on although this is not a pass.
    """

    gate: Gate
    outcome: Outcome
    reason: str
    evidence: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    acceptance_stage: Outcome | None = None
    waivable_by: frozenset[ReleaseKind] = frozenset()
    warnings: tuple[str, ...] = ()
