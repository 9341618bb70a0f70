"""The unit on paper: its identity, amounts and lineage."""

from inventory.documents.furniture import draw_note
from inventory.documents.sheet import Sheet
from inventory.documents.table import Cell, Column, Row, draw_table
from inventory.documents.typeface import BODY, CODE, QUIET, spaced
from inventory.documents.when import when
from inventory.domain.custody import CustodyFacts, UnitIdentity

PAIRS = (Column("", 96), Column("", 153), Column("", 96), Column("", 154))
AMOUNTS = (Column("Amount", 200), Column("Value", 100), Column("Unit", 199))
LINEAGE = (
    Column("Relation", 66),
    Column("Code", 122),
    Column("Kind and state", 104),
    Column("Amount and process", 100),
    Column("When", 107),
)


def draw_identity(sheet: Sheet, facts: CustodyFacts) -> None:
    """Draw who the unit is and where it is, as pairs of a name and a value."""
    pairs = _pairs(facts.unit)
    rows = [Row((*left, *right)) for left, right in zip(pairs[::2], pairs[1::2], strict=True)]
    draw_table(sheet, PAIRS, rows)
    if facts.unit.amounts:
        sheet.y -= 6
        draw_table(
            sheet,
            AMOUNTS,
            [
                Row((((each.name, BODY),), ((spaced(each.value), BODY),), ((each.unit, BODY),)))
                for each in facts.unit.amounts
            ],
        )


def _pairs(unit: UnitIdentity) -> list[tuple[Cell, Cell]]:
    named = [
        ("Unit", unit.code),
        ("Donation identification number", f"{unit.din_printed}, check character {unit.din_check or 'none'}"),
        ("Product", unit.product),
        ("Product code", unit.product_code),
        ("Kind", unit.kind),
        ("Origin", unit.origin),
        ("State", unit.state),
        ("Accepted for", unit.accepted_use or "not accepted"),
        ("Place", unit.place or "in no position"),
        ("Expiry", unit.expires or "not assigned"),
        ("Further identifiers", "; ".join(unit.identifiers) or "none"),
        ("Open holds", "; ".join(unit.holds) or "none"),
    ]
    return [(((name, QUIET),), ((value or "not stated", BODY),)) for name, value in named]


def draw_lineage(sheet: Sheet, facts: CustodyFacts) -> None:
    """Draw the donations, ancestors and descendants, with what each took or gave."""
    if not facts.lineage:
        draw_note(sheet, "No lineage is recorded for this unit.")
        return
    sheet.y -= 6
    rows = [
        Row(
            (
                ((row.relation, BODY),),
                ((row.code, CODE),),
                ((row.kind, BODY), (row.state, QUIET)),
                ((row.amount, BODY), (row.process, QUIET)),
                when(row.at, facts.time_zone),
            )
        )
        for row in facts.lineage
    ]
    draw_table(sheet, LINEAGE, rows)
