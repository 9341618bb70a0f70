"""The next steps of a unit: which are possible now, and why the others are not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from inventory.domain.unit import Event, UnitState, row_for

# The way forward, in order, each step named by its effect.
FORWARD = MappingProxyType(
    {
        Event.RECEIVED_AT_BANK: "Receive at the bank",
        Event.ACCEPTED: "Accept for a use",
        Event.REQUESTED: "Reserve for a request",
        Event.RELEASED: "Release with two signatures",
        Event.SHIPPED: "Pick, pack and hand over",
        Event.RECEIVED: "Confirm receipt at the study site",
        Event.USED: "Record the use",
        Event.RETURNED_TO_BANK: "Receive the return at the bank",
    }
)

NO_NOTES: Mapping[Event, str] = MappingProxyType({})


@dataclass(frozen=True)
class NextStep:
    """One step; allowed when nothing stands against it."""

    event: Event
    name: str
    why_not: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_allowed(self) -> bool:
        """Whether nothing stands against it."""
        return not self.why_not


def next_steps(
    state: UnitState, obstacles: Mapping[Event, Iterable[str]], notes: Mapping[Event, str] = NO_NOTES
) -> tuple[NextStep, ...]:
    """Return the steps that still lie before a unit in this state; none for a final one.

    ``obstacles`` holds, by step, what else stands against it: the gates that bind there; ``notes``
    is what is to be known of an allowed one.
    """
    reachable = _ahead_of(state)
    return tuple(
        NextStep(event, name, _why_not(event, state, obstacles.get(event, ())), notes.get(event, ""))
        for event, name in FORWARD.items()
        if event in reachable
    )


def _why_not(event: Event, state: UnitState, obstacles: Iterable[str]) -> tuple[str, ...]:
    sources = [source for source in row_for(event).sources[event] if source is not None]
    if state in sources:
        return tuple(obstacles)
    wanted = " or ".join(source.value for source in sources)
    return (f"The unit is {state.value}; this needs it {wanted}.",)


def _ahead_of(state: UnitState) -> set[Event]:
    """Return the steps that can still come, by following the table from here."""
    found: set[Event] = set()
    frontier, seen = {state}, {state}
    while frontier:
        here = frontier.pop()
        for event in FORWARD:
            row = row_for(event)
            if here in row.sources[event] and event not in found:
                found.add(event)
                if row.target is not None and row.target not in seen:
                    seen.add(row.target)
                    frontier.add(row.target)
    return found
