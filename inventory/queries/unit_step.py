"""The next steps of a unit with what stands against each: the gates that bind there, and the rules of acceptance."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from inventory.domain.acceptance import obstacles_to_accepting
from inventory.domain.gate import Finding, Gate, Step, obstacles_at
from inventory.domain.next_step import NextStep, next_steps
from inventory.domain.specification import ACCEPTANCE_STAGES
from inventory.domain.unit import Event, UnitState, Use
from inventory.models.unit import Unit
from inventory.queries.acceptance import acceptance_facts
from inventory.queries.background import Background

BINDING: Mapping[Event, Step] = MappingProxyType(
    {Event.REQUESTED: Step.REQUEST, Event.RELEASED: Step.FIRST_SIGNATURE, Event.SHIPPED: Step.HAND_OVER}
)

# What a step itself brings is no obstacle to taking it: nobody has asked for the unit, or signed, yet.
BROUGHT: Mapping[Event, frozenset[Gate]] = MappingProxyType(
    {
        Event.REQUESTED: frozenset({Gate.CONSENT, Gate.RESERVATION, Gate.PROTOCOL, Gate.PEOPLE}),
        Event.RELEASED: frozenset({Gate.PEOPLE}),
    }
)


def steps_of(unit: Unit, findings: tuple[Finding, ...], behind: Background, *, at: datetime) -> tuple[NextStep, ...]:
    """Return the steps that still lie before a unit, with every reason against those that its state would allow."""
    state = UnitState(unit.state)
    obstacles: dict[Event, Iterable[str]] = {event: _gates_against(event, findings) for event in BINDING}
    notes: dict[Event, str] = {}
    if state is UnitState.QUARANTINED:
        obstacles[Event.ACCEPTED], notes[Event.ACCEPTED] = _acceptance(unit, behind, at=at)
    return next_steps(state, obstacles, notes)


def _gates_against(event: Event, findings: tuple[Finding, ...]) -> list[str]:
    if not findings:
        return []
    return [
        f"{finding.gate.label.capitalize()}: {finding.reason}."
        for finding in obstacles_at(BINDING[event], findings)
        if finding.gate not in BROUGHT.get(event, ())
    ]


def _acceptance(unit: Unit, behind: Background, *, at: datetime) -> tuple[list[str], str]:
    """Return what stands against accepting the unit for any use, and for which uses it could be accepted."""
    book = behind.rulebook
    human = book.in_force(unit.product_class, Use.HUMAN_APPLICATION.value)
    laboratory = book.in_force(unit.product_class, Use.LABORATORY.value)
    by_class = {unit.product_class: human} if human else {}
    facts = acceptance_facts([unit], by_class, at=at, behind=behind)[unit.pk]
    limits = book.limits[laboratory.pk] if laboratory else ()
    for_laboratory = replace(
        facts,
        specification=str(laboratory) if laboratory else "",
        limits=tuple(limit for limit in limits if limit.stage in ACCEPTANCE_STAGES),
    )
    against_human = obstacles_to_accepting(Use.HUMAN_APPLICATION, facts)
    against_laboratory = obstacles_to_accepting(Use.LABORATORY, for_laboratory)
    if not against_human:
        return [], "For human application, or for laboratory use."
    if not against_laboratory:
        reasons = " ".join(reason.text for reason in against_human)
        return [], f"For laboratory use. Not for human application: {reasons}"
    return [reason.text for reason in against_laboratory], ""
