"""Deviations: what a departure from procedure must say, who may close it, and when it is to be reported."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text

LONGEST_STORY = 2000
LONGEST_WHY = 500
LONGEST_CAPA = 32


class DeviationClass(StrEnum):
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


# While one of these is open, gate 3 refuses what it touched.
STOPS = frozenset({DeviationClass.MAJOR, DeviationClass.CRITICAL})


class DeviationDisposition(StrEnum):
    """What quality says of a touched unit or lot; 21 CFR 1271.265(c)(3) wants "no increased risk" justified."""

    NO_INCREASED_RISK = "no_increased_risk"
    TEST_FIRST = "test_first"
    DISCARD = "discard"


# Dispositions that take the acceptance back.
TAKES_BACK = frozenset({DeviationDisposition.TEST_FIRST, DeviationDisposition.DISCARD})


class DeviationRefused(RuleViolation):
    code = "deviation-refused"
    title = "The deviation was not recorded"
    mend = "Correct what is named and send it again; nothing was saved."


class DeviationNotClosed(RuleViolation):
    code = "deviation-not-closed"
    title = "The deviation stays open"
    mend = "Correct what is named and sign it again; nothing was saved."


@dataclass(frozen=True)
class OpeningFacts:
    """A deviation as told. ``touched`` are the codes of what it touched, ``unknown`` counts those that are none."""

    what_happened: str
    immediate_action: str
    occurred_at: datetime
    touched: tuple[str, ...]
    unknown: int = 0


@dataclass(frozen=True)
class Disposition:
    """The disposition of touched units and lots, by code, and why."""

    disposition: str
    goods: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class ClosingFacts:
    """A deviation to be closed; ``goods`` are the codes of the units and lots it touched, ``people`` whom it names."""

    opened_by: str
    closed_by: str
    is_open: bool
    investigation: str
    capa_reference: str = ""
    goods: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    dispositions: tuple[Disposition, ...] = field(default=())


def check_opening(facts: OpeningFacts, *, at: datetime) -> None:
    """Raise ``DeviationRefused`` with everything that is wrong with a deviation as told."""
    reasons = [
        *obstacles_to_text(facts.what_happened, "what_happened", longest=LONGEST_STORY, needed=True),
        *obstacles_to_text(facts.immediate_action, "immediate_action", longest=LONGEST_STORY, needed=True),
        *obstacles_to_touching(facts.touched, facts.unknown),
    ]
    if facts.occurred_at > at:
        reasons.append(Reason("It happened in the future.", "future", "occurred_at"))
    if reasons:
        raise DeviationRefused("The deviation cannot be recorded as told.", reasons=reasons, field=reasons[0].field)


def obstacles_to_touching(touched: Sequence[str], unknown: int) -> list[Reason]:
    """Return what is wrong with what a deviation is said to have touched."""
    reasons = []
    if not touched and not unknown:
        reasons.append(Reason("Name at least one thing that it touched.", "nothing", "touched"))
    if unknown:
        reasons.append(Reason(f"{unknown} of the things named do not exist.", "unknown", "touched"))
    twice = sorted(code for code, times in Counter(touched).items() if times > 1)
    return [*reasons, *(Reason(f"{code} is named more than once.", "twice", "touched") for code in twice)]


def check_extending(touched: Sequence[str], unknown: int, reason: str, *, is_open: bool) -> None:
    """Raise ``DeviationRefused`` where no more can be said to be touched."""
    reasons = obstacles_to_touching(touched, unknown)
    reasons += obstacles_to_text(reason, "reason", longest=LONGEST_WHY, needed=True)
    if not is_open:
        reasons.append(Reason("It is closed: open another one.", "closed"))
    if reasons:
        raise DeviationRefused("The deviation was not extended.", reasons=reasons, field="touched")


def check_closing(facts: ClosingFacts) -> None:
    """Raise ``DeviationNotClosed`` with everything that keeps the deviation from being signed closed."""
    checks = (
        (facts.is_open, "It was closed before.", "closed"),
        (facts.closed_by != facts.opened_by, "Who opened a deviation does not close it.", "same-person"),
        (facts.closed_by not in facts.people, "Whom a deviation names does not close it.", "involved"),
    )
    reasons = [Reason(text, code) for holds, text, code in checks if not holds]
    reasons += obstacles_to_text(facts.investigation, "investigation", longest=LONGEST_STORY, needed=True)
    reasons += obstacles_to_text(facts.capa_reference, "capa_reference", longest=LONGEST_CAPA)
    reasons += [*_of_groups(facts.dispositions), *_of_coverage(facts)]
    if reasons:
        raise DeviationNotClosed("The deviation cannot be closed as it stands.", reasons=reasons)


def _of_groups(dispositions: Iterable[Disposition]) -> list[Reason]:
    reasons = []
    for each in dispositions:
        if each.disposition not in set(DeviationDisposition):
            known = ", ".join(word.value.replace("_", " ") for word in DeviationDisposition)
            reasons.append(Reason(f"A disposition is one of: {known}.", "disposition", "dispositions"))
        if not each.goods:
            reasons.append(Reason("A disposition names no unit or lot.", "empty", "dispositions"))
        reasons += obstacles_to_text(each.because, "because", longest=LONGEST_WHY, needed=True)
    return reasons


def _of_coverage(facts: ClosingFacts) -> list[Reason]:
    """Every touched unit and lot has exactly one disposition, and nothing else has one."""
    named = Counter(code for each in facts.dispositions for code in each.goods)
    wrong: Mapping[str, list[str]] = {
        "has no disposition": sorted(facts.goods - named.keys()),
        "has more than one disposition": sorted(code for code, times in named.items() if times > 1),
        "was not touched by this deviation": sorted(named.keys() - facts.goods),
    }
    return [Reason(f"{code} {what}.", "coverage", "dispositions") for what, codes in wrong.items() for code in codes]
