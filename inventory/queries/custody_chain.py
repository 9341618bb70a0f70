"""A unit's chain of custody: the ledger entries that concern it, in order, with what was amended since."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from biobank.models.ledger import LedgerEntry, LedgerSubject
from biobank.models.site import Site
from inventory.domain.custody import EntryRow, changes_between, utc_text
from inventory.models.unit import Unit
from inventory.queries.custody_line import Line

# Of the entries that name a donor and none of the unit's line, these decide over the material.
OF_THE_DONOR = ("donor.registered", "consent.")
CORRECTIONS = frozenset({"result.corrected", "fact.corrected"})


def chain_of(line: Line, sites: Iterable[Site]) -> tuple[EntryRow, ...]:
    """Return every entry of the unit, of what it was made from, of its lot, their donations, and the donors' consents.

    Entries about the other units of the same lot or donation are theirs, not this unit's. ``sites`` are all there are.
    """
    mine = [
        (entry, json.loads(entry.body))
        for entry in _entries_naming(line.own_codes | line.shared_codes | line.donor_codes, line)
        if _concerns(entry, set(json.loads(entry.subjects)), line)
    ]
    names = {site.code: site.name for site in sites}
    amended = _amendments(mine)
    return tuple(_row(entry, body, names, amended) for entry, body in mine)


def _entries_naming(codes: Iterable[str], line: Line) -> QuerySet[LedgerEntry]:
    """Return the entries that name any of the codes, each with whether it names another unit of the same donors."""
    named = LedgerSubject.objects.filter(code__in=sorted(codes)).values("entry_id")
    others = Unit.objects.filter(sources__donation__donor_id__in=line.donor_ids).exclude(pk__in=line.own_and_ancestors)
    of_others = LedgerSubject.objects.filter(entry=OuterRef("pk"), code__in=others.values("code"))
    entries = LedgerEntry.objects.filter(number__in=named).annotate(names_another_unit=Exists(of_others))
    return entries.select_related("by").order_by("number")


def _concerns(entry: LedgerEntry, subjects: set[str], line: Line) -> bool:
    if subjects & line.own_codes:
        return True
    if entry.names_another_unit:  # type: ignore[attr-defined] # annotated above
        return False
    return bool(subjects & line.shared_codes) or entry.kind.startswith(OF_THE_DONOR)


def _row(
    entry: LedgerEntry, body: Mapping[str, object], sites: Mapping[str, str], amended: Mapping[int, str]
) -> EntryRow:
    site = str(body.get("site") or "")
    occurred = body.get("occurred_at")
    old, new = body.get("old"), body.get("new")
    flags = body.get("flags")
    return EntryRow(
        number=entry.number,
        at=entry.at,
        kind=entry.kind,
        username=str(body["by"]),
        printed_name=entry.by.printed_name,
        place=f"{site} {sites.get(site, '')}".strip() or "no site: a service of the bank",
        subjects=tuple(json.loads(entry.subjects)),
        seal=entry.seal,
        changes=changes_between(old if isinstance(old, dict) else {}, new if isinstance(new, dict) else {}),
        reason=str(body.get("reason") or ""),
        occurred_at=datetime.fromisoformat(occurred) if isinstance(occurred, str) else None,
        flags=tuple(map(str, flags)) if isinstance(flags, list) else (),
        amended=amended.get(entry.number, ""),
    )


def _amendments(entries: list[tuple[LedgerEntry, dict[str, object]]]) -> dict[int, str]:
    """Return, by number, what later corrected each entry: a correction's old values name what they replace."""
    replaced: dict[tuple[str, object], str] = {}
    for entry, body in entries:
        if entry.kind in CORRECTIONS:
            words = f"by entry {entry.number} of {utc_text(entry.at)}: {body.get('reason') or 'no reason given'}"
            replaced.update(dict.fromkeys(_named(body.get("old")), words))
    return {
        entry.number: replaced[name]
        for entry, body in entries
        for name in [("entry", entry.number), *_named(body.get("new"))]
        if name in replaced
    }


def _named(values: object) -> Iterator[tuple[str, object]]:
    if isinstance(values, dict):
        yield from ((name, values[name]) for name in ("entry", "result") if values.get(name))
