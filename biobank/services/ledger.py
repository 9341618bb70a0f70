"""Writing the ledger: entries are noted during a service and sealed together at its end."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from biobank.domain.ledger import GENESIS, canonical_json, check_kind, check_subjects, digest, seal
from biobank.domain.resume import RESUMED
from biobank.models.ledger import LedgerHead
from biobank.models.person import Person
from biobank.services.standing import check_not_behind

INSERT_ENTRIES = """
INSERT INTO biobank_ledgerentry
  (number, at, kind, by_id, subjects, body, subjects_sha256, body_sha256, previous, seal)
VALUES
"""
INSERT_LINKS = "INSERT INTO biobank_ledgersubject (entry_id, code) VALUES "
# As many rows as one statement takes: the way to the server costs more than the row.
ROWS_AT_ONCE = 500


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

    Raises ``LedgerBehindCheckpoint`` while the database is older than a published checkpoint; the one thing that may
    be appended then is what resumes it without that checkpoint.
    """
    if not noted:
        return
    head = _locked_head()
    resuming = [gone for each in noted if each.kind == RESUMED for gone in each.body["new"]["supersedes"]]
    check_not_behind(head, resuming=resuming)
    first = head.number + 1
    # Most entries of a service bear one instant, and putting it as the database does is not cheap.
    stored = {at: connection.ops.adapt_datetimefield_value(at) for at in {each.at for each in noted}}
    entries = [_sealed(head, each, stored[each.at]) for each in noted]
    links = [(number, code) for number, each in enumerate(noted, start=first) for code in each.subjects]
    _insert(INSERT_ENTRIES, entries)
    _insert(INSERT_LINKS, links)
    head.save(update_fields=["number", "seal", "at"])


def _insert(statement: str, rows: Sequence[tuple[int | str | None, ...]]) -> None:
    """Insert rows as they are: a model object for each costs five times what the database needs to take it."""
    with connection.cursor() as cursor:
        for first in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[first : first + ROWS_AT_ONCE]
            row = f"({', '.join(['%s'] * len(some[0]))})"
            cursor.execute(statement + ", ".join([row] * len(some)), [value for each in some for value in each])


def _locked_head() -> LedgerHead:
    head = LedgerHead.objects.select_for_update().filter(id=1).first()
    if head is None:
        LedgerHead.objects.get_or_create(id=1, defaults={"number": 0, "seal": GENESIS})
        head = LedgerHead.objects.select_for_update().get(id=1)
    return head


def _sealed(head: LedgerHead, noted: Noted, at: str | None) -> tuple[int | str | None, ...]:
    """Return the row of the next entry, as ``INSERT_ENTRY`` takes it, and move ``head`` to it."""
    body = dict(noted.body)
    if head.at is not None and noted.at < head.at:
        body["flags"] = [*body["flags"], "clock stepped back"]
    number, previous = head.number + 1, head.seal
    subjects, text = canonical_json(noted.subjects), canonical_json(body)
    named, told = digest(subjects), digest(text)
    head.number, head.seal, head.at = number, seal(number, previous, named, told), noted.at
    return number, at, noted.kind, noted.by.pk, subjects, text, named, told, previous, head.seal
