"""Reference samples: kept to test, never to release; their roles and the table of their states."""

from decimal import Decimal
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation


class SampleState(StrEnum):
    STORED = "stored"
    CONSUMED = "consumed"
    DISCARDED = "discarded"
    LOST = "lost"
    VOIDED = "voided"


FINAL = frozenset(state for state in SampleState if state is not SampleState.STORED)

TRANSITIONS: frozenset[tuple[SampleState | None, SampleState]] = frozenset(
    {(None, SampleState.STORED)} | {(SampleState.STORED, state) for state in FINAL},
)


class SampleRole(StrEnum):
    SEGMENT = "segment"
    VIABLE_VIAL = "viable_vial"
    SERUM = "serum"
    PLASMA = "plasma"
    DNA = "dna"
    RED_CELL_PELLET = "red_cell_pellet"
    MATERNAL_SERUM = "maternal_serum"
    MATERNAL_PLASMA = "maternal_plasma"
    MATERNAL_DNA = "maternal_dna"


MATERNAL = frozenset({SampleRole.MATERNAL_SERUM, SampleRole.MATERNAL_PLASMA, SampleRole.MATERNAL_DNA})


# A tube of a rack holds less than this; a larger number was microlitres.
MOST_SAMPLE_ML = Decimal(50)


class SampleRefused(RuleViolation):
    code = "sample-refused"
    title = "The sample was not registered"
    mend = "Correct what is named and register it again; nothing was saved."


class IllegalSampleTransition(RuleViolation):
    code = "illegal-sample-transition"
    title = "The sample's state does not allow this"
    mend = "Open the sample and look at its state: somebody may have changed it since the page was loaded."


def check_sample_transition(from_: SampleState | None, to: SampleState) -> None:
    if (from_, to) not in TRANSITIONS:
        origin = from_.value if from_ else "nothing"
        raise IllegalSampleTransition(f"A reference sample cannot go from {origin} to {to.value}.")


def obstacles_to_sample(role: SampleRole, *, attached: bool, has_bag: bool, volume_ml: Decimal | None) -> list[Reason]:
    """Return why there can be no such sample: what hangs on a bag names it, and is not the mother's."""
    reasons = []
    if attached and not has_bag:
        reasons.append(Reason(f"The {role.value} hangs on a bag that is not named.", "no-bag", "unit"))
    if attached and role in MATERNAL:
        reasons.append(Reason(f"The {role.value} is the mother's: it hangs on no bag.", "maternal", "attached"))
    if volume_ml is not None and not 0 <= volume_ml <= MOST_SAMPLE_ML:
        text = f"{volume_ml} mL is no volume from 0 to {MOST_SAMPLE_ML}."
        reasons.append(Reason(text, "amount", "volume_ml"))
    return reasons
