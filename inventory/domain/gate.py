"""The nine gates of a release together: which bind at which step, what stands against a unit, and what is signed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

from biobank.domain.refusal import Reason, RuleViolation
from inventory.domain.assay import in_words, written
from inventory.domain.finding import Finding, Gate
from inventory.domain.gate_facts import (
    DeterminationFacts,
    DeviationFacts,
    DonorFacts,
    GateFacts,
    LotFacts,
    PeopleFacts,
    RequestFacts,
    ReservationFacts,
    UnitFacts,
)
from inventory.domain.gate_rules import (
    consent_covers_the_study,
    donors_are_eligible,
    expiry_is_not_passed,
    no_hold_is_open,
    people_may_sign,
    protocol_takes_the_unit,
    quality_is_within_specification,
    reserved_for_this_request,
    typing_is_confirmed,
)
from inventory.domain.release import ReleaseKind
from inventory.domain.verdict import Outcome
from inventory.domain.waiver import conditions, waived_words

__all__ = [
    "DeterminationFacts",
    "DeviationFacts",
    "DonorFacts",
    "Finding",
    "Gate",
    "GateFacts",
    "LotFacts",
    "NotReleasable",
    "Outcome",
    "PeopleFacts",
    "RequestFacts",
    "ReservationFacts",
    "Step",
    "UnitFacts",
    "WorklistLine",
    "check_gates",
    "evaluate",
    "obstacles_at",
    "snapshot",
    "worklist",
]


class Step(StrEnum):
    REQUEST = "request"
    APPROVAL = "approval"
    FIRST_SIGNATURE = "first_signature"
    SECOND_SIGNATURE = "second_signature"
    PICK = "pick"
    HAND_OVER = "hand_over"


class NotReleasable(RuleViolation):
    code = "not-releasable"
    title = "This cannot go forward"
    mend = "Settle every obstacle listed, or choose another unit."


@dataclass(frozen=True)
class WorklistLine:
    """One thing to find out before release."""

    gate: Gate
    task: str


Stands = Callable[[Finding], bool]


def _is_no_pass(finding: Finding) -> bool:
    return finding.outcome is not Outcome.PASS


def _fails(finding: Finding) -> bool:
    return finding.outcome is Outcome.FAIL


def _fails_or_was_not_acceptable(finding: Finding) -> bool:
    return _fails(finding) or finding.acceptance_stage is not Outcome.PASS


# When a gate's answer stands in the way. Before signing, what cannot be known yet must not block the work that makes
# it known: gate 3's release stage and gate 4 may still be unknown. A gate not named does not bind at that step.
AT_REQUEST: Mapping[Gate, Stands] = {
    Gate.CONSENT: _is_no_pass,
    Gate.ELIGIBILITY: _is_no_pass,
    Gate.QUALITY: _fails_or_was_not_acceptable,
    Gate.TYPING: _fails,
    Gate.EXPIRY: _is_no_pass,
    Gate.HOLDS: _is_no_pass,
    Gate.PROTOCOL: _is_no_pass,
}
AT_SIGNATURE: Mapping[Gate, Stands] = dict.fromkeys(Gate, _is_no_pass)
BINDING: Mapping[Step, Mapping[Gate, Stands]] = {
    Step.REQUEST: AT_REQUEST,
    Step.APPROVAL: {**AT_REQUEST, Gate.RESERVATION: _is_no_pass},
    Step.FIRST_SIGNATURE: AT_SIGNATURE,
    Step.SECOND_SIGNATURE: AT_SIGNATURE,
    Step.PICK: AT_SIGNATURE,
    Step.HAND_OVER: AT_SIGNATURE,
}


def evaluate(facts: GateFacts, at: datetime) -> tuple[Finding, ...]:
    """Answer all nine gates for one unit at that instant."""
    return (
        consent_covers_the_study(facts),
        donors_are_eligible(facts),
        quality_is_within_specification(facts),
        typing_is_confirmed(facts),
        expiry_is_not_passed(facts, at),
        no_hold_is_open(facts),
        reserved_for_this_request(facts, at),
        protocol_takes_the_unit(facts, at),
        people_may_sign(facts),
    )


def obstacles_at(
    step: Step, findings: Iterable[Finding], kind: ReleaseKind = ReleaseKind.NORMAL
) -> tuple[Finding, ...]:
    """Return the findings that stand in the way at this step; a gate nobody answered reads as unknown."""
    answered = {gate: Finding(gate, Outcome.UNKNOWN, "not evaluated") for gate in Gate}
    answered |= {finding.gate: finding for finding in findings}
    return tuple(
        answered[gate]
        for gate in sorted(BINDING[step])
        if BINDING[step][gate](answered[gate]) and kind not in answered[gate].waivable_by
    )


def check_gates(step: Step, findings: Mapping[str, Iterable[Finding]], kind: ReleaseKind = ReleaseKind.NORMAL) -> None:
    """Raise ``NotReleasable`` with every obstacle of every unit; ``findings`` are by unit code."""
    reasons = [
        Reason(f"{unit}: gate {obstacle.gate.value} ({obstacle.gate.label}): {obstacle.reason}.", _code(obstacle), unit)
        for unit, found in findings.items()
        for obstacle in obstacles_at(step, found, kind)
    ]
    if reasons or not findings:
        what = f"Not everything is in order at the step “{step.value.replace('_', ' ')}”."
        raise NotReleasable(what, reasons=reasons)


def worklist(findings: Iterable[Finding]) -> tuple[WorklistLine, ...]:
    """Return what must still become known, one line for each unknown that approval tolerates."""
    lines = []
    for finding in findings:
        if finding.outcome is not Outcome.UNKNOWN or finding.gate not in (Gate.QUALITY, Gate.TYPING):
            continue
        tasks = [_task(code) for code in finding.criteria] or [finding.reason]
        lines += [WorklistLine(finding.gate, task) for task in tasks]
    return tuple(lines)


def snapshot(findings: Iterable[Finding], facts: GateFacts) -> Mapping[str, object]:
    """Return what is signed of one unit: facts and verdicts, never the instant of evaluation.

    Gate 9 and the signers are left out: they differ between the two signatures, and each signature names its own.
    """
    content = _plain(facts)
    del content["people"]
    answered = [finding for finding in findings if finding.gate is not Gate.PEOPLE]
    kind = facts.request.kind if facts.request else ReleaseKind.NORMAL
    return {
        "unit": facts.unit.code,
        "facts": content,
        "gates": [_plain(finding) for finding in answered],
        "waived": _plain(tuple(waived_words(answered, kind))),
        "conditions": list(conditions(answered, kind)),
    }


def _code(finding: Finding) -> str:
    return f"gate-{finding.gate.value}-{finding.outcome.value}"


def _task(criterion: str) -> str:
    stage, _, assay = criterion.partition(":")
    return f"{in_words(assay)} ({stage.replace('_', ' ')})"


def _plain(value: Any) -> Any:
    """One written form of facts: sets sorted, decimals without exponent or trailing zeros."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return written(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
