"""Voiding: what was registered in error, with nothing physical behind it; and who may say so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from inventory.domain.unit import Event as UnitEvent
from inventory.domain.unit import UnitState, row_for

LONGEST_REASON = 500
VOIDABLE = frozenset(state for states in row_for(UnitEvent.VOIDED).sources.values() for state in states)


class VoidingRefused(RuleViolation):
    code = "voiding-refused"
    title = "Nothing was voided"
    mend = "What is there is corrected, discarded or lost, and never voided; look at what is named."


@dataclass(frozen=True)
class VoidingFacts:
    """What is to be voided: its units' states by code, and what physical was recorded of each thing, by code."""

    subject: str
    reason: str
    states: Mapping[str, UnitState]
    physical: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open_one: str = ""


def obstacles_to_voiding(facts: VoidingFacts) -> list[Reason]:
    """Return everything that keeps this from being voided."""
    reasons = [
        Reason(f"{code} is {state.value}.", "state", "subject")
        for code, state in sorted(facts.states.items())
        if state not in VOIDABLE
    ]
    reasons += [
        Reason(f"{code} is there: {', '.join(what)}.", "physical", "subject")
        for code, what in sorted(facts.physical.items())
        if what
    ]
    if facts.open_one:
        reasons.append(Reason(f"{facts.open_one} already waits to void it.", "open", "subject"))
    if not facts.states:
        reasons.append(Reason(f"{facts.subject} has no unit to void.", "nothing", "subject"))
    return [*reasons, *obstacles_to_text(facts.reason, "reason", longest=LONGEST_REASON, needed=True)]


def check_voiding(facts: VoidingFacts) -> None:
    """Raise ``VoidingRefused`` with everything that keeps this from being voided."""
    if reasons := obstacles_to_voiding(facts):
        raise VoidingRefused(f"{facts.subject} was not voided.", reasons=reasons, field="subject")


def check_second_person(facts: VoidingFacts, *, asked_by: str, confirmed_by: str, is_open: bool) -> None:
    """Raise ``VoidingRefused`` unless another person confirms what still waits and still can be voided."""
    reasons = obstacles_to_voiding(facts)
    if not is_open:
        reasons.append(Reason("It waits no more.", "status"))
    if asked_by == confirmed_by:
        reasons.append(Reason("Who asks for a voiding does not confirm it.", "same-person"))
    if reasons:
        raise VoidingRefused(f"{facts.subject} was not voided.", reasons=reasons)
