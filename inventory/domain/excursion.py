"""Excursions: when a container was beyond its limits, whether that is doubt, and how quality settles it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from inventory.domain.container import LEAST_CELSIUS, MOST_CELSIUS, Limit, is_temperature

LONGEST_NOTE = 500
MINUTE = timedelta(minutes=1)
# Minutes beyond a limit add up over a day: a policy of the bank, so that no warming is cut into short ones.
ADDS_UP_WITHIN = timedelta(hours=24)
TENTH = Decimal("0.1")


class ExcursionVerdict(StrEnum):
    """What quality says of one group of what was inside."""

    CLEARED = "cleared"
    TEST_FIRST = "test_first"
    DISCARD = "discard"


# Verdicts that take the acceptance back, and recall what had left.
TAKES_BACK = frozenset({ExcursionVerdict.TEST_FIRST, ExcursionVerdict.DISCARD})


class ExcursionRefused(RuleViolation):
    code = "excursion-refused"
    title = "The excursion was not recorded"
    mend = "Correct what is named; nothing was saved and nothing is held."


class AssessmentRefused(RuleViolation):
    code = "assessment-refused"
    title = "The excursion is not assessed"
    mend = "Correct the list and sign it again; nothing was saved and every hold stays."


@dataclass(frozen=True)
class Reading:
    """One reading of a container's sensor."""

    at: datetime
    celsius: Decimal


@dataclass(frozen=True)
class Warming:
    """What happened: from when to when, the temperature farthest from the limits, and the minutes beyond them."""

    started_at: datetime
    ended_at: datetime
    extreme_celsius: Decimal
    minutes_beyond: int


