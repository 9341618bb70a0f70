"""Exporting the ledger for an auditor: all of it, or one subject's entries with the rest withheld."""

from collections.abc import Iterator
from datetime import datetime

from biobank.domain.ledger import written_time
from biobank.domain.refusal import RuleViolation
from biobank.exchange.ledger import ExportHead, full_line, head_line, head_message, withheld_line
from biobank.models.ledger import LedgerHead
from biobank.queries.ledger import chunks, entries_of, numbers_of
from biobank.queries.resume import resumptions
from biobank.services.signing_key import public_key_of, signing_key


class SubjectUnknown(RuleViolation):
    """No entry of the ledger names the code."""

    code = "subject-unknown"
    title = "Nothing is known of this code"
    mend = "Check the code as it is printed on the label or report, and try again."


def export_lines(ledger: LedgerHead, *, subject: str | None, at: datetime) -> Iterator[str]:
    """Return the lines of an export up to that head, the signed head last; read in bounded pieces.

    Raises ``SigningKeyUnusable`` or ``SubjectUnknown`` at once, before the first line.
    """
    key = signing_key()
    if subject is not None and not entries_of(subject).exists():
        raise SubjectUnknown(f"No entry of the ledger names “{subject}”.")

    def lines() -> Iterator[str]:
        full = 0
        for shown, line in _entry_lines(ledger, subject):
            full += shown
            yield line
        head = ExportHead(
            at=written_time(at),
            count=ledger.number,
            full=full,
            number=ledger.number,
            public_key=public_key_of(key),
            seal=ledger.seal,
            subject=subject,
        )
        yield head_line(head, key.sign(head_message(head)).hex())

    return lines()


def _entry_lines(ledger: LedgerHead, subject: str | None) -> Iterator[tuple[bool, str]]:
    """Yield each entry's line and whether it is shown in full: a subject's own, and what resumed the whole record."""
    own = numbers_of(subject, until=ledger.number) if subject is not None else iter(())
    next_own = next(own, None)
    resumed = {number for number, _ in resumptions()}
    fields = ("number", "subjects", "body", "seal", "subjects_sha256", "body_sha256")
    for rows in chunks(*fields, until=ledger.number):
        for number, subjects, body, seal, subjects_sha256, body_sha256 in rows:
            shown = subject is None or number == next_own or number in resumed
            if number == next_own:
                next_own = next(own, None)
            if shown:
                yield True, full_line(number, subjects, body, seal)
            else:
                yield False, withheld_line(number, subjects_sha256, body_sha256)
