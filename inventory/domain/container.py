"""Containers: grids, the labels of their positions, and what may not be put where."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WELL = re.compile(r"([A-Z]{1,2})0{0,2}([1-9][0-9]{0,2})")
MOST_ROWS = 26 * 27
MOST_POSITIONS = 100_000
LEAST_CELSIUS, MOST_CELSIUS = Decimal(-273), Decimal(100)
MOST_MINUTES = 60 * 24 * 366


class LabelStyle(StrEnum):
    LETTERS = "letters"
    NUMBERS = "numbers"


class PositionRefused(RuleViolation):
    code = "position-refused"
    title = "There is no such position"
    mend = "Look at the container's grid and give a position that exists in it."


class NotPlaceable(RuleViolation):
    code = "not-placeable"
    title = "It cannot be put there"
    mend = "Choose another position."


class LimitRefused(RuleViolation):
    code = "limit-refused"
    title = "These limits cannot be"
    mend = "Correct what is named; nothing was saved."


@dataclass(frozen=True)
class Limit:
    """How warm and how cold a container may be, in °C, and for how many minutes it may be beyond either."""

    warmest_celsius: Decimal | None = None
    coldest_celsius: Decimal | None = None
    minutes: int = 0

    @property
    def is_set(self) -> bool:
        return self.warmest_celsius is not None or self.coldest_celsius is not None

    def degrees_beyond(self, celsius: Decimal) -> Decimal:
        """Return by how many degrees a temperature lies outside; 0 within the limits, the limits included."""
        warmer = celsius - self.warmest_celsius if self.warmest_celsius is not None else Decimal(0)
        colder = self.coldest_celsius - celsius if self.coldest_celsius is not None else Decimal(0)
        return max(warmer, colder, Decimal(0))


def check_limit(limit: Limit) -> None:
    """Raise ``LimitRefused`` for temperatures that nothing has, limits the wrong way round, or a negative time."""
    given = [each for each in (limit.warmest_celsius, limit.coldest_celsius) if each is not None]
    reasons = [
        Reason(f"A limit lies from {LEAST_CELSIUS} to {MOST_CELSIUS} °C, not at {each}.", "range", "warmest_celsius")
        for each in given
        if not is_temperature(each)
    ]
    if not reasons and given != sorted(given, reverse=True):
        reasons.append(Reason("The coldest allowed lies above the warmest.", "order", "coldest_celsius"))
    if not 0 <= limit.minutes <= MOST_MINUTES:
        reasons.append(Reason(f"The minutes are from 0 to {MOST_MINUTES}.", "range", "minutes_allowed"))
    if reasons:
        raise LimitRefused("The limits of this kind of container cannot be kept.", reasons=reasons)


def is_temperature(celsius: Decimal) -> bool:
    """Whether a place in a bank can have this temperature: from absolute zero to far above any room."""
    return celsius.is_finite() and LEAST_CELSIUS <= celsius <= MOST_CELSIUS


@dataclass(frozen=True)
class Coordinates:
    """Row and column, both counted from 1; row 0 where there is no grid and ``column`` is the number of the place."""

    row: int
    column: int


@dataclass(frozen=True)
class Grid:
    """Rows by columns, or, where both are 0, ``capacity`` numbered places (shelf, fridge, tank of one kind)."""

    rows: int = 0
    columns: int = 0
    row_labels: LabelStyle = LabelStyle.LETTERS
    column_labels: LabelStyle = LabelStyle.NUMBERS
    capacity: int = 0

    def __post_init__(self) -> None:
        if (self.rows == 0) is not (self.columns == 0) or min(self.rows, self.columns, self.capacity) < 0:
            raise PositionRefused("A grid has rows and columns, or neither.")
        if self.rows > MOST_ROWS or self.columns > MOST_ROWS or self.size > MOST_POSITIONS:
            raise PositionRefused(f"A container has at most {MOST_POSITIONS} positions.")

    @property
    def has_grid(self) -> bool:
        return self.rows > 0

    @property
    def size(self) -> int:
        return self.rows * self.columns if self.has_grid else self.capacity

    def labels(self) -> Iterator[tuple[str, Coordinates]]:
        """Every position's label with its coordinates, row by row."""
        for row in range(1, self.rows + 1) if self.has_grid else (0,):
            for column in range(1, (self.columns if self.has_grid else self.capacity) + 1):
                at = Coordinates(row, column)
                yield self.label(at), at

    def label(self, at: Coordinates) -> str:
        """Return the label of a position; raises ``PositionRefused`` outside the grid."""
        if not self.has_grid:
            self._check(at, first_row=0)
            return f"{at.column:0{max(2, len(str(self.capacity)))}d}"
        self._check(at, first_row=1)
        row = _axis_label(at.row, self.row_labels, self.rows)
        column = _axis_label(at.column, self.column_labels, self.columns)
        separator = "-" if self.row_labels is self.column_labels else ""
        return f"{row}{separator}{column}"

    def coordinates(self, label: str) -> Coordinates:
        """Return where a label stands; ``A01``, ``A1`` and, for plates, ``1A`` are the same well."""
        wanted = plain_label(label)
        for known, at in self.labels():
            if wanted in spellings(known):
                return at
        raise PositionRefused(f"There is no position “{label}” in this container.", field="position")

    def _check(self, at: Coordinates, *, first_row: int) -> None:
        last_column = self.columns if self.has_grid else self.capacity
        if not (first_row <= at.row <= self.rows and 1 <= at.column <= last_column):
            raise PositionRefused(f"There is no row {at.row}, column {at.column} in this container.", field="position")


