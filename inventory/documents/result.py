"""Results on paper, each against its limit, with who entered and who verified it."""

from inventory.documents.furniture import draw_note
from inventory.documents.sheet import Sheet
from inventory.documents.table import Column, Row, draw_table
from inventory.documents.typeface import BODY, QUIET, STRONG
from inventory.domain.custody import CustodyFacts, ResultRow, site_text, utc_text

COLUMNS = (
    Column("Assay", 108),
    Column("Value", 84),
    Column("Limit", 78),
    Column("Verdict", 59),
    Column("Entered", 85),
    Column("Verified", 85),
)


def draw_results(sheet: Sheet, facts: CustodyFacts) -> None:
    """Draw every result, corrected ones with their mark."""
    if not facts.results:
        draw_note(sheet, "No result is recorded.")
        return
    sheet.paragraph(f"Specification: {facts.specification or 'none in force for this product and use'}", BODY)
    draw_table(sheet, COLUMNS, [_row(result, facts.time_zone) for result in facts.results])


def _row(result: ResultRow, time_zone: str) -> Row:
    entered = (
        (result.entered_by, BODY),
        (site_text(result.entered_at, time_zone), QUIET),
        (utc_text(result.entered_at), QUIET),
    )
    if result.verified_at is None:
        verifier = (("not verified", STRONG),)
    else:
        verifier = (
            (result.verified_by, BODY),
            (site_text(result.verified_at, time_zone), QUIET),
            (utc_text(result.verified_at), QUIET),
        )
    return Row(
        (
            ((result.assay, BODY), (result.whose, QUIET)),
            ((f"{result.value} {result.unit}".strip(), BODY),),
            ((result.limit or "no limit", BODY),),
            ((result.verdict, STRONG),),
            entered,
            verifier,
        ),
        foot=(f"Amended since entry: {result.amended}", STRONG) if result.amended else None,
        marked=bool(result.amended),
    )
