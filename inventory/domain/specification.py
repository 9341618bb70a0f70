"""Specifications: versioned limits by product class, use and stage, and how measurements are judged by them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from inventory.domain.verdict import Outcome, worst


class Stage(StrEnum):
    PRE_PROCESS = "pre_process"
    PRE_FREEZE = "pre_freeze"
    POST_THAW = "post_thaw"
    RELEASE = "release"


ACCEPTANCE_STAGES = (Stage.PRE_PROCESS, Stage.PRE_FREEZE)
RELEASE_STAGES = (Stage.POST_THAW, Stage.RELEASE)


class Operator(StrEnum):
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"
    ONE_OF = "one_of"
    RECORDED = "recorded"


class SampleSource(StrEnum):
    """On what a value must have been measured to count for a limit."""

    UNIT = "unit"
    SOURCE = "source"
    ATTACHED_SEGMENT = "attached_segment"
    QC_VIAL = "qc_vial"
    LOT = "lot"
    MOTHER = "mother"
    INFANT = "infant"


class Qualifier(StrEnum):
    """What a recorded value says: measured, below the stated limit of the method, or why there is none."""

    MEASURED = ""
    BELOW_LIMIT = "below_limit"
    NOT_DONE = "not_done"
    QUANTITY_INSUFFICIENT = "quantity_insufficient"


@dataclass(frozen=True)
class Limit:
    """One line of a specification; ``words`` are the allowed codes of a coded assay."""

    stage: Stage
    assay: str
    operator: Operator
    limit: Decimal | None = None
    words: tuple[str, ...] = ()
    taken_from: SampleSource = SampleSource.UNIT
    mandatory: bool = True


@dataclass(frozen=True)
class Measurement:
    """One current result (not replaced): a number, or a code in ``text``; where it was measured; whether verified.

    A below-limit result carries the limit of the method in ``number``. ``reference`` is what evidence names.
    """

    assay: str
    taken_from: SampleSource
    verified: bool
    number: Decimal | None = None
    text: str = ""
    qualifier: Qualifier = Qualifier.MEASURED
    reference: str = ""
    specimen_at: datetime | None = None


@dataclass(frozen=True)
class LimitFinding:
    limit: Limit
    outcome: Outcome
    reason: str
    evidence: tuple[str, ...] = ()
