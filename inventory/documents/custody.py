"""The chain-of-custody document of one unit: facts in, bytes out."""

from collections.abc import Callable

from inventory.documents.consent import draw_consent
from inventory.documents.eligibility import draw_eligibility
from inventory.documents.embedded import embed_text
from inventory.documents.furniture import TITLE, draw_heading, furnished_sheet
from inventory.documents.ledger import draw_entries
from inventory.documents.result import draw_results
from inventory.documents.sheet import LEFT, Sheet
from inventory.documents.shipment import draw_shipments
from inventory.documents.signature import draw_signatures
from inventory.documents.typeface import BODY, HEADING
from inventory.documents.typeface import TITLE as TITLE_STYLE
from inventory.documents.unit import draw_identity, draw_lineage
from inventory.documents.verification import RECORD_NAME, draw_verification
from inventory.domain.custody import CustodyFacts, Edition, amended_count, custody_record, utc_text

Section = tuple[str, Callable[[Sheet, CustodyFacts], None], float]
"""A heading, what draws the section, and the height kept together with the heading."""
KEEP, KEEP_STEPS = 74.0, 215.0


def custody_pdf(facts: CustodyFacts, edition: Edition) -> bytes:
    """Return the unsealed document: the same bytes for the same facts and edition."""
    sheet = furnished_sheet(facts, edition)
    _draw_title(sheet, facts)
    for number, (heading, draw, keep) in enumerate(_sections(edition), start=1):
        draw_heading(sheet, f"{number}  {heading}", HEADING, keep=keep)
        draw(sheet, facts)
    embed_text(
        sheet.canvas,
        name=RECORD_NAME,
        text=custody_record(facts, edition),
        description=f"The data of report {edition.reference} as canonical JSON",
        media_type="application/json",
    )
    return sheet.finish()


def _sections(edition: Edition) -> list[Section]:
    return [
        ("Identity and lineage", _draw_unit, KEEP),
        ("Consent status", draw_consent, KEEP),
        ("Donor eligibility", draw_eligibility, KEEP),
        ("Results against specification", draw_results, KEEP),
        ("Electronic signatures", draw_signatures, KEEP),
        ("Chain of custody", draw_entries, KEEP),
        ("Shipments", draw_shipments, KEEP),
        ("How to verify this document", lambda sheet, facts: draw_verification(sheet, facts, edition), KEEP_STEPS),
    ]


def _draw_title(sheet: Sheet, facts: CustodyFacts) -> None:
    sheet.draw(f"{TITLE} of unit {facts.unit.code}", LEFT, sheet.y - TITLE_STYLE.size, TITLE_STYLE)
    sheet.y -= TITLE_STYLE.leading + 4
    sheet.paragraph(_summary(facts), BODY)


def _summary(facts: CustodyFacts) -> str:
    entries = facts.entries
    head = f"ledger entry {facts.head.number} of {utc_text(facts.head.at)}"
    if not entries:
        return f"The ledger holds no entry about this unit as of {head}."
    amended = amended_count(entries) + amended_count(facts.results)
    return (
        f"{facts.unit.product}, {facts.unit.state}. {len(entries)} ledger entries concern this unit, the first of "
        f"{utc_text(entries[0].at)}, the last of {utc_text(entries[-1].at)}; "
        f"{amended or 'none'} amended since entry. All facts are as of {head}."
    )


def _draw_unit(sheet: Sheet, facts: CustodyFacts) -> None:
    draw_identity(sheet, facts)
    draw_lineage(sheet, facts)
