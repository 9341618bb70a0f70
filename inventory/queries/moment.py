"""Moments of custody: sealed ledger entries as a person reads them."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from biobank.models.ledger import LedgerEntry
from inventory.domain.custody import Change, changes_between

# What marks an entry as one where somebody stood in for the unit with their signature, or stopped it.
SIGNED = frozenset({"unit.accepted", "release.signed", "unit.released", "eligibility.determined", "request.approved"})
STOPPED = frozenset({"hold.placed", "acceptance.withdrawn", "unit.quarantined", "consent.withdrawn", "pick.mismatched"})


@dataclass(frozen=True)
class Moment:
    """One entry: what happened, when, by whom, what changed, and why."""

    number: int
    kind: str
    title: str
    at: datetime
    who: str
    place: str
    changes: tuple[Change, ...] = ()
    reason: str = ""
    occurred_at: datetime | None = None
    flags: tuple[str, ...] = ()
    amended: str = ""

    @property
    def look(self) -> str:
        """How the line is marked in a timeline."""
        if self.kind in STOPPED:
            return "moment-held"
        return "moment-signed" if self.kind in SIGNED else ""


def title_of(kind: str) -> str:
    """Return a kind of entry in words: ``unit.accepted`` is "Unit accepted"."""
    return kind.replace(".", " ").replace("_", " ").capitalize()


def newest_moments(codes: Collection[str], *, most: int) -> tuple[tuple[Moment, ...], int]:
    """Return the newest entries that name any of these codes, newest first, and how many earlier ones there are."""
    named = LedgerEntry.objects.filter(links__code__in=codes).distinct()
    entries = list(named.select_related("by").order_by("-number")[: most + 1])
    earlier = named.count() - most if len(entries) > most else 0
    return tuple(_moment(entry) for entry in entries[:most]), earlier


def _moment(entry: LedgerEntry) -> Moment:
    body = json.loads(entry.body)
    occurred = body.get("occurred_at")
    return Moment(
        number=entry.number,
        kind=entry.kind,
        title=title_of(entry.kind),
        at=entry.at,
        who=entry.by.printed_name,
        place=body.get("site") or "",
        changes=changes_between(body.get("old") or {}, body.get("new") or {}),
        reason=body.get("reason") or "",
        occurred_at=datetime.fromisoformat(occurred) if occurred else None,
        flags=tuple(body.get("flags") or ()),
    )
