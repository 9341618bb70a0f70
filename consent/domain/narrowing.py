"""Narrowing a consent: some of what was granted is taken back, and the rest stands.

Only what widened a use can be taken back: a permission, human application, or the yes that kept a restriction away. A
restriction that the donor set herself is lifted by a new consent alone; without a condition (to collect, test and
store) there is no gift, so taking that back is a withdrawal, and so is taking back the last permission.

A narrowing reaches units as a withdrawal does, up to the stage that the form names, with her row locked first: what was
accepted for a use that she no longer allows is quarantined, what was reserved or released for a study that she no
longer allows is let go and stays accepted, sites that have material of such studies are told. No hold is placed on the
donor: the rest of what she allows goes on. A unit past the form's stage is held until the medical director has decided.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from consent.domain.duo import is_permission
from consent.domain.permitted_use import Standing
from consent.domain.standing import Answered

NO_CONSENT = Reason("The donor has no active consent to narrow.", "no-consent", "donor")


class NarrowingRefused(RuleViolation):
    """A narrowing cannot be recorded as stated."""

    code = "narrowing-refused"
    title = "Narrowing not recorded"
    mend = "Correct what is named and record it again at once: until then everything that was granted stays so."


@dataclass(frozen=True, kw_only=True)
class NarrowingFacts:
    """What a narrowing is decided on: how the consent stands, its answers as they hold, and what is taken back."""

    standing: Standing
    given_at: datetime
    answers: Mapping[str, Answered]
    taken_back: Collection[str]
    reason: str
    occurred_at: datetime


def obstacles_to_narrow(facts: NarrowingFacts, *, at: datetime) -> list[Reason]:
    """Return everything that keeps the narrowing from being recorded."""
    reasons = obstacles_to_text(facts.reason, "reason", longest=500, needed=True)
    if facts.standing is not Standing.ACTIVE:
        return [*reasons, NO_CONSENT]
    if facts.occurred_at > at:
        reasons.append(Reason("The time of the narrowing lies in the future.", "future", "occurred_at"))
    if facts.occurred_at < facts.given_at:
        reasons.append(Reason("The narrowing lies before the consent was given.", "before-consent", "occurred_at"))
    if not facts.taken_back:
        reasons.append(Reason("Name what is taken back.", "nothing", "taken_back"))
    faults = [fault for key in sorted(facts.taken_back) if (fault := _fault(key, facts.answers.get(key))) is not None]
    return [*reasons, *faults, *([] if faults else _nothing_left(facts))]


def check_narrowing(facts: NarrowingFacts, *, at: datetime) -> None:
    """Raise ``NarrowingRefused`` with every obstacle."""
    if reasons := obstacles_to_narrow(facts, at=at):
        raise NarrowingRefused("The narrowing cannot be recorded as stated.", reasons=reasons)


def nothing_to_narrow() -> NarrowingRefused:
    """Return the refusal for a donor of whom no consent is on record."""
    return NarrowingRefused("The narrowing cannot be recorded as stated.", reasons=[NO_CONSENT])


def _fault(key: str, answered: Answered | None) -> Reason | None:
    if answered is None:
        return Reason(f"The form does not ask “{key}”.", "not-asked", key)
    if answered.granted is not True:
        return Reason(f"“{key}” was never granted, or was taken back before.", "not-granted", key)
    if _widens_a_use(answered):
        return None
    if answered.term.duo:
        return Reason(f"“{key}” restricts the use: lifting it takes a new consent.", "restriction", key)
    return Reason(f"Without “{key}” there is no gift: record a withdrawal.", "condition", key)


def _widens_a_use(answered: Answered) -> bool:
    return answered.human_application or is_permission(answered.term.duo) or answered.applies_when_refused


def _nothing_left(facts: NarrowingFacts) -> list[Reason]:
    left = [each for key, each in facts.answers.items() if key not in facts.taken_back and each.granted is True]
    if not facts.taken_back or any(is_permission(each.term.duo) for each in left):
        return []
    return [Reason("No permitted use would be left: record a withdrawal of future use.", "nothing-left", "taken_back")]
