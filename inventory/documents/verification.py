"""How a reader proves a custody document without the bank's help."""

from inventory.documents.furniture import head_code
from inventory.documents.sheet import LEFT, MEASURE, Sheet
from inventory.documents.typeface import BODY, CODE, HASH, grouped
from inventory.domain.custody import CustodyFacts, Edition

RECORD_NAME = "custody.json"
INDENT = 16.0

Step = tuple[str, str]
"""What to do, and the command or text that goes with it."""


def draw_verification(sheet: Sheet, facts: CustodyFacts, edition: Edition) -> None:
    """Draw the steps, numbered, with the commands as they are typed."""
    for number, (words, command) in enumerate(_steps(facts, edition), start=1):
        sheet.need(BODY.leading * 2 + CODE.leading)
        sheet.draw(f"{number}.", LEFT, sheet.y - BODY.size, BODY)
        sheet.paragraph(words, BODY, left=LEFT + INDENT, measure=MEASURE - INDENT)
        if command:
            sheet.paragraph(command, CODE, left=LEFT + INDENT, measure=MEASURE - INDENT)
        sheet.y -= 4
    sheet.paragraph(f"Seal of ledger entry {facts.head.number}: {grouped(facts.head.seal)}", HASH)


def _steps(facts: CustodyFacts, edition: Edition) -> list[Step]:
    export = f"{facts.unit.code}.jsonl"
    ledger = (
        "The ledger. Ask the bank for the ledger export of this unit and for verify_ledger.py, one file that needs "
        "only Python 3.11 and no network. It proves that no entry was changed, moved, added or left out."
    )
    key = (
        "The key. The fingerprint that the verifier prints must be the ledger key in the foot of these pages and the "
        "one that the bank has published."
    )
    entries = (
        "This document against the ledger. Each entry of section 6 that names this unit stands in the export with the "
        "seal printed here; those of its donation, donor and parents stand in the exports of their codes. In "
        f"an export of the whole ledger, entry {facts.head.number} carries the seal in the head of these pages; the "
        "Data Matrix there says the same, number and seal:"
    )
    data = (
        f"The data. The file {RECORD_NAME} attached to this PDF holds the same facts for machines, as canonical JSON; "
        "characters that these pages show as [U+…] stand in it as they are."
    )
    checkpoint = (
        "The end. Signed checkpoints, kept outside the bank’s database, prove that nothing was cut off its end."
    )
    return [
        (_about_the_file(edition), ""),
        (ledger, f"python verify_ledger.py {export} --key PUBLIC_KEY_FILE"),
        (key, ""),
        (entries, head_code(facts)),
        (data, ""),
        (checkpoint, f"python verify_ledger.py {export} --key PUBLIC_KEY_FILE --checkpoint CHECKPOINT_FILE"),
    ]


def _about_the_file(edition: Edition) -> str:
    if edition.is_sealed:
        return (
            "This file. Open it in a PDF reader that shows signatures. It must report a certification that allows no "
            "changes, covering the whole document, by the certificate whose fingerprint stands in the foot."
        )
    return (
        "This file. It is UNSEALED: the bank had no sealing key when it was made. Compare its SHA-256 with the one "
        f"that the bank keeps for report {edition.reference}."
    )
