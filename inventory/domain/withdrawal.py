"""Withdrawal of consent: which units it still stops, by the stage that the form version names."""

from consent.domain.form import WithdrawalStage
from inventory.domain.unit import UnitState

# What lies at a study site, or lay there: it cannot be stopped, so the site is told.
LEFT = frozenset({UnitState.SHIPPED, UnitState.RECEIVED, UnitState.RETURNED, UnitState.USED})


def is_past(stage: WithdrawalStage, state: UnitState, *, picked: bool) -> bool:
    """Whether a unit that is still in the bank has passed the stage up to which withdrawal stops it."""
    if stage is WithdrawalStage.RESERVATION:
        return state in {UnitState.RESERVED, UnitState.RELEASED}
    if stage is WithdrawalStage.RELEASE:
        return state is UnitState.RELEASED
    return stage is WithdrawalStage.PICK and state is UnitState.RELEASED and picked
