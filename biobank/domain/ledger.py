"""The ledger's canonical form, its seal, and the kinds of entry it knows."""

import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import ClassVar

from biobank.domain.refusal import RuleViolation

GENESIS = "0" * 64
SEAL_DOMAIN = b"ledger-entry-v1"
LONGEST_SUBJECT = 80

_PLAIN = frozenset({str, int, bool, type(None)})
_SCALARS = (date, Decimal, str, int)
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

KINDS = frozenset(
    """
    donor.registered consent.given consent.narrowed consent.withdrawn consent.declined consent.expired
    form.drafted form.put_in_force identity.recorded identity.read identity.found identity.erased identity.rewrapped
    withdrawal.referred withdrawal.decided
    donation.registered kinship.stated unit.registered unit.processed unit.drawn unit.placed unit.moved unit.removed
    sample.registered sample.identified sample.placed sample.moved sample.removed sample.severed sample.rehung
    sample.consumed sample.discarded sample.lost sample.voided
    result.recorded result.verified result.corrected finding.recorded facts.attested
    eligibility.determined eligibility.reopened unit.accepted acceptance.withdrawn unit.quarantined
    hold.placed hold.lifted
    lot.made lot.accepted
    request.submitted request.refused request.approved request.rejected request.cancelled request.ended
    unit.reserved unit.unreserved reservation.lapsed reservation.ended worklist.done
    release.evaluated release.signed release.revoked unit.released unit.picked pick.mismatched
    shipment.packed shipment.handed_over shipment.received unit.shipped unit.received unit.returned unit.thawed
    unit.used unit.consumed unit.discarded unit.lost unit.voided
    receipt.recorded fact.corrected expiry.assigned expiry.extended use.reviewed
    excursion.opened excursion.extended excursion.assessed
    deviation.opened deviation.extended deviation.closed
    correction.proposed correction.rejected request.reopened
    label.issued label.spoiled voiding.proposed voiding.rejected
    stocktake.opened stocktake.counted stocktake.compared stocktake.resolved stocktake.closed stocktake.abandoned
    container.registered notice.opened notice.acknowledged notice.answered notice.closed notice.letter_written
    outcome.reported recipient.registered report.generated checkpoint.published file.imported unit.identified
    person.registered person.deactivated person.password_changed person.trained person.locked_out
    role.granted role.ended site.registered signature.refused signature.made
    specification.drafted specification.put_in_force protocol.drafted protocol.put_in_force
    duty.opened duty.done waiver.asked waiver.stated waiver.acknowledged product_codes.loaded
    shipment.unpacked papers.enclosed
    batch.registered batch.inspected batch.rejected batch.used
    equipment.registered equipment.checked equipment.stopped equipment.resumed
    job.failed demo.built ledger.resumed
    """.split()  # noqa: SIM905 - a page of words reads better than a page of quotes
)


class NotCanonical(RuleViolation):
    """A value has no single written form, so it cannot be sealed."""

    code = "not-canonical"
    title = "Cannot be written to the ledger"


class UnknownKind(RuleViolation):
    """An entry's kind is not in the vocabulary."""

    code = "unknown-kind"
    title = "Unknown kind of ledger entry"


def written_time(at: datetime) -> str:
    """Return the one written form of an instant: UTC, microseconds, ``Z``."""
    if at.tzinfo is None:
        raise NotCanonical(f"The time {at.isoformat()} has no time zone.")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def canonical_json(value: object) -> str:
    """Return the canonical JSON text: sorted keys, no spaces, no floats, times in UTC.

    Raises ``NotCanonical`` for a float, a naive time, a text that does not encode, keys that are written alike, or any
    type without one written form.
    """
    text = _encode(plain(value))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotCanonical("A text holds half a character, which cannot be written.") from None
    return text


def plain(value: object) -> object:
    """Return ``value`` as plain JSON types; see ``canonical_json``."""
    if type(value) in _PLAIN:
        return value
    # Nearly all that is written: taken first, and without a call for each plain value in it.
    if isinstance(value, dict):
        written = {str(key): item if type(item) in _PLAIN else plain(item) for key, item in value.items()}
        if len(written) != len(value):
            raise NotCanonical("Two keys are written alike.")
        return written
    if isinstance(value, list | tuple):
        return [item if type(item) in _PLAIN else plain(item) for item in value]
    if isinstance(value, Enum):
        return plain(value.value)
    return _plain_scalar(value) if isinstance(value, _SCALARS) else _plain_collection(value)


def _plain_scalar(value: object) -> object:
    if isinstance(value, datetime):
        return written_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, str | int):
        return str(value) if isinstance(value, str) else int(value)
    raise NotCanonical(f"A {type(value).__name__} cannot be written to the ledger.")


def _plain_collection(value: object) -> object:
    if isinstance(value, Mapping):
        return plain(dict(value))
    if isinstance(value, AbstractSet):
        # A set shows another order in each process: it is written in the order of its texts.
        return sorted((plain(item) for item in value), key=_encode)
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [plain(item) for item in value]
    raise NotCanonical(f"A {type(value).__name__} cannot be written to the ledger.")


def digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal."""
    return sha256(text.encode()).hexdigest()


def seal(number: int, previous: str, subjects_sha256: str, body_sha256: str) -> str:
    """Return the seal of entry ``number``: SHA-256 over the domain word and the four parts, NUL between."""
    parts = (SEAL_DOMAIN, b"%d" % number, previous.encode(), subjects_sha256.encode(), body_sha256.encode())
    return sha256(b"\x00".join(parts)).hexdigest()


def check_subjects(codes: Iterable[str]) -> None:
    """Refuse a code too long to be found again."""
    for code in codes:
        if len(code) > LONGEST_SUBJECT:
            raise NotCanonical(f"“{code[:LONGEST_SUBJECT]}…” is longer than {LONGEST_SUBJECT} characters.")


def check_kind(kind: str) -> None:
    """Refuse a kind of entry that the vocabulary does not have."""
    if kind not in KINDS:
        raise UnknownKind(f"“{kind}” is not a kind of ledger entry.")


class LedgerBehindCheckpoint(RuleViolation):
    """The database is older than, or differs from, a published checkpoint: nothing may be written."""

    code: ClassVar[str] = "ledger-behind-checkpoint"
    title: ClassVar[str] = "The record is older than its last checkpoint"
    mend = (
        "Restore the newest backup, or keep the system read-only until administrator and quality have signed what is "
        "missing (“manage.py resume”). Meanwhile use the printed downtime forms."
    )
