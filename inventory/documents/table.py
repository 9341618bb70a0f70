"""Tables that may be long: columns that line up, heads that repeat, rows that break rather than lose a line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inventory.documents.sheet import LEFT, RULE, Sheet
from inventory.documents.typeface import BODY, COLUMN_HEAD, QUIET, Style, wrapped

GAP = 9.0
PAD = 3.2
MARK_SIZE = 5.2
FOOT_GAP = 1.6
HEADS_HEIGHT = 20.0
BREAKABLE = 0.3

Span = tuple[str, Style]
"""A paragraph within a cell."""
Cell = tuple[Span, ...]
Block = tuple[tuple[str, ...], Style]
"""Lines of one style."""
CONTINUED: Block = (("continued",), QUIET)


@dataclass(frozen=True)
class Column:
    """A column's title and its width in points, gap included."""

    title: str
    width: float


@dataclass(frozen=True)
class Row:
    """One row: a cell per column, lines below them from the second column on, a mark in the margin."""

    cells: tuple[Cell, ...]
    feet: Cell = ()
    marked: bool = False


@dataclass(frozen=True)
class Measured:
    """A row broken into lines, with its height."""

    cells: tuple[tuple[Block, ...], ...]
    feet: tuple[Block, ...]
    height: float
    marked: bool


def draw_table(sheet: Sheet, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Draw the rows from the cursor on, with the heads again on each new page.

    A row stays on one page unless it is taller than ``BREAKABLE`` of it.
    """
    lefts = _lefts(columns)
    limit = (sheet.top - sheet.bottom) * BREAKABLE
    begun = False
    for row in rows:
        measured = measure(row, columns)
        whole = min(measured.height, limit)
        if sheet.need(whole if begun else whole + HEADS_HEIGHT) or not begun:
            begun = True
            _draw_heads(sheet, columns, lefts)
        _draw_row(sheet, measured, columns, lefts)


def measure(row: Row, columns: Sequence[Column]) -> Measured:
    """Break each cell into lines of its column's width."""
    cells = tuple([_blocks(cell, column.width - GAP) for cell, column in zip(row.cells, columns, strict=True)])
    feet = _blocks(row.feet, sum([column.width for column in columns[1:]])) if row.feet else ()
    return Measured(cells, feet, _height(cells, feet), row.marked)


def _blocks(cell: Cell, available: float) -> tuple[Block, ...]:
    return tuple([(wrapped(text, style, available), style) for text, style in cell if text])


def _height(cells: tuple[tuple[Block, ...], ...], feet: tuple[Block, ...]) -> float:
    body = max([_depth(cell) for cell in cells])
    return body + 2 * PAD + (_depth(feet) + FOOT_GAP if feet else 0)


def _depth(blocks: tuple[Block, ...]) -> float:
    return sum([len(lines) * style.leading for lines, style in blocks])


def _lefts(columns: Sequence[Column]) -> list[float]:
    return [LEFT + sum(column.width for column in columns[:index]) for index in range(len(columns))]


def _draw_heads(sheet: Sheet, columns: Sequence[Column], lefts: Sequence[float]) -> None:
    if not any(column.title for column in columns):
        return
    sheet.y -= PAD
    for column, left in zip(columns, lefts, strict=True):
        sheet.draw(column.title, left, sheet.y - COLUMN_HEAD.size, COLUMN_HEAD)
    sheet.y -= COLUMN_HEAD.leading + PAD
    sheet.rule(sheet.y, weight=RULE, grey=0.08)


def _draw_row(sheet: Sheet, row: Measured, columns: Sequence[Column], lefts: Sequence[float]) -> None:
    """Draw the row; what does not fit on a whole page goes on, under the heads, on the next."""
    while row.height > sheet.y - sheet.bottom:
        fitting, row = _split(row, sheet.y - sheet.bottom - 2 * PAD - QUIET.leading)
        _place(sheet, fitting, lefts)
        sheet.draw("continues on the next page", lefts[1], sheet.bottom + 1, QUIET)
        sheet.new_page()
        _draw_heads(sheet, columns, lefts)
    _place(sheet, row, lefts)
    sheet.y -= row.height
    sheet.rule(sheet.y, grey=0.78)


def _place(sheet: Sheet, row: Measured, lefts: Sequence[float]) -> None:
    top = sheet.y - PAD
    if row.marked:
        sheet.triangle(LEFT - MARK_SIZE - 3, top - 6.6, MARK_SIZE)
    for cell, left in zip(row.cells, lefts, strict=True):
        _place_blocks(sheet, cell, left, top, first=BODY.size)
    if row.feet:
        _place_blocks(sheet, row.feet, lefts[1], sheet.y - row.height + PAD + _depth(row.feet))


def _place_blocks(sheet: Sheet, blocks: tuple[Block, ...], left: float, top: float, *, first: float = 0) -> None:
    """Draw blocks below each other; the first lines of a row's cells share a baseline, ``first`` below the top."""
    for index, (lines, style) in enumerate(blocks):
        sheet.draw_lines(lines, left, top - (max(first, style.size) if index == 0 else style.size), style)
        top -= len(lines) * style.leading


def _split(row: Measured, available: float) -> tuple[Measured, Measured]:
    """Cut a row where the page ends: what fits, and what goes on. Feet begin only when every cell is through."""
    parts = [_split_blocks(cell, available) for cell in row.cells]
    here, there = tuple([part[0] for part in parts]), tuple([part[1] for part in parts])
    left_over = -1.0 if any(there) else available - max([_depth(cell) for cell in here]) - FOOT_GAP
    feet_here, feet_there = _split_blocks(row.feet, left_over)
    if not there[0]:
        there = ((*row.cells[0][:1], CONTINUED), *there[1:])
    return (
        Measured(here, feet_here, _height(here, feet_here), row.marked),
        Measured(there, feet_there, _height(there, feet_there), row.marked),
    )


def _split_blocks(blocks: tuple[Block, ...], available: float) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    here: list[Block] = []
    there: list[Block] = []
    for lines, style in blocks:
        count = 0 if there else min(len(lines), int(max(available, 0) / style.leading))
        available -= count * style.leading
        if count:
            here.append((lines[:count], style))
        if count < len(lines):
            there.append((lines[count:], style))
    return tuple(here), tuple(there)
