"""The nine gates of a release: which bind at which step, what stands against a unit, and what is signed."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from biobank.domain.refusal import RuleViolation
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


class Step(StrEnum):
    REQUEST = "request"
    APPROVAL = "approval"
    FIRST_SIGNATURE = "first_signature"
    SECOND_SIGNATURE = "second_signature"
    PICK = "pick"
    HAND_OVER = "hand_over"


@dataclass(frozen=True)
class Finding:
    """What one gate answers; ``acceptance_stage`` is gate 3's answer for the stages before freezing alone."""

    gate: Gate
    outcome: Outcome
    reason: str
    evidence: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    acceptance_stage: Outcome | None = None
    waivable_by: frozenset[ReleaseKind] = frozenset()


class NotReleasable(RuleViolation):
    code = "not-releasable"
    title = "This cannot go forward"
    mend = "Settle every obstacle listed, or choose another unit."
