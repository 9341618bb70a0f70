"""Shipments on paper: each journey from hand to hand."""

from inventory.documents.furniture import draw_note
from inventory.documents.sheet import Sheet
from inventory.documents.table import Column, Row, draw_table
from inventory.documents.typeface import BODY, CODE, QUIET
from inventory.documents.when import when
from inventory.domain.custody import CustodyFacts, ShipmentRow

COLUMNS = (
    Column("Shipment", 78),
    Column("Journey", 106),
    Column("Packed", 105),
    Column("Handed over", 105),
    Column("Received", 105),
)


def draw_shipments(sheet: Sheet, facts: CustodyFacts) -> None:
    """Draw every journey the unit made or is on."""
    if not facts.shipments:
        draw_note(sheet, "The unit has not been shipped.")
        return
    draw_table(sheet, COLUMNS, [_row(each, facts.time_zone) for each in facts.shipments])


def _row(row: ShipmentRow, time_zone: str) -> Row:
    carriage = " · ".join(part for part in (row.courier, row.equipment) if part)
    return Row(
        (
            ((row.reference, CODE), (row.kind, QUIET)),
            ((f"{row.origin} → {row.destination}", BODY), (carriage, QUIET)),
            when(row.packed_at, time_zone),
            when(row.handed_over_at, time_zone),
            (*when(row.received_at, time_zone), (row.received_by, QUIET)),
        )
    )