SBS_96 = Grid(rows=8, columns=12)


@dataclass(frozen=True)
class PlacementFacts:
    """What is known when something is put away; ``product`` is its class, or its role for a reference sample.

    ``accepts`` empty means that the container's kind holds no product at all, only other containers. ``moved_to`` is
    where it is now, "" for nowhere, when it was said to be elsewhere; ``warm_since`` names an excursion of the
    container that covers this instant.
    """

    product: str
    accepts: frozenset[str]
    taken_by: str = ""
    is_final: bool = False
    attached_to: str = ""
    picked_for: str = ""
    moved_to: str | None = None
    warm_since: str = ""


def obstacles_to_placing(facts: PlacementFacts) -> list[Reason]:
    """Return every reason why it cannot be put there."""
    checks = (
        (facts.product in facts.accepts, f"The container does not hold {facts.product.replace('_', ' ')}.", "product"),
        (not facts.taken_by, f"The position holds {facts.taken_by}.", "position-taken"),
        (not facts.is_final, "It no longer exists in the bank.", "final"),
        (not facts.attached_to, f"It is attached to {facts.attached_to}: sever it first.", "attached"),
        (not facts.picked_for, f"It was picked for {facts.picked_for}: revoke that release first.", "picked"),
        (facts.moved_to is None, f"It is at {facts.moved_to or 'no position'} by now: look again.", "moved"),
        (not facts.warm_since, f"The container is in excursion {facts.warm_since} at this instant.", "excursion"),
    )
    return [Reason(text, code=code, field="position") for holds, text, code in checks if not holds]


def check_placing(facts: PlacementFacts) -> None:
    if reasons := obstacles_to_placing(facts):
        raise NotPlaceable("This cannot be put there.", reasons=reasons)


def repeated(labels: Collection[str]) -> list[str]:
    """Return the positions named more than once in one list, in order."""
    counted = Counter(labels)
    return [label for label, times in counted.items() if times > 1]


def _axis_label(number: int, style: LabelStyle, size: int) -> str:
    if style is LabelStyle.NUMBERS:
        return f"{number:0{max(2, len(str(size)))}d}"
    first, second = divmod(number - 1, len(ALPHABET))
    return (ALPHABET[first - 1] if first else "") + ALPHABET[second]


def spellings(label: str) -> tuple[str, ...]:
    """Return how a label is written plainly, and how a scanner that says the column first writes a plate's well."""
    return tuple(spelling for spelling in (plain_label(label), _turned(label)) if spelling)


def plain_label(label: str) -> str:
    """A label without what people leave out: case and leading zeros."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", label.strip(" ").upper())


def _turned(label: str) -> str:
    """The well of a plate said column first, as some scanners do: ``1A`` for ``A01``."""
    found = WELL.fullmatch(label)
    return f"{found[2]}{found[1]}" if found else ""
