"""Proving the ledger in the database, entry by entry, in bounded memory."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Max, TextField
from django.db.models.functions import Cast

from biobank.domain.ledger import GENESIS, canonical_json, digest, seal
from biobank.domain.proof import Finding
from biobank.models.ledger import LedgerEntry
from biobank.models.person import Person
from biobank.queries.ledger import chunks, head

_FIELDS = ("number", "previous", "seal", "subjects", "body", "subjects_sha256", "body_sha256", "kind", "by_id")
_FAULTS = (
    "Before it, everything since entry {} is missing.",
    "It does not seal the entry before it.",
    "Its seal was not made of what stands there.",
    "Its subjects were changed.",
    "Its body was changed.",
    "Its columns say something else than its body.",
    "Its links name other subjects than it does.",
)
# Both write an array without spaces, so that it is usually the very text of the entry's subjects.
_LINKS = {"sqlite": "json_group_array(code)", "postgresql": "array_to_json(array_agg(code))::text"}


def chain_findings(progress: Callable[[int], object] | None = None) -> Iterator[Finding]:
    """Yield every entry that is missing, changed or wrongly linked, and a head that is not the last one's.

    ``progress`` is told the number that was reached, some thousand entries apart.
    """
    stated = head()
    last, seal_before = 0, GENESIS
    names = {pk: f'"by":{canonical_json(name)},' for pk, name in Person.objects.values_list("pk", "username")}
    for rows in chunks(*_FIELDS, Cast("at", TextField()), until=stated.number):
        links = _links(last, rows[-1][0])
        for row in rows:
            number = row[0]
            yield from _wrong(row, (last, seal_before), links.get(number, "[]"), names)
            last, seal_before = number, row[2]
        if progress:
            progress(last)
    if (stated.number, stated.seal) != (last, seal_before):
        yield Finding(f"The head states entry {stated.number}, but the last entry is {last}.", stated.number)
    # Asked in this order, an entry that is appended meanwhile is never mistaken for one behind the head's back.
    newest = LedgerEntry.objects.aggregate(newest=Max("number"))["newest"] or 0
    if newest > head().number:
        yield Finding("It stands after the head.", newest)


def _wrong(row: tuple[Any, ...], before: tuple[int, str], links: str, names: Mapping[int, str]) -> Sequence[Finding]:
    """Return what is wrong with one entry."""
    number, previous, own_seal, subjects, body, subjects_sha256, body_sha256, kind, by_id, at = row
    proofs = (
        number == before[0] + 1,
        previous == before[1],
        own_seal == seal(number, previous, subjects_sha256, body_sha256),
        digest(subjects) == subjects_sha256,
        digest(body) == body_sha256,
        _columns_agree(body, kind, at, names.get(by_id, "?")),
        links == subjects or _same_codes(links, subjects),
    )
    if False not in proofs:
        return ()
    return [Finding(text.format(before[0]), number) for text, holds in zip(_FAULTS, proofs, strict=True) if not holds]


def _columns_agree(body: str, kind: str, at: str, by: str) -> bool:
    """Whether time, person and kind beside a body are those in it.

    Canonical JSON has a fixed order: the time is first, the person second, and before the kind come no objects, so
    the first text that looks like the kind is the kind. Parsing a million bodies would take longer than the rest.
    """
    kind_at = body.find(',"kind":"')
    # PostgreSQL adds the zone, which is UTC, and leaves out what is nought behind the seconds; SQLite only the latter.
    fraction = at[19:].removesuffix("+00").ljust(7, "0").replace("0000000", ".000000")
    return (
        body.startswith(f'{{"at":"{at[:10]}T{at[11:19]}{fraction}Z",')
        and body.startswith(by, 36)
        and body.startswith(f'{kind}"', kind_at + 9)
    )


def _same_codes(links: str, subjects: str) -> bool:
    try:
        return bool(sorted(json.loads(links)) == json.loads(subjects))
    except ValueError:
        return False


def _links(after: int, until: int) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT entry_id, {_LINKS[connection.vendor]} FROM biobank_ledgersubject"  # noqa: S608  nothing of it is typed by anyone
            " WHERE entry_id > %s AND entry_id <= %s GROUP BY entry_id",
            [after, until],
        )
        return dict(cursor.fetchall())
