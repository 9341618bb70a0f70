"""Writing the letter that goes with a consignee notice."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.documents.letter import letter_pdf
from inventory.documents.seal import seal_pdf
from inventory.domain.notice import NoticeKind, letter
from inventory.models.notice import ConsigneeNotice
from inventory.queries.notice import notice_items, verdicts_told
from inventory.services.report_file import keep_file
from inventory.services.sealing_key import configured_sealing_key

LETTER = "letter"


@dataclass(frozen=True)
class KeptLetter:
    """A letter on the disk: its file's name under the reports, and the hash that the ledger names."""

    file_name: str
    file_sha256: str


def write_letter(notice: ConsigneeNotice, *, by: Person, at: datetime) -> KeptLetter:
    """Draw a notice's letter, seal it where the bank has a key, keep the file and record its hash.

    The same notice gives the same words on the same day, until its excursion is assessed. Raises ``SealingKeyBroken``
    and ``ReportNotWritten``.
    """
    bank = by.site.name if by.site else ""
    units = [item.unit.code for item in notice_items(notice.pk)]
    words = letter(
        NoticeKind(notice.kind),
        reference=notice.reference,
        site=notice.site.name,
        bank=bank,
        reason=notice.reason,
        units=units,
        verdicts=verdicts_told(notice),
    )
    file = letter_pdf(words, reference=notice.reference, bank=bank, date=f"{at:%Y-%m-%d}")
    key = configured_sealing_key()
    if key is not None:
        file = seal_pdf(file, key, reason=f"Letter of {notice.reference}", location=bank)
    kept = KeptLetter(keep_file(file, prefix=LETTER), sha256(file).hexdigest())
    _record_letter(notice, kept, units, by=by, at=at)
    return kept


@service
def _record_letter(notice: ConsigneeNotice, kept: KeptLetter, units: list[str], *, by: Person, at: datetime) -> None:
    subjects = [notice.reference, notice.site.code, *units]
    record("notice.letter_written", subjects=subjects, by=by, at=at, new={"file_sha256": kept.file_sha256})
