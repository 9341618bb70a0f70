"""The three answers every rule about a unit can give: pass, unknown, fail."""

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105 - an answer
    UNKNOWN = "unknown"
    FAIL = "fail"

    @property
    def severity(self) -> int:
        return list(Outcome).index(self)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of several outcomes; nothing to judge is a pass, so callers must refuse emptiness themselves."""
    return max(outcomes, key=lambda outcome: outcome.severity, default=Outcome.PASS)
