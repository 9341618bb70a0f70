"""Consent status on paper: by donor code, never by name."""

from inventory.documents.furniture import draw_note
from inventory.documents.sheet import Sheet
from inventory.documents.table import Column, Row, draw_table
from inventory.documents.typeface import BODY, CODE, QUIET
from inventory.documents.when import when
from inventory.domain.custody import CustodyFacts

COLUMNS = (
    Column("Donor", 76),
    Column("Form and status", 102),
    Column("Given", 105),
    Column("Withdrawn", 105),
    Column("Permitted use", 111),
)


def draw_consent(sheet: Sheet, facts: CustodyFacts) -> None:
    """Draw the consent status of every donor behind the unit."""
    if not facts.donors:
        draw_note(sheet, "No donor is recorded behind this unit.")
        return
    rows = [
        Row(
            (
                ((donor.donor_code, CODE),),
                ((donor.form or "no form", BODY), (donor.status, QUIET)),
                when(donor.given_at, facts.time_zone),
                when(donor.withdrawn_at, facts.time_zone),
                ((donor.permitted_use, BODY),),
            )
        )
        for donor in facts.donors
    ]
    draw_table(sheet, COLUMNS, rows)
    draw_note(sheet, "Donors are shown by code. Names and record numbers are kept apart and never appear in a report.")
