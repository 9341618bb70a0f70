"""The states of units and samples as a document: Mermaid diagrams and the table with its sentences."""

from collections.abc import Iterator

from inventory.domain import sample, unit
from inventory.domain.unit import RESERVED_FROM, TRANSITIONS, Event, Transition, UnitState

HEAD = """\
# States

Drawn by `python manage.py draw_states` from `inventory/domain/unit.py` and `inventory/domain/sample.py`; a test fails
when this page is stale. `change_state` is the one writer of a unit's state, and it goes along this table alone.

## Units
"""
TABLE_HEAD = """\
| from | to | event | when |
|---|---|---|---|
"""
FOOT = """
Expiry and holds are not states: they are facts that every step asks again. Nothing is ever deleted.

## Reference samples

"""


def draw() -> str:
    """Return the whole page."""
    unit_lines = [*_arrows(), *(f"    {state.value} --> [*]" for state in UnitState if state in unit.FINAL)]
    sample_lines = sorted(
        f"    {from_.value if from_ else '[*]'} --> {to.value}" for from_, to in sample.TRANSITIONS
    ) + sorted(f"    {state.value} --> [*]" for state in sample.FINAL)
    rows = "".join(_row(transition) for transition in TRANSITIONS)
    return f"{HEAD}\n{_mermaid(unit_lines)}\n{TABLE_HEAD}{rows}{FOOT}{_mermaid(sample_lines)}"


def _mermaid(lines: list[str]) -> str:
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def _arrows() -> Iterator[str]:
    for transition in TRANSITIONS:
        for event, sources in transition.sources.items():
            for source in sources:
                yield from _arrows_of(transition, event, source)


def _arrows_of(transition: Transition, event: Event, source: UnitState | None) -> Iterator[str]:
    targets = (transition.target,) if transition.target else RESERVED_FROM
    label = event.value.replace("_", " ")
    for target in targets:
        yield f"    {source.value if source else '[*]'} --> {target.value}: {label}"


def _row(transition: Transition) -> str:
    sources = dict.fromkeys(_name(source) for each in transition.sources.values() for source in each)
    target = _name(transition.target) if transition.target else "where it was reserved from"
    events = ", ".join(event.value.replace("_", " ") for event in transition.sources)
    return f"| {', '.join(sources)} | {target} | {events} | {transition.when} |\n"


def _name(state: UnitState | None) -> str:
    if state is None:
        return "–"
    return f"**{state.value}**" if state in unit.FINAL else state.value
