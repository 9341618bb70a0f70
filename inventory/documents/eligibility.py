"""Donor eligibility on paper: the verdict and the evidence it is bound to."""

from inventory.documents.furniture import draw_note
from inventory.documents.sheet import Sheet
from inventory.documents.table import Column, Row, draw_table
from inventory.documents.typeface import BODY, HASH, QUIET, STRONG, grouped
from inventory.documents.when import when
from inventory.domain.custody import CustodyFacts, EligibilityRow

COLUMNS = (Column("Verdict", 110), Column("Determined by", 130), Column("When", 110), Column("Remarks", 149))


def draw_eligibility(sheet: Sheet, facts: CustodyFacts) -> None:
    """Draw each determination with the hash of its evidence."""
    if not facts.eligibility:
        draw_note(sheet, "Donor eligibility has not been determined.")
        return
    draw_table(sheet, COLUMNS, [_row(each, facts.time_zone) for each in facts.eligibility])


def _row(row: EligibilityRow, time_zone: str) -> Row:
    evidence = f"Evidence, SHA-256: {grouped(row.evidence_sha256)}" if row.evidence_sha256 else ""
    return Row(
        (
            ((row.verdict, STRONG), (row.standing, QUIET)),
            ((row.determined_by or "–", BODY),),
            when(row.determined_at, time_zone),
            tuple((remark, BODY) for remark in row.remarks or ("–",)),
        ),
        feet=((evidence, HASH),),
    )
