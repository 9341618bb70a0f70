"""Containers: grids, the labels of their positions, and what may not be put where."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WELL = re.compile(r"([A-Z]{1,2})0{0,2}([1-9][0-9]{0,2})")
MOST_ROWS = 26 * 27
MOST_POSITIONS = 100_000


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
        wanted = _plain(label)
        for known, at in self.labels():
            if wanted in (_plain(known), _turned(known)):
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

    ``accepts`` empty means that the container's kind holds no product at all, only other containers.
    """

    product: str
    accepts: frozenset[str]
    taken_by: str = ""
    already_at: str = ""
    is_final: bool = False
    attached_to: str = ""
    picked_for: str = ""


def obstacles_to_placing(facts: PlacementFacts) -> list[Reason]:
    """Return every reason why it cannot be put there."""
    checks = (
        (facts.product in facts.accepts, f"The container does not hold {facts.product.replace('_', ' ')}.", "product"),
        (not facts.taken_by, f"The position holds {facts.taken_by}.", "position-taken"),
        (not facts.already_at, f"It is at {facts.already_at}: move it from there instead.", "already-placed"),
        (not facts.is_final, "It no longer exists in the bank.", "final"),
        (not facts.attached_to, f"It is attached to {facts.attached_to}: sever it first.", "attached"),
        (not facts.picked_for, f"It was picked for {facts.picked_for}: revoke that release first.", "picked"),
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


def _plain(label: str) -> str:
    """A label without what people leave out: case and leading zeros."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", label.strip(" ").upper())


def _turned(label: str) -> str:
    """The well of a plate said column first, as some scanners do: ``1A`` for ``A01``."""
    found = WELL.fullmatch(label)
    return f"{found[2]}{found[1]}" if found else ""
