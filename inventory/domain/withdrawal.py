"""What a donor allowing less means for units: which are still stopped, by the stage that the form version names.

Withdrawn, or declined after a collection-only consent: everything is taken back and the source held. Narrowed, expired,
or replaced by an answer that grants less: only what is no longer allowed is taken back or let go, and nothing is held.
"""

from consent.domain.consent import EventKind
from consent.domain.form import WithdrawalStage
from inventory.domain.unit import UnitState

# What lies at a study site, or lay there: it cannot be stopped, so the site is told.
LEFT = frozenset({UnitState.SHIPPED, UnitState.RECEIVED, UnitState.RETURNED, UnitState.USED})

# After these nothing is allowed any more; after the others some of it is.
ALLOWS_NOTHING = frozenset({EventKind.WITHDRAWN, EventKind.DECLINED})
# What left before a consent ran out left lawfully, and nobody has taken anything back: no site is told.
SITES_ARE_TOLD_OF = frozenset({EventKind.NARROWED, EventKind.GIVEN})


def is_past(stage: WithdrawalStage, state: UnitState, *, picked: bool) -> bool:
    """Whether a unit that is still in the bank has passed the stage up to which withdrawal stops it."""
    if stage is WithdrawalStage.RESERVATION:
        return state in {UnitState.RESERVED, UnitState.RELEASED}
    if stage is WithdrawalStage.RELEASE:
        return state is UnitState.RELEASED
    return stage is WithdrawalStage.PICK and state is UnitState.RELEASED and picked
