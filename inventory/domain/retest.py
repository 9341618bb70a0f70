"""What a closed inquiry left of a unit or lot, to be discarded or to be tested first, and which test settles that."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from biobank.domain.refusal import Reason
from inventory.domain.assay import ASSAYS, AssayGroup, Qualifier

# The word that assessments and closings share, for what no test can bring back.
DISCARD = "discard"
# What was measured; anything else says that it was not.
MEASURED = frozenset({Qualifier.MEASURED, Qualifier.BELOW_LIMIT})
# What is computed from other values tests nothing.
COMPUTED = frozenset(code for code, assay in ASSAYS.items() if assay.group is AssayGroup.COMPUTED)


class Inquiry(StrEnum):
    EXCURSION = "excursion"
    DEVIATION = "deviation"


@dataclass(frozen=True)
class Left:
    """What quality's signature left of one thing at an instant: to be discarded, or else to be tested first."""

    inquiry: Inquiry
    reference: str
    discard: bool
    since: datetime


@dataclass(frozen=True)
class Retest:
    """One result of what is to be tested as it stands now, with the times of the one it began as.

    A correction of what was measured before says what was measured before: ``entered_at``, ``specimen_at`` and
    ``verified_at`` are those of the first in its line, ``stands`` says that the last of it is verified and measured.
    """

    assay: str
    stands: bool
    entered_at: datetime
    verified_at: datetime | None
    specimen_at: datetime | None = None


def settles(test: Retest, left: Left) -> bool:
    """Whether a result was measured and verified since: what was known before was known to who signed."""
    if left.discard or not test.stands or test.assay in COMPUTED or test.verified_at is None:
        return False
    return min(test.entered_at, test.verified_at, test.specimen_at or test.entered_at) > left.since


def obstacles_left(lefts: Iterable[Left]) -> list[Reason]:
    """Return why what was left by these keeps from accepting."""
    return [Reason(f"{each.inquiry.capitalize()} {each.reference} {_what(each)}.", each.inquiry) for each in lefts]


def _what(left: Left) -> str:
    if left.discard:
        return "left it to be discarded"
    return "left it to be tested first, and nothing of it was measured and verified since"
