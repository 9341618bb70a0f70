"""Ledger entries on paper: who did what, where and when, what it changed, why, and whether it was amended since."""

from collections.abc import Iterator

from inventory.documents.furniture import draw_note
from inventory.documents.sheet import LEFT, Sheet
from inventory.documents.table import MARK_SIZE, Column, Row, Span, draw_table
from inventory.documents.typeface import BODY, COLUMN_HEAD, HASH, QUIET, STRONG, grouped
from inventory.documents.when import when
from inventory.domain.custody import Change, CustodyFacts, EntryRow, amended_count, site_text

COLUMNS = (
    Column("Entry", 36),
    Column("Recorded", 106),
    Column("Person and place", 100),
    Column("Event and subjects", 100),
    Column("Old → new, and reason", 157),
)
SHORT_REASON = 120
WORDS_ON_MARKS = (
    "Marks the entries and results that were amended after they were entered. The old value stays, the later entry "
    "says what replaced it, by whom and why."
)


def draw_entries(sheet: Sheet, facts: CustodyFacts) -> None:
    """Draw the whole chain, oldest first, each entry with its seal in full."""
    if amended_count(facts.entries) + amended_count(facts.results):
        sheet.triangle(LEFT, sheet.y - COLUMN_HEAD.size, MARK_SIZE)
        sheet.paragraph(WORDS_ON_MARKS, COLUMN_HEAD, left=LEFT + MARK_SIZE + 4, measure=480)
    else:
        sheet.paragraph("No entry has been amended since it was entered.", COLUMN_HEAD)
    draw_table(sheet, COLUMNS, (_row(entry, facts.time_zone) for entry in facts.entries))
    if not facts.entries:
        draw_note(sheet, "The ledger holds no entry about this unit.")


def _row(entry: EntryRow, time_zone: str) -> Row:
    return Row(
        (
            ((str(entry.number), STRONG),),
            when(entry.at, time_zone),
            ((entry.printed_name, BODY), (entry.username, QUIET), (entry.place, QUIET)),
            ((entry.kind, STRONG), (" ".join(entry.subjects), HASH)),
            tuple(_what_changed(entry, time_zone)),
        ),
        feet=tuple(_below(entry)),
        marked=bool(entry.amended),
    )


def _what_changed(entry: EntryRow, time_zone: str) -> Iterator[Span]:
    # First statements go together in one paragraph; a value that took another's place has a line of its own.
    stated = "; ".join(_in_words(change) for change in entry.changes if not change.old)
    yield stated, BODY
    for change in entry.changes:
        if change.old:
            yield _in_words(change), BODY
    if entry.reason and len(entry.reason) <= SHORT_REASON:
        yield f"Reason: {entry.reason}", BODY
    if entry.occurred_at:
        yield f"Occurred {site_text(entry.occurred_at, time_zone)}, as the person states", QUIET
    for flag in entry.flags:
        yield f"Flag: {flag}", STRONG


def _below(entry: EntryRow) -> Iterator[Span]:
    if len(entry.reason) > SHORT_REASON:
        yield f"Reason: {entry.reason}", BODY
    if entry.amended:
        yield f"Amended since entry: {entry.amended}", STRONG
    yield f"seal {grouped(entry.seal)}", HASH


def _in_words(change: Change) -> str:
    name = change.name.replace("_", " ")
    if not change.old:
        return f"{name}: {change.new or '–'}"
    return f"{name}: {change.old} → {change.new or '–'}"