def warming_of(readings: Sequence[Reading], limit: Limit) -> Warming | None:
    """Return what readings say of an excursion, or None where every one lies within the limits.

    What happened between two readings nobody saw: the worse of the two is taken for the whole time between them.
    """
    ordered = sorted(readings, key=lambda each: each.at)
    beyond = [number for number, each in enumerate(ordered) if limit.degrees_beyond(each.celsius)]
    if not beyond:
        return None
    outside = set(beyond)
    pairs = enumerate(pairwise(ordered))
    time = sum((b.at - a.at for n, (a, b) in pairs if n in outside or n + 1 in outside), timedelta())
    return Warming(
        started_at=ordered[max(beyond[0] - 1, 0)].at,
        ended_at=ordered[min(beyond[-1] + 1, len(ordered) - 1)].at,
        extreme_celsius=max((ordered[n].celsius for n in beyond), key=limit.degrees_beyond),
        minutes_beyond=-(-time // MINUTE),
    )


def is_beyond(warming: Warming, limit: Limit, *, besides: int = 0) -> bool:
    """Whether it is doubt about what was inside: beyond the limit and for longer than allowed.

    ``besides`` are the minutes of other excursions within a day: two short ones are one long one. A container whose
    limits nobody has set is never known to have kept them.
    """
    if not limit.is_set:
        return True
    return limit.degrees_beyond(warming.extreme_celsius) > 0 and warming.minutes_beyond + besides > limit.minutes


def told_to_sites(reference: str, warming: Warming) -> str:
    """Return what a site that has something of it is told: no place in the store, and nothing about who gave."""
    times = f"from {warming.started_at:%Y-%m-%d %H:%M} to {warming.ended_at:%Y-%m-%d %H:%M} UTC"
    extent = f"{warming.minutes_beyond} minutes beyond its limits, at worst {warming.extreme_celsius} °C"
    return f"{reference}: before it was sent, its store was {extent}, {times}."


def obstacles_to_reporting(warming: Warming, limit: Limit, note: str, *, at: datetime) -> list[Reason]:
    """Return everything that is wrong with a reported excursion."""
    span = warming.ended_at - warming.started_at
    within = limit.is_set and limit.degrees_beyond(warming.extreme_celsius) == 0
    checks = (
        (span >= timedelta(), "It ends before it begins.", "ended_at"),
        (
            warming.ended_at <= at,
            "It ends in the future: report it until now, the rest when it is over.",
            "ended_at",
        ),
        (warming.minutes_beyond >= 0, "The minutes beyond the limit are negative.", "minutes_beyond"),
        (warming.minutes_beyond <= -(-span // MINUTE), "It was beyond longer than it lasted.", "minutes_beyond"),
        (
            not (within and warming.minutes_beyond),
            "Its extreme lies within the limits.",
            "extreme_celsius",
        ),
    )
    reasons = [Reason(text, code=name, field=name) for holds, text, name in checks if not holds]
    return [*reasons, *obstacles_to_text(note, "note", longest=LONGEST_NOTE)]


def check_reporting(warming: Warming, limit: Limit, note: str, *, at: datetime) -> None:
    """Raise ``ExcursionRefused`` with everything that is wrong with a reported excursion."""
    if reasons := _temperature(warming.extreme_celsius) or obstacles_to_reporting(warming, limit, note, at=at):
        raise ExcursionRefused("The excursion cannot be as stated.", reasons=reasons, field=reasons[0].field)


def _temperature(celsius: Decimal) -> list[Reason]:
    if is_temperature(celsius) and celsius == celsius.quantize(TENTH):
        return []
    text = f"The extreme is a temperature from {LEAST_CELSIUS} to {MOST_CELSIUS} °C, to a tenth of a degree."
    return [Reason(text, "range", "extreme_celsius")]


@dataclass(frozen=True)
class Group:
    """The units of one verdict, by code, and why."""

    verdict: str
    units: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class AssessmentFacts:
    """An assessment as it is to be signed; ``held`` are the codes of every unit that the excursion holds."""

    reported_by: str
    assessed_by: str
    is_beyond: bool
    is_open: bool
    held: frozenset[str]
    groups: tuple[Group, ...] = field(default=())


def obstacles_to_assessing(facts: AssessmentFacts) -> list[Reason]:
    """Return everything that keeps the assessment from being signed."""
    checks = (
        (facts.is_beyond, "It stayed within what its container allows: there is nothing to assess.", "not-beyond"),
        (facts.is_open, "It was assessed before.", "assessed"),
        (facts.assessed_by != facts.reported_by, "Who reported an excursion does not assess it.", "same-person"),
    )
    reasons = [Reason(text, code=code) for holds, text, code in checks if not holds]
    return [*reasons, *_groups(facts.groups), *_coverage(facts)]


def check_assessing(facts: AssessmentFacts) -> None:
    """Raise ``AssessmentRefused`` with everything that keeps the assessment from being signed."""
    if reasons := obstacles_to_assessing(facts):
        raise AssessmentRefused("The assessment cannot be signed as it stands.", reasons=reasons, field="groups")


def _groups(groups: Sequence[Group]) -> list[Reason]:
    reasons = []
    for group in groups:
        if group.verdict not in set(ExcursionVerdict):
            reasons.append(Reason("A group is cleared, test first or discard.", "verdict", "groups"))
        if not group.units:
            reasons.append(Reason("A group names no unit.", "empty-group", "groups"))
        reasons += obstacles_to_text(group.because, "because", longest=LONGEST_NOTE, needed=True)
    return reasons


def _coverage(facts: AssessmentFacts) -> list[Reason]:
    """Every unit that is held stands in exactly one group, and no other does."""
    named = Counter(code for group in facts.groups for code in group.units)
    wrong: Mapping[str, list[str]] = {
        "is in no group": sorted(facts.held - named.keys()),
        "is named more than once": sorted(code for code, times in named.items() if times > 1),
        "was not held by this excursion": sorted(named.keys() - facts.held),
    }
    return [Reason(f"{code} {what}.", "coverage", "groups") for what, codes in wrong.items() for code in codes]
