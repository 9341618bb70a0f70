"""The papers of a shipment in quarantine: a page for each unit that travels so, to lie with it in the shipper."""

from inventory.documents.embedded import embed_text
from inventory.documents.furniture import EDGE, Line, draw_code, draw_din, seal_lines
from inventory.documents.sheet import FOOT_FORM, HEAD_FORM, LEFT, MEASURE, PAGE_HEIGHT, RIGHT, RULE, Sheet
from inventory.documents.table import Column, Row, draw_table
from inventory.documents.typeface import BODY, FURNITURE, QUIET, SANS, TITLE, Style, width, wrapped
from inventory.domain.custody import Edition, site_text, utc_text
from inventory.domain.paper import PapersFacts, UnitPaper, papers_record

HEADING = "Papers of a unit in quarantine"
DEMAND = "Donor eligibility, 21 CFR 1271.60(c). These papers stay with the unit."
SAID = Style(SANS, 12, 17, bold=True)
LEGEND = Style(SANS, 15, 21, bold=True)
INSET, LEGEND_DROP = 10.0, 6.0
DIN_BAND, GAP = 62.0, 8.0
HEAD_HEIGHT = 30.0
PAIRS = (Column("", 110), Column("", 389))
RECORD_NAME = "papers.json"


def papers_pdf(facts: PapersFacts, edition: Edition) -> bytes:
    """Return the unsealed papers: the same bytes for the same facts and edition."""
    foot = _foot(facts, edition)
    sheet = Sheet(
        title=f"{HEADING}: {facts.shipment}",
        author=facts.bank,
        subject=f"Shipment {facts.shipment}, report {edition.reference}",
        top=PAGE_HEIGHT - EDGE - HEAD_HEIGHT,
        bottom=EDGE + sum(style.leading for _, style in foot) + 14,
    )
    sheet.furnish(HEAD_FORM, lambda page: _draw_head(page, facts))
    sheet.furnish(FOOT_FORM, lambda page: _draw_foot(page, foot))
    sheet.number_pages(LEFT, PAGE_HEIGHT - EDGE - 17, FURNITURE)
    for unit in facts.units:
        sheet.new_page()
        _draw_unit(sheet, unit)
        sheet.y -= GAP
        _draw_journey(sheet, facts)
    text = papers_record(facts, edition)
    about = f"The data of report {edition.reference} as canonical JSON"
    embed_text(sheet.canvas, name=RECORD_NAME, text=text, description=about, media_type="application/json")
    return sheet.finish()


def _draw_unit(sheet: Sheet, unit: UnitPaper) -> None:
    sheet.draw(HEADING, LEFT, sheet.y - TITLE.size, TITLE)
    sheet.y -= TITLE.leading + 4
    sheet.paragraph(DEMAND, BODY)
    sheet.y -= GAP
    top = sheet.y
    draw_din(sheet, unit.din_printed, unit.din_check, left=LEFT, baseline=top - 16)
    sheet.draw(f"{unit.product}, product code {unit.product_code}", LEFT, top - 34, BODY)
    draw_code(sheet, unit.symbol, right=RIGHT, top=top)
    sheet.y = top - DIN_BAND
    sheet.rule(sheet.y, weight=RULE, grey=0.08)
    sheet.y -= GAP
    _draw_legends(sheet, unit.legends)
    for statement in unit.statements:
        sheet.paragraph(statement, SAID)
        sheet.y -= GAP


def _draw_legends(sheet: Sheet, legends: tuple[str, ...]) -> None:
    """Draw the fixed warnings in a frame of their own, to be seen before anything else is read."""
    lines = [line for legend in legends for line in wrapped(legend, LEGEND, MEASURE - 2 * INSET)]
    if not lines:
        return
    height = len(lines) * LEGEND.leading + 2 * INSET
    sheet.frame(LEFT, sheet.y - height, MEASURE, height)
    for number, line in enumerate(lines, start=1):
        sheet.draw_lines((line,), LEFT + INSET, sheet.y - INSET - number * LEGEND.leading + LEGEND_DROP, LEGEND)
    sheet.y -= height + GAP


def _draw_journey(sheet: Sheet, facts: PapersFacts) -> None:
    pairs = (
        ("From", facts.from_site),
        ("To", facts.to_site),
        ("Packed", f"{site_text(facts.packed_at, facts.time_zone)} ({utc_text(facts.packed_at)})"),
        ("Shipper and seal", f"{facts.shipper_code}, seal {facts.seal_code}"),
    )
    draw_table(sheet, PAIRS, [Row((((name, QUIET),), ((value, BODY),))) for name, value in pairs])


def _draw_head(sheet: Sheet, facts: PapersFacts) -> None:
    top = PAGE_HEIGHT - EDGE - 8
    sheet.draw(facts.bank, LEFT, top, FURNITURE)
    told = f"Shipment {facts.shipment}   ledger entry {facts.head.number}"
    sheet.draw(told, RIGHT - width(told, FURNITURE), top, FURNITURE)
    sheet.rule(PAGE_HEIGHT - EDGE - 22, weight=RULE, grey=0.08)


def _foot(facts: PapersFacts, edition: Edition) -> list[Line]:
    written = (
        f"Generated {site_text(edition.generated_at, facts.time_zone)} ({utc_text(edition.generated_at)}) "
        f"by {edition.generated_by} · report {edition.reference}"
    )
    lines = [(written, FURNITURE), *seal_lines(edition)]
    return [(part, style) for text, style in lines for part in wrapped(text, style, MEASURE)]


def _draw_foot(sheet: Sheet, lines: list[Line]) -> None:
    y = EDGE + sum(style.leading for _, style in lines)
    sheet.rule(y + 5, weight=RULE, grey=0.08)
    for text, style in lines:
        sheet.draw_lines((text,), LEFT, y - style.size, style)
        y -= style.leading
