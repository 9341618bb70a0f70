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
    BETWEEN = "between"
    ONE_OF = "one_of"
    RECORDED = "recorded"


class SampleSource(StrEnum):
    """On what a value must have been measured to count for a limit."""

    UNIT = "unit"
    SOURCE = "source"
    ATTACHED_SEGMENT = "attached_segment"
    QUALITY_CONTROL_VIAL = "quality_control_vial"
    LOT = "lot"
    MOTHER = "mother"
    INFANT = "infant"


class Qualifier(StrEnum):
    """What a recorded value says: measured, below the stated limit of the method, or why there is none."""

    MEASURED = "measured"
    BELOW_LIMIT = "below_limit"
    NOT_DONE = "not_done"
    QUANTITY_INSUFFICIENT = "quantity_insufficient"


@dataclass(frozen=True)
class Limit:
    """One line of a specification; ``upper`` belongs to *between*, ``codes`` to *one of*."""

    stage: Stage
    assay: str
    operator: Operator
    source: SampleSource = SampleSource.UNIT
    value: Decimal | None = None
    upper: Decimal | None = None
    codes: tuple[str, ...] = ()
    mandatory: bool = True


@dataclass(frozen=True)
class Measurement:
    """One current result (not superseded): a number or a code, where it was measured, and whether it is verified.

    Below-limit results carry the limit of the method in ``number``.
    """

    assay: str
    source: SampleSource
    verified: bool
    number: Decimal | None = None
    code: str = ""
    qualifier: Qualifier = Qualifier.MEASURED
    reference: str = ""
    specimen_at: datetime | None = None


@dataclass(frozen=True)
class LimitFinding:
    limit: Limit
    outcome: Outcome
    reason: str
    evidence: tuple[str, ...] = ()
