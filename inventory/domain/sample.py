"""Reference samples: kept to test, never to release; their roles and the table of their states."""

from enum import StrEnum

from biobank.domain.refusal import RuleViolation


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


class IllegalSampleTransition(RuleViolation):
    code = "illegal-sample-transition"
    title = "The sample's state does not allow this"
    mend = "Open the sample and look at its state: somebody may have changed it since the page was loaded."


def check_sample_transition(from_: SampleState | None, to: SampleState) -> None:
    if (from_, to) not in TRANSITIONS:
        origin = from_.value if from_ else "nothing"
        raise IllegalSampleTransition(f"A reference sample cannot go from {origin} to {to.value}.")
