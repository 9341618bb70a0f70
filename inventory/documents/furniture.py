"""What stands on every page of a custody document, and what other documents share of it: DIN, symbol, seal."""

from inventory.documents.barcode import data_matrix, draw_modules
from inventory.documents.sheet import FOOT_FORM, HEAD_FORM, LEFT, MEASURE, PAGE_HEIGHT, RIGHT, RULE, Sheet
from inventory.documents.typeface import (
    COLUMN_HEAD,
    FURNITURE,
    HASH,
    MONO,
    SANS,
    Style,
    grouped,
    legible,
    width,
    wrapped,
)
from inventory.domain.custody import CustodyFacts, Edition, SignatureRow, site_text, utc_text

TITLE = "Chain of custody"
EDGE = 34.0
CODE_SIDE = 46.0
BANK_MEASURE, UNIT_LEFT = 138.0, LEFT + 152
SIGNATURES_SHOWN = 4
BANK = Style(SANS, 8, 10.4, bold=True)
DIN = Style(MONO, 13, 17, grey=0.04)
CHECK = Style(MONO, 12, 17, grey=0.04)
UNSEALED = Style(SANS, 6.3, 8.2, grey=0.0, bold=True)

Line = tuple[str, Style]


def furnished_sheet(facts: CustodyFacts, edition: Edition) -> Sheet:
    """Return an empty document of this unit, its first page begun."""
    bank = wrapped(facts.bank, BANK, BANK_MEASURE)
    foot = footer_lines(facts, edition)
    head_bottom = PAGE_HEIGHT - EDGE - max(CODE_SIDE + 8, len(bank) * BANK.leading + 28)
    foot_top = EDGE + sum(style.leading for _, style in foot)
    sheet = Sheet(
        title=f"{TITLE} {facts.unit.code}",
        author=facts.bank,
        subject=f"Unit {facts.unit.code} at ledger entry {facts.head.number}, report {edition.reference}",
        top=head_bottom - 14,
        bottom=foot_top + 14,
    )
    sheet.furnish(HEAD_FORM, lambda page: _draw_head(page, facts, bank, head_bottom))
    sheet.furnish(FOOT_FORM, lambda page: _draw_foot(page, foot, foot_top))
    sheet.number_pages(LEFT, PAGE_HEIGHT - EDGE - len(bank) * BANK.leading - 8.5 - FURNITURE.leading, FURNITURE)
    sheet.new_page()
    return sheet


def head_code(facts: CustodyFacts) -> str:
    """Return what the Data Matrix says: the number and the seal of the ledger's head."""
    return f"{facts.head.number}:{facts.head.seal}"


def _draw_head(sheet: Sheet, facts: CustodyFacts, bank: tuple[str, ...], bottom: float) -> None:
    top = PAGE_HEIGHT - EDGE
    sheet.draw_lines(bank, LEFT, top - 8, BANK)
    sheet.draw(TITLE, LEFT, top - len(bank) * BANK.leading - 8, FURNITURE)
    draw_din(sheet, facts.unit.din_printed, facts.unit.din_check, left=UNIT_LEFT, baseline=top - 10.5)
    number, seal = facts.head.number, facts.head.seal
    sheet.draw(f"Product code {facts.unit.product_code}", UNIT_LEFT, top - 23.5, FURNITURE)
    sheet.draw(f"Ledger head: entry {number}, seal {grouped(seal[:8])} …, in full", UNIT_LEFT, top - 33.5, FURNITURE)
    sheet.draw(grouped(seal), UNIT_LEFT, top - 43, HASH)
    draw_code(sheet, head_code(facts), right=RIGHT, top=top)
    sheet.rule(bottom, weight=RULE, grey=0.08)


def draw_din(sheet: Sheet, din_printed: str, check: str, *, left: float, baseline: float) -> None:
    """Draw a DIN as people read it, its check character in a box where it has one."""
    printed = legible(din_printed)
    sheet.draw(printed, left, baseline, DIN)
    if not check:
        return
    after = left + width(printed, DIN) + 9
    sheet.draw(check, after, baseline + 0.3, CHECK)
    sheet.box(after - 3.4, baseline - 3.1, width(check, CHECK) + 6.8, 14.4)


def draw_code(sheet: Sheet, text: str, *, right: float, top: float) -> None:
    """Draw the Data Matrix of a text with its upper right corner at (right, top)."""
    modules = data_matrix(text)
    side = CODE_SIDE / len(modules)
    draw_modules(sheet.canvas, modules, left=right - CODE_SIDE, bottom=top - CODE_SIDE, module=side)


def footer_lines(facts: CustodyFacts, edition: Edition) -> list[Line]:
    """Return the lines of the foot, signatures first (21 CFR 11.50(b)), each short enough for the page."""
    written = (
        f"Generated {site_text(edition.generated_at, facts.time_zone)} ({utc_text(edition.generated_at)}) "
        f"by {edition.generated_by} · report {edition.reference}"
    )
    lines: list[Line] = [(text, FURNITURE) for text in signature_lines(facts.signatures)]
    lines.append((written, FURNITURE))
    if facts.ledger_key_sha256:
        lines.append((f"Ledger key, SHA-256: {grouped(facts.ledger_key_sha256)}", HASH))
    else:
        lines.append(("Ledger key: the bank has none yet, so ledger exports are not signed.", FURNITURE))
    lines += seal_lines(edition)
    return [(part, style) for text, style in lines for part in wrapped(text, style, MEASURE)]


def seal_lines(edition: Edition) -> list[Line]:
    """Return what a document says of its own seal, or that it has none."""
    if not edition.is_sealed:
        words = "UNSEALED: this file carries no digital signature. Compare its SHA-256 with the one the bank keeps."
        return [(words, UNSEALED)]
    return [
        ("Sealed: carries a certification signature; any later change to the file shows.", FURNITURE),
        (f"Sealing certificate, SHA-256: {grouped(edition.sealing_certificate_sha256)}", HASH),
    ]


def signature_lines(signatures: tuple[SignatureRow, ...]) -> list[str]:
    """Return the latest signatures, newest first, and how many more there are."""
    if not signatures:
        return ["Signatures: none."]
    latest = sorted(signatures, key=lambda each: each.signed_at, reverse=True)[:SIGNATURES_SHOWN]
    lines = [
        f"Signed “{each.meaning}” by {each.printed_name}, {utc_text(each.signed_at)}: {each.about}" for each in latest
    ]
    more = len(signatures) - len(latest)
    return [*lines, f"and {more} earlier signature{'s' * (more > 1)}: see section 5"] if more else lines


def _draw_foot(sheet: Sheet, lines: list[Line], top: float) -> None:
    sheet.rule(top + 5, weight=RULE, grey=0.08)
    y = top
    for text, style in lines:
        sheet.draw_lines((text,), LEFT, y - style.size, style)
        y -= style.leading


def draw_heading(sheet: Sheet, text: str, style: Style, *, keep: float) -> None:
    """Draw a section's heading, with room for what begins it on the same page."""
    if not sheet.need(keep) and sheet.y < sheet.top:
        sheet.y -= 13
    sheet.draw(text, LEFT, sheet.y - style.size, style)
    sheet.y -= style.leading + 3


def draw_note(sheet: Sheet, text: str) -> None:
    """Draw a remark below what it explains."""
    sheet.y -= 4
    sheet.paragraph(text, COLUMN_HEAD)
