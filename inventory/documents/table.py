"""Tables that may be long: columns that line up, heads that repeat, rows that break rather than lose a line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inventory.documents.sheet import LEFT, RULE, Sheet
from inventory.documents.typeface import COLUMN_HEAD, QUIET, Style, wrapped

GAP = 9.0
PAD = 3.2
MARK_SIZE = 5.2

Span = tuple[str, Style]
"""A paragraph within a cell."""
Cell = tuple[Span, ...]
Block = tuple[tuple[str, ...], Style]
"""Lines of one style."""


@dataclass(frozen=True)
class Column:
    """A column's title and its width in points, gap included."""

    title: str
    width: float


@dataclass(frozen=True)
class Row:
    """One row: a cell per column, a line below them from the second column on, a mark in the margin."""

    cells: tuple[Cell, ...]
    foot: Span | None = None
    marked: bool = False


@dataclass(frozen=True)
class Measured:
    """A row broken into lines, with its height."""

    cells: tuple[tuple[Block, ...], ...]
    height: float
    foot: Block | None
    marked: bool


def draw_table(sheet: Sheet, columns: Sequence[Column], rows: Iterable[Row], *, ruled: bool = True) -> None:
    """Draw the rows from the cursor on, with the heads again on each new page."""
    lefts = _lefts(columns)
    titled = any(column.title for column in columns)
    begun = False
    for row in rows:
        measured = measure(row, columns)
        whole = min(measured.height, sheet.top - sheet.bottom - 40)
        if sheet.need(whole if begun else whole + 20) or not begun:
            begun = True
            if titled:
                _draw_heads(sheet, columns, lefts)
        _draw_row(sheet, measured, columns, lefts, ruled=ruled)


def measure(row: Row, columns: Sequence[Column]) -> Measured:
    """Break each cell into lines of its column's width."""
    cells = tuple(
        tuple([(wrapped(text, style, column.width - GAP), style) for text, style in cell if text])
        for cell, column in zip(row.cells, columns, strict=True)
    )
    foot = None
    if row.foot:
        text, style = row.foot
        foot = (wrapped(text, style, sum(column.width for column in columns[1:])), style)
    return Measured(cells, _height(cells, foot), foot, row.marked)


def _height(cells: tuple[tuple[Block, ...], ...], foot: Block | None) -> float:
    tallest = max([sum([len(lines) * style.leading for lines, style in cell]) for cell in cells])
    return tallest + 2 * PAD + (len(foot[0]) * foot[1].leading if foot else 0)


def _lefts(columns: Sequence[Column]) -> list[float]:
    lefts, x = [], LEFT
    for column in columns:
        lefts.append(x)
        x += column.width
    return lefts


def _draw_heads(sheet: Sheet, columns: Sequence[Column], lefts: Sequence[float]) -> None:
    sheet.y -= PAD
    for column, left in zip(columns, lefts, strict=True):
        sheet.draw(column.title, left, sheet.y - COLUMN_HEAD.size, COLUMN_HEAD)
    sheet.y -= COLUMN_HEAD.leading + PAD
    sheet.rule(sheet.y, weight=RULE, grey=0.08)


def _draw_row(sheet: Sheet, row: Measured, columns: Sequence[Column], lefts: Sequence[float], *, ruled: bool) -> None:
    """Draw the row; what does not fit on a whole page goes on, under the heads, on the next."""
    while row.height > sheet.y - sheet.bottom:
        fitting, row = _split(row, sheet.y - sheet.bottom - 2 * PAD - QUIET.leading)
        _place(sheet, fitting, lefts)
        sheet.draw("continues on the next page", lefts[-1], sheet.bottom + 1, QUIET)
        sheet.new_page()
        _draw_heads(sheet, columns, lefts)
    _place(sheet, row, lefts)
    sheet.y -= row.height
    if ruled:
        sheet.rule(sheet.y)


def _place(sheet: Sheet, row: Measured, lefts: Sequence[float]) -> None:
    top = sheet.y - PAD
    if row.marked:
        sheet.triangle(LEFT - MARK_SIZE - 3, top - 6.6, MARK_SIZE)
    for cell, left in zip(row.cells, lefts, strict=True):
        y = top
        for lines, style in cell:
            sheet.draw_lines(lines, left, y - style.size, style)
            y -= len(lines) * style.leading
    if row.foot:
        lines, style = row.foot
        y = sheet.y - row.height + PAD + len(lines) * style.leading
        sheet.draw_lines(lines, lefts[1], y - style.size, style)


def _split(row: Measured, available: float) -> tuple[Measured, Measured]:
    """Cut a row where the page ends: what fits, and what goes on. The foot and the rule stay with the end."""
    parts = [_split_cell(cell, available) for cell in row.cells]
    here, there = tuple(part[0] for part in parts), tuple(part[1] for part in parts)
    return Measured(here, available, None, row.marked), Measured(there, _height(there, row.foot), row.foot, row.marked)


def _split_cell(cell: tuple[Block, ...], available: float) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    here: list[Block] = []
    there: list[Block] = []
    for lines, style in cell:
        count = 0 if there else min(len(lines), int(max(available, 0) / style.leading))
        available -= count * style.leading
        here.append((lines[:count], style))
        if count < len(lines):
            there.append((lines[count:], style))
    return tuple(here), tuple(there)
