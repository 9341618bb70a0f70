"""The letter to a site that has or had material: what is said in paragraphs, with the notice's code to scan."""

from inventory.documents.sheet import FOOT_FORM, HEAD_FORM, LEFT, MEASURE, RIGHT, Sheet
from inventory.documents.typeface import FURNITURE, HEADING, SANS, Style, width

LETTER = Style(SANS, 10.5, 15)
TOP, BOTTOM, GAP = 780.0, 60.0, 10.0


def letter_pdf(paragraphs: list[str], *, reference: str, bank: str, date: str) -> bytes:
    """Return the unsealed letter: the same bytes for the same words. The first paragraph is its subject."""
    sheet = Sheet(title=paragraphs[0], author=bank, subject=reference, top=TOP, bottom=BOTTOM)
    sheet.furnish(HEAD_FORM, lambda page: _draw_head(page, bank=bank, reference=reference, date=date))
    sheet.furnish(FOOT_FORM, lambda page: page.rule(BOTTOM - 16))
    sheet.number_pages(LEFT, BOTTOM - 30, FURNITURE)
    sheet.new_page()
    for number, paragraph in enumerate(paragraphs):
        sheet.paragraph(paragraph, LETTER if number else HEADING, left=LEFT, measure=MEASURE)
        sheet.y -= GAP
    return sheet.finish()


def _draw_head(sheet: Sheet, *, bank: str, reference: str, date: str) -> None:
    sheet.draw(bank, LEFT, 806, FURNITURE)
    told = f"{reference}   {date}"
    sheet.draw(told, RIGHT - width(told, FURNITURE), 806, FURNITURE)
    sheet.rule(798)
