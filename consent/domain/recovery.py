"""Recovery after death: what its parents' authorisation must be, beside what the mother answered at the birth.

Two answers of one donor then stand at once and contradict each other in nothing: the birth's speaks for what was
collected at the birth, the authorisation for what is recovered from the infant that died, and each is given again,
narrowed, declined or withdrawn for itself.
"""

from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason
from consent.domain.form import Extent


@dataclass(frozen=True)
class Death:
    """The infant that is named as having died: whether it is this donor's, and when it was born, if that is known."""

    is_theirs: bool
    born_at: datetime | None


def obstacles_of_death(death: Death | None, extent: Extent, *, given_at: datetime, by_infant: bool) -> list[Reason]:
    """Return what speaks against an answer of this kind of form for an infant that died, or for none."""
    is_for_it = extent is Extent.AFTER_DEATH
    if death is None:
        text = "Parents authorise a recovery after death for one infant: name it."
        return [Reason(text, "no-infant", "deceased")] if is_for_it else []
    born_before = death.born_at is None or death.born_at <= given_at
    checks = (
        (is_for_it, "Only a form for recovery after death speaks of an infant that died.", "other-form", "form"),
        (death.is_theirs, "The infant is not one of this donor's.", "other-donor", "deceased"),
        (not by_infant, "The parents answer for an infant that died, and nobody else.", "answers", "infant"),
        (born_before, "It was given before the infant was born.", "before-birth", "given_at"),
    )
    return [Reason(text, code, field) for holds, text, code, field in checks if not holds]
