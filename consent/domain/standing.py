"""What answers on a form amount to: the terms that hold, and whether cells may be given to human beings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.domain.donor import Origin
from consent.domain.permitted_use import Standing, Term


@dataclass(frozen=True, order=True)
class Source:
    """Whose cells: a donor, and which of her infants; None where the donation does not say.

    ``after_death`` is said of a recovery: its parents' authorisation speaks for it, and not the birth's consent.
    """

    donor_id: int
    infant_id: int | None = None
    after_death: bool = False


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One statement with its answer as it holds; ``granted`` is None where it was left open, False once taken back."""

    granted: bool | None
    term: Term
    human_application: bool = False
    applies_when_refused: bool = False


def terms_that_hold(answers: Sequence[Answered]) -> tuple[Term, ...]:
    """Return the permissions and restrictions that the answers put into effect, in the form's order."""
    return tuple(answered.term for answered in answers if answered.term.duo and _holds(answered))


def grants_human_application(answers: Sequence[Answered]) -> bool:
    """Tell whether human application was asked and every such statement was answered yes."""
    asked = [answered for answered in answers if answered.human_application]
    return bool(asked) and all(answered.granted is True for answered in asked)


def standing_without_consent(origin: str) -> Standing:
    """Return how a donor without any recorded consent stands: what another bank obtained is unknown, not absent."""
    return Standing.NONE if origin == Origin.OWN.value else Standing.UNKNOWN


def standing_at(standing: Standing, ends_at: datetime | None, at: datetime) -> Standing:
    """Return how a consent recorded so stands at an instant: the instant of its end is past, recorded or not."""
    ended = standing is Standing.ACTIVE and ends_at is not None and ends_at <= at
    return Standing.EXPIRED if ended else standing


def _holds(answered: Answered) -> bool:
    if answered.applies_when_refused:
        # A question left open does not lift the restriction.
        return answered.granted is not True
    return answered.granted is True
