"""Processing: times in order, and amounts that agree between parents and children."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from biobank.domain.refusal import Reason, RuleViolation
from inventory.domain.unit import UnitState

PROCESSABLE = frozenset({UnitState.COLLECTED, UnitState.QUARANTINED, UnitState.AVAILABLE})


class ProcessingRefused(RuleViolation):
    code = "processing-refused"
    title = "The processing was not recorded"
    mend = "Correct what is named and record it again; nothing was recorded."


@dataclass(frozen=True)
class ParentFacts:
    """One parent, its amount before, and what its children took of it (mL or g; None where not measured)."""

    code: str
    state: UnitState
    amount: Decimal | None
    taken: tuple[Decimal, ...]
    collected_at: datetime | None = None


@dataclass(frozen=True)
class ProcessingFacts:
    parents: tuple[ParentFacts, ...]
    children: tuple[str, ...]
    started_at: datetime
    frozen_at: datetime | None = None
    volume_before_ml: Decimal | None = None
    volume_after_ml: Decimal | None = None


def obstacles_to_processing(facts: ProcessingFacts, *, at: datetime) -> list[Reason]:
    """Return every reason why this processing cannot be recorded as stated."""
    reasons = [*_of_times(facts, at), *_of_volumes(facts)]
    if not facts.parents or not facts.children:
        reasons.append(Reason("Processing has at least one parent and one child.", "no-lineage", "children"))
    if len(set(facts.children)) < len(facts.children):
        reasons.append(Reason("Two children have the same code.", "same-code", "children"))
    for parent in facts.parents:
        reasons += _of_parent(parent, facts.started_at)
    return reasons


def check_processing(facts: ProcessingFacts, *, at: datetime) -> None:
    if reasons := obstacles_to_processing(facts, at=at):
        raise ProcessingRefused("This processing cannot be recorded as stated.", reasons=reasons)


def remaining(amount: Decimal, taken: Iterable[Decimal]) -> Decimal:
    """What is left of a parent; zero means that it was wholly turned into children."""
    return amount - sum(taken, start=Decimal(0))


def _of_times(facts: ProcessingFacts, at: datetime) -> list[Reason]:
    reasons = []
    if facts.started_at > at:
        reasons.append(Reason("The processing lies in the future.", "future-start", "started_at"))
    if facts.frozen_at is not None and facts.frozen_at > at:
        reasons.append(Reason("The freezing lies in the future.", "future-freezing", "frozen_at"))
    if facts.frozen_at is not None and facts.frozen_at < facts.started_at:
        reasons.append(Reason("It was frozen before processing began.", "frozen-before-start", "frozen_at"))
    return reasons


def _of_volumes(facts: ProcessingFacts) -> list[Reason]:
    named = (("volume_before_ml", facts.volume_before_ml), ("volume_after_ml", facts.volume_after_ml))
    return [
        Reason("A volume is more than nothing.", "volume", field)
        for field, volume in named
        if volume is not None and volume <= 0
    ]


def _of_parent(parent: ParentFacts, started_at: datetime) -> list[Reason]:
    reasons = []
    if parent.state not in PROCESSABLE:
        reasons.append(Reason(f"{parent.code} is {parent.state.value}.", "parent-state", "parents"))
    if parent.collected_at is not None and started_at < parent.collected_at:
        reasons.append(Reason(f"{parent.code} was collected after that.", "before-collection", "started_at"))
    if any(taken <= 0 for taken in parent.taken):
        reasons.append(Reason(f"An amount taken from {parent.code} is nothing or less.", "amount", "children"))
    elif parent.amount is not None and remaining(parent.amount, parent.taken) < 0:
        total = sum(parent.taken, start=Decimal(0))
        reasons.append(Reason(f"{total} taken from {parent.code}, which holds {parent.amount}.", "amount", "children"))
    return reasons
