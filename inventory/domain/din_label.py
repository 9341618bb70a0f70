"""DIN labels: issued in ranges of serial numbers, used by donations, or spoiled; counted so that none goes missing."""

from collections.abc import Collection
from dataclasses import dataclass

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from inventory.domain.din import Din

LONGEST_REASON = 500
MOST_AT_ONCE = 10_000


class LabelsRefused(RuleViolation):
    code = "labels-refused"
    title = "The labels were not recorded"
    mend = "Look at the roll of labels again; nothing was recorded."


@dataclass(frozen=True)
class Roll:
    """A roll of labels: one facility and year, from a first to a last serial number."""

    first: Din
    last: Din

    @property
    def prefix(self) -> str:
        return self.first.text[:7]

    @property
    def count(self) -> int:
        return int(self.last.serial) - int(self.first.serial) + 1


@dataclass(frozen=True)
class Reconciliation:
    """What became of the labels of one range, by their DINs where it matters."""

    reference: str
    issued: int
    used: int
    spoiled: int

    @property
    def left(self) -> int:
        return self.issued - self.used - self.spoiled


def check_roll(roll: Roll, *, overlapping: Collection[str]) -> None:
    """Raise ``LabelsRefused`` for a roll that is none, or whose labels were issued before."""
    checks = (
        (roll.first.text[:7] == roll.last.text[:7], "First and last are of one facility and year.", "prefix"),
        (roll.first <= roll.last, "The last label comes before the first.", "order"),
        (roll.count <= MOST_AT_ONCE, f"A roll has at most {MOST_AT_ONCE} labels.", "too-many"),
        (not overlapping, f"Some of them were issued in {', '.join(overlapping)}.", "issued-before"),
    )
    if reasons := [Reason(text, code, "last") for holds, text, code in checks if not holds]:
        raise LabelsRefused("The labels were not issued.", reasons=reasons, field="last")


def check_spoiling(din: Din, reason: str, *, issued: bool, used: bool, spoiled: bool) -> None:
    """Raise ``LabelsRefused`` for a label that was never issued, is on a donation, or was spoiled before."""
    checks = (
        (issued, f"{din} was never issued.", "not-issued"),
        (not used, f"{din} is a donation's: void that first.", "used"),
        (not spoiled, f"{din} was spoiled before.", "spoiled"),
    )
    reasons = [Reason(text, code, "din") for holds, text, code in checks if not holds]
    reasons += obstacles_to_text(reason, "reason", longest=LONGEST_REASON, needed=True)
    if reasons:
        raise LabelsRefused(f"{din} was not recorded as spoiled.", reasons=reasons, field=reasons[0].field)
