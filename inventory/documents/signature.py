"""Electronic signatures on paper: printed name, meaning, time, and what was signed (21 CFR 11.50)."""

from inventory.documents.furniture import draw_note
from inventory.documents.sheet import Sheet
from inventory.documents.table import Column, Row, draw_table
from inventory.documents.typeface import BODY, HASH, QUIET, STRONG, grouped
from inventory.documents.when import when
from inventory.domain.custody import CustodyFacts, SignatureRow

COLUMNS = (Column("Meaning", 80), Column("Printed name", 150), Column("Signed", 112), Column("What was signed", 157))


def draw_signatures(sheet: Sheet, facts: CustodyFacts) -> None:
    """Draw every signature with the hash of its content."""
    if not facts.signatures:
        draw_note(sheet, "Nothing about this unit has been signed.")
        return
    draw_table(sheet, COLUMNS, [_row(each, facts.time_zone) for each in facts.signatures])


def _row(row: SignatureRow, time_zone: str) -> Row:
    several = f"one of {row.item_count} items under this signature" if row.item_count > 1 else ""
    return Row(
        (
            ((row.meaning, STRONG),),
            ((row.printed_name, BODY), (row.username, QUIET)),
            when(row.signed_at, time_zone),
            ((row.about, BODY), (several, QUIET)),
        ),
        feet=((f"Content, SHA-256: {grouped(row.content_sha256)}", HASH),),
    )
