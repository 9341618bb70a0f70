"""Writing the ledger: entries are noted during a service and sealed together at its end."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from biobank.domain.ledger import GENESIS, canonical_json, check_kind, check_subjects, digest, seal
from biobank.models.ledger import LedgerEntry, LedgerHead, LedgerSubject
from biobank.models.person import Person
from biobank.services.standing import check_not_behind

BATCH = 1000


@dataclass(frozen=True)
class Noted:
    """An entry waiting to be sealed."""

    at: datetime
    kind: str
    by: Person
    subjects: tuple[str, ...]
    body: Mapping[str, Any]


_noted: ContextVar[list[Noted] | None] = ContextVar("noted_entries", default=None)


class RecordedOutsideService(RuntimeError):
    """``record`` was called where no service is running: a defect, never a person's mistake."""


@contextmanager
def recording() -> Iterator[list[Noted]]:
    """Collect the entries noted inside; the caller appends them."""
    entries: list[Noted] = []
    token = _noted.set(entries)
    try:
        yield entries
    finally:
        _noted.reset(token)


def record(
    kind: str,
    *,
    subjects: Iterable[str],
    by: Person,
    at: datetime,
    reason: str = "",
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
    item: str = "",
    occurred_at: datetime | None = None,
) -> None:
    """Note one entry, sealed when the running service ends.

    ``item`` is the code of the one unit or sample whose state, place or holder the entry changes: ``old`` and ``new``
    then hold these under ``state``, ``place`` and ``holder``, and ``verify`` folds them.
    """
    entries = _noted.get()
    if entries is None:
        raise RecordedOutsideService(kind)
    check_kind(kind)
    body = {
        "at": at,
        "by": by.get_username(),
        "flags": ["occurred in the future"] if occurred_at and occurred_at > at else [],
        "item": item,
        "kind": kind,
        "new": dict(new or {}),
        "occurred_at": occurred_at,
        "old": dict(old or {}),
        "reason": reason,
        "site": by.site.code if by.site else "",
    }
    codes = tuple(sorted({code for code in (*subjects, item) if code}))
    check_subjects(codes)
    entries.append(Noted(at=at, kind=kind, by=by, subjects=codes, body=body))


@contextmanager
def one_entry_per_item() -> Iterator[None]:
    """Make one entry of all that is noted inside about the same item: the first's kind and reason, every new value.

    For what happens to an item in one breath, such as being registered, identified and placed from a file.
    """
    entries = _noted.get()
    if entries is None:
        raise RecordedOutsideService("one_entry_per_item")
    begin = len(entries)
    yield
    merged: dict[object, Noted] = {}
    for number, each in enumerate(entries[begin:]):
        key = each.body["item"] or number
        merged[key] = _merged(merged[key], each) if key in merged else each
    entries[begin:] = merged.values()


def _merged(first: Noted, later: Noted) -> Noted:
    body = {
        **first.body,
        "flags": [*first.body["flags"], *later.body["flags"]],
        "new": {**first.body["new"], **later.body["new"]},
        "occurred_at": first.body["occurred_at"] or later.body["occurred_at"],
        "old": {**later.body["old"], **first.body["old"]},
    }
    return replace(first, subjects=tuple(sorted({*first.subjects, *later.subjects})), body=body)


def append(noted: list[Noted]) -> None:
    """Seal the noted entries in order under the head's lock, in bulk.

    Raises ``LedgerBehindCheckpoint`` while the database is older than a published checkpoint.
    """
    if not noted:
        return
    head = _locked_head()
    check_not_behind(head)
    entries = [_sealed(head, each) for each in noted]
    LedgerEntry.objects.bulk_create(entries, batch_size=BATCH)
    LedgerSubject.objects.bulk_create(
        [
            LedgerSubject(entry_id=entry.number, code=code)
            for entry, each in zip(entries, noted, strict=True)
            for code in each.subjects
        ],
        batch_size=BATCH,
    )
    head.save(update_fields=["number", "seal", "at"])


def _locked_head() -> LedgerHead:
    head = LedgerHead.objects.select_for_update().filter(id=1).first()
    if head is None:
        LedgerHead.objects.get_or_create(id=1, defaults={"number": 0, "seal": GENESIS})
        head = LedgerHead.objects.select_for_update().get(id=1)
    return head


def _sealed(head: LedgerHead, noted: Noted) -> LedgerEntry:
    """Return the next entry and move ``head`` to it."""
    body = dict(noted.body)
    if head.at is not None and noted.at < head.at:
        body["flags"] = [*body["flags"], "clock stepped back"]
    number, subjects, text = head.number + 1, canonical_json(noted.subjects), canonical_json(body)
    entry = LedgerEntry(
        number=number,
        at=noted.at,
        kind=noted.kind,
        by_id=noted.by.pk,
        subjects=subjects,
        body=text,
        subjects_sha256=digest(subjects),
        body_sha256=digest(text),
        previous=head.seal,
    )
    entry.seal = seal(number, head.seal, entry.subjects_sha256, entry.body_sha256)
    head.number, head.seal, head.at = number, entry.seal, noted.at
    return entry
