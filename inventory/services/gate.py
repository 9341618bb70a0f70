"""Asking the gates before a step, and leaving the trace of an attempt that they stopped."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain import gate
from inventory.domain.finding import Finding
from inventory.domain.gate import NotReleasable, Step, evaluate
from inventory.domain.gate_facts import GateFacts
from inventory.domain.release import ReleaseKind


@dataclass(frozen=True)
class Attempt:
    """What was attempted: the kind of entry that a refusal leaves, and the codes it names."""

    kind: str
    subjects: tuple[str, ...]
    by: Person
    at: datetime

    def note(self, step: str, reasons: Sequence[Reason]) -> None:
        """Record the attempt and every reason against it."""
        record(
            self.kind,
            subjects=self.subjects,
            by=self.by,
            at=self.at,
            reason=" ".join(reason.text for reason in reasons),
            new={"step": str(step), "refused": True, "reasons": [reason.text for reason in reasons]},
        )


def evaluate_all(facts: Iterable[GateFacts], *, at: datetime) -> dict[str, tuple[Finding, ...]]:
    """Return the findings of all nine gates by unit code."""
    return {each.unit.code: evaluate(each, at) for each in facts}


def check_gates(
    step: Step,
    findings: Mapping[str, Sequence[Finding]],
    attempt: Attempt,
    *,
    kind: ReleaseKind = ReleaseKind.NORMAL,
    besides: Sequence[Reason] = (),
    afterwards: Iterable[Callable[[], object]] = (),
) -> None:
    """Raise ``NotReleasable`` with every obstacle of every unit, and what stands against it ``besides``.

    What the ``kind`` of the release may leave open is no obstacle. The refusal leaves one entry of the attempt;
    ``afterwards`` happens as well, once all else is rolled back.
    """
    try:
        gate.check_gates(step, findings, kind)
    except NotReleasable as found:
        refusal = found
    else:
        if not besides:
            return
        refusal = NotReleasable("Not every unit can be had.")
    reasons = refusal.reasons = (*besides, *refusal.reasons)
    refusal.afterwards = (lambda: attempt.note(step, reasons), *afterwards)
    raise refusal
