"""Results on paper, each against its limit, with who entered and who verified it."""

from collections.abc import Iterable
from datetime import datetime

from inventory.documents.furniture import draw_note
from inventory.documents.sheet import Sheet
from inventory.documents.table import Cell, Column, Row, draw_table
from inventory.documents.typeface import BODY, QUIET, STRONG, spaced
from inventory.domain.custody import CustodyFacts, ResultRow, site_text, utc_text
from inventory.domain.profile import Mark

COLUMNS = (
    Column("Assay", 98),
    Column("Value", 84),
    Column("Limit", 74),
    Column("Verdict", 53),
    Column("Entered", 95),
    Column("Verified", 95),
)

# What the mark of a limit means, in the order in which they are told (docs/sources.md).
MARKS = {
    Mark.SEEN.value: "were read in their source",
    Mark.GENERAL.value: "are common knowledge of the field, not verified",
    Mark.DESIGN.value: "are recommended by the makers of this system",
    Mark.BANK.value: "are the bank's own",
}


def draw_results(sheet: Sheet, facts: CustodyFacts) -> None:
    """Draw every result, corrected ones with their mark."""
    if not facts.results:
        draw_note(sheet, "No result is recorded.")
        return
    sheet.paragraph(f"Specification: {facts.specification or 'none in force for this product and use'}", BODY)
    draw_table(sheet, COLUMNS, [_row(result, facts.time_zone) for result in facts.results])
    for note in _sources(facts.results):
        draw_note(sheet, note)


def _sources(results: Iterable[ResultRow]) -> list[str]:
    """Return, for each mark that a limit shown has, what it means and the sources, each once."""
    found: dict[str, dict[str, None]] = {}
    for result in results:
        if result.limit_mark:
            found.setdefault(result.limit_mark, {})[result.limit_source] = None
    return [f"Limits marked “{mark}” {MARKS[mark]}: {'; '.join(found[mark])}." for mark in MARKS if mark in found]


def _row(result: ResultRow, time_zone: str) -> Row:
    return Row(
        (
            ((result.assay, BODY), (result.whose, QUIET)),
            ((f"{spaced(result.value)} {result.unit}".strip(), BODY),),
            ((" ".join(map(spaced, result.limit.split(" "))) or "none", BODY), *_mark(result)),
            ((result.verdict or "–", STRONG),),
            _done(result.entered_by, result.entered_at, time_zone) or (("–", QUIET),),
            _done(result.verified_by, result.verified_at, time_zone) or (("not verified", STRONG),),
        ),
        feet=((f"Amended since entry: {result.amended}", STRONG),) if result.amended else (),
        marked=bool(result.amended),
    )


def _mark(result: ResultRow) -> Cell:
    return ((result.limit_mark, QUIET),) if result.limit_mark else ()


def _done(by: str, at: datetime | None, time_zone: str) -> Cell:
    """Return who did it and when, in the site's zone and in UTC; nothing where nobody did."""
    if at is None:
        return ()
    return ((by, BODY), (site_text(at, time_zone), QUIET), (utc_text(at), QUIET))
