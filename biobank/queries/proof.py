"""Proving the ledger in the database, entry by entry, in bounded memory."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from biobank.domain.ledger import GENESIS, canonical_json, digest, seal
from biobank.domain.proof import Fault
from biobank.models.person import Person
from biobank.queries.ledger import chunks, head

_FIELDS = ("number", "previous", "seal", "subjects", "body", "subjects_sha256", "body_sha256", "kind", "at", "by_id")
# Both write an array without spaces, so that it is usually the very text of the entry's subjects.
_LINKS = {"sqlite": "json_group_array(code)", "postgresql": "array_to_json(array_agg(code))::text"}


def ledger_faults(progress: Callable[[int], object] = lambda number: None) -> Iterator[Fault]:
    """Yield every entry that is missing, changed or wrongly linked, and a head that is not the last one's.

    ``progress`` is told the number that was reached, some thousand entries apart.
    """
    stated = head()
    last, seal_before = 0, GENESIS
    names = {pk: f'"by":{canonical_json(name)},' for pk, name in Person.objects.values_list("pk", "username")}
    for rows in chunks(*_FIELDS, until=2**62):
        links = _links(last, rows[-1][0])
        for row in rows:
            number = row[0]
            if number != last + 1:
                yield Fault(f"Entries {last + 1} to {number - 1} are missing.", number)
            if faults := _entry_faults(row, seal_before, links.get(number, "[]"), names):
                yield from (Fault(text, number) for text in faults)
            last, seal_before = number, row[2]
        progress(last)
    if (stated.number, stated.seal) != (last, seal_before):
        yield Fault(f"The head states entry {stated.number}, but the last entry is {last}.", stated.number)


def _entry_faults(row: tuple[Any, ...], seal_before: str, links: str, names: Mapping[int, str]) -> list[str]:
    number, previous, own_seal, subjects, body, subjects_sha256, body_sha256, kind, at, by_id = row
    faults = []
    if previous != seal_before:
        faults.append("It does not seal the entry before it.")
    if own_seal != seal(number, previous, subjects_sha256, body_sha256):
        faults.append("Its seal was not made of what stands there.")
    if digest(subjects) != subjects_sha256:
        faults.append("Its subjects were changed.")
    if digest(body) != body_sha256:
        faults.append("Its body was changed.")
    elif not _columns_agree(body, kind, at, names.get(by_id, "?")):
        faults.append("Its columns say something else than its body.")
    if links != subjects and not _same_codes(links, subjects):
        faults.append("Its links name other subjects than it does.")
    return faults


def _columns_agree(body: str, kind: str, at: datetime, by: str) -> bool:
    """Whether time, person and kind beside a body are those in it.

    Canonical JSON has a fixed order: the time is first, the person second, and before the kind come no objects, so
    the first text that looks like the kind is the kind. Parsing a million bodies would take longer than the rest.
    """
    kind_at = body.find(',"kind":"')
    return (
        body.startswith('{"at":"')
        and datetime.fromisoformat(body[7:34]) == at
        and body.startswith(by, 36)
        and body.startswith(f'{kind}"', kind_at + 9)
    )


def _same_codes(links: str, subjects: str) -> bool:
    try:
        return sorted(json.loads(links)) == json.loads(subjects)
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
