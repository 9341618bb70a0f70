"""Stocktakes: how a count differs from the record, and how each difference may be resolved."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text

LONGEST_NOTE = 500
LONGEST_READ = 64


class StocktakeStatus(StrEnum):
    COUNTING = "counting"
    COMPARED = "compared"
    CLOSED = "closed"
    ABANDONED = "abandoned"


OPEN = (StocktakeStatus.COUNTING, StocktakeStatus.COMPARED)


class DifferenceKind(StrEnum):
    """How what was counted differs from the record.

    *Ended* is here although the record says that it is no more; *twice* is a code that is in another position too.
    """

    MISSING = "missing"
    MISPLACED = "misplaced"
    UNEXPECTED = "unexpected"
    ENDED = "ended"
    TWICE = "twice"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


class Resolution(StrEnum):
    """How a difference ends: put into a position, known by another look, set aside with its reason, or lost."""

    PLACED = "placed"
    IDENTIFIED = "identified"
    SET_ASIDE = "set_aside"
    LOST = "lost"


RESOLUTIONS: Mapping[DifferenceKind, frozenset[Resolution]] = {
    DifferenceKind.MISSING: frozenset({Resolution.PLACED, Resolution.LOST}),
    DifferenceKind.MISPLACED: frozenset({Resolution.PLACED}),
    DifferenceKind.UNEXPECTED: frozenset({Resolution.PLACED, Resolution.SET_ASIDE}),
    DifferenceKind.ENDED: frozenset({Resolution.SET_ASIDE}),
    DifferenceKind.TWICE: frozenset({Resolution.IDENTIFIED, Resolution.SET_ASIDE}),
    DifferenceKind.UNKNOWN: frozenset({Resolution.IDENTIFIED, Resolution.SET_ASIDE}),
    DifferenceKind.UNREADABLE: frozenset({Resolution.IDENTIFIED, Resolution.SET_ASIDE}),
}


class StocktakeRefused(RuleViolation):
    code = "stocktake-refused"
    title = "The stocktake stays as it is"
    mend = "Correct what is named; nothing was saved."


@dataclass(frozen=True)
class Seen:
    """The last reading of one position: the item's own code; ``text`` is what was read where it is no item.

    Neither, and readable: the position was seen empty. ``ended`` says that the record has the item as no more.
    """

    position: str
    item: str = ""
    text: str = ""
    readable: bool = True
    ended: bool = False


@dataclass(frozen=True)
class Difference:
    """One difference: the item's code or what was read, where it was found, and where the record has it."""

    kind: DifferenceKind
    code: str
    found: str = ""
    recorded: str = ""


def differences(recorded: Mapping[str, str], seen: Sequence[Seen]) -> list[Difference]:
    """Compare what the record has, item by position, with the last reading of each position.

    What no reading names is missing, also where nobody looked.
    """
    where = {item: position for position, item in recorded.items()}
    itself = _itself(seen, where)
    found = [_difference(each, where, itself) for each in seen]
    missing = [
        Difference(DifferenceKind.MISSING, item, recorded=position)
        for position, item in recorded.items()
        if item not in itself
    ]
    return [*(each for each in found if each is not None), *missing]


def _itself(seen: Iterable[Seen], where: Mapping[str, str]) -> dict[str, str]:
    """Return the position of each item: where the record has it if it was read there, else where it was read first."""
    found: dict[str, str] = {}
    for each in seen:
        if each.item and (each.item not in found or where.get(each.item) == each.position):
            found[each.item] = each.position
    return found


def _difference(each: Seen, where: Mapping[str, str], itself: Mapping[str, str]) -> Difference | None:
    if not each.readable:
        return Difference(DifferenceKind.UNREADABLE, each.text, found=each.position)
    if not each.item:
        return Difference(DifferenceKind.UNKNOWN, each.text, found=each.position) if each.text else None
    recorded = where.get(each.item, "")
    if recorded == each.position:
        return None
    if itself[each.item] != each.position:
        kind = DifferenceKind.TWICE
    elif each.ended:
        kind = DifferenceKind.ENDED
    else:
        kind = DifferenceKind.MISPLACED if recorded else DifferenceKind.UNEXPECTED
    return Difference(kind, each.item, found=each.position, recorded=recorded)


@dataclass(frozen=True)
class ResolutionFacts:
    """A resolution as stated, of which kind of difference; ``place`` and ``item`` are empty where none was given."""

    kind: DifferenceKind
    code: str
    resolution: str
    note: str
    has_place: bool
    has_item: bool


def obstacles_to_resolving(facts: ResolutionFacts) -> list[Reason]:
    """Return everything that is wrong with one resolution."""
    allowed = RESOLUTIONS[facts.kind]
    if facts.resolution not in allowed:
        words = " or ".join(sorted(each.value.replace("_", " ") for each in allowed))
        return [Reason(f"{facts.code}: what is {facts.kind.value} is {words}.", "resolution", "resolution")]
    resolution = Resolution(facts.resolution)
    takes_place = resolution in {Resolution.PLACED, Resolution.IDENTIFIED}
    checks = (
        (facts.has_place is takes_place, "Name the position that it is in now, and only then.", "position"),
        (facts.has_item is (resolution is Resolution.IDENTIFIED), "Name what it is, and only then.", "item"),
        (resolution is Resolution.PLACED or bool(facts.note.strip()), "Say what was done to find out.", "note"),
    )
    reasons = [Reason(f"{facts.code}: {text}", code=name, field=name) for holds, text, name in checks if not holds]
    return [*reasons, *obstacles_to_text(facts.note, "note", longest=LONGEST_NOTE)]


@dataclass(frozen=True)
class ClosingFacts:
    """A stocktake that is to be closed; ``gone`` are items to be lost that were moved since they were counted."""

    status: StocktakeStatus
    closed_by: str
    counted_by: Collection[str]
    unresolved: Collection[str]
    moved_since: Collection[str]


def obstacles_to_closing(facts: ClosingFacts) -> list[Reason]:
    """Return everything that keeps the stocktake from being signed."""
    reasons = [Reason(f"{code} is not resolved.", "unresolved") for code in facts.unresolved]
    reasons += [
        Reason(f"{code} was moved since it was missed: it is not lost.", "moved-since") for code in facts.moved_since
    ]
    if facts.status is not StocktakeStatus.COMPARED:
        reasons.append(Reason(f"It is {facts.status.value}: only a compared stocktake is closed.", "status"))
    if facts.closed_by in facts.counted_by:
        reasons.append(Reason("Who opened, counted or resolved does not sign the closing.", "same-person"))
    return reasons


def check_closing(facts: ClosingFacts) -> None:
    """Raise ``StocktakeRefused`` with everything that keeps the stocktake from being signed."""
    if reasons := obstacles_to_closing(facts):
        raise StocktakeRefused("The stocktake cannot be closed now.", reasons=reasons)
