"""What must hold from one moment to the next: the ledger goes on unbroken, and no table loses a row."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

from tests.journeys.invariants import select

Rows = Mapping[str, Mapping[object, tuple[object, ...]]]
FOLDED = ("state", "place", "holder")
# May lose rows by design: keys, counters and jobs that have served their purpose.
DISPOSABLE = {
    "biobank_job",
    "biobank_heartbeat",
    "biobank_idempotencykey",
    "biobank_attempts",
    "biobank_signingsession",
}
# Proved link by link by the record itself.
LEDGER = {"biobank_ledgerentry", "biobank_ledgersubject", "biobank_ledgerhead"}
# The table of states (vocabulary, "States of a unit"), row for row; "" is before a unit is registered.
LAWFUL = {
    "": {"collected", "quarantined"},
    "collected": {"quarantined", "consumed", "discarded", "lost", "voided"},
    "quarantined": {"available", "reserved", "consumed", "discarded", "lost", "voided"},
    "available": {"reserved", "quarantined", "consumed", "discarded", "lost"},
    "reserved": {"available", "quarantined", "released", "lost"},
    "released": {"available", "quarantined", "shipped", "lost"},
    "shipped": {"received", "returned", "discarded", "lost"},
    "received": {"returned", "used", "discarded", "lost"},
    "returned": {"quarantined", "discarded", "lost"},
}
SAMPLE_STATES = {"": {"stored"}, "stored": {"consumed", "discarded", "lost", "voided"}}


def rows_of(*apps_asked: str) -> Rows:
    """Return every row of every table of these apps by its key, as the database gives it."""
    models = [model for label in apps_asked for model in apps.get_app_config(label).get_models()]
    wanted = [model for model in models if model._meta.db_table not in DISPOSABLE | LEDGER]
    return _as_text(wanted) if connection.vendor == "postgresql" else _as_values(wanted)


def _as_values(models: Sequence[type[Model]]) -> Rows:
    return {
        model._meta.db_table: {row[0]: row for row in select(f'SELECT * FROM "{model._meta.db_table}"')}  # noqa: S608
        for model in models
    }


def _as_text(models: Sequence[type[Model]]) -> Rows:
    """Ask for all tables at once, and read no value: a server is far, and its instants are dear to read."""
    found: dict[str, dict[object, tuple[object, ...]]] = {model._meta.db_table: {} for model in models}
    for table, key, row in select(" UNION ALL ".join(map(_row_as_text, models))):
        found[table][key] = (key, row)
    return found


def _row_as_text(model: type[Model]) -> str:
    table, key = model._meta.db_table, model._meta.pk.column
    return f"""SELECT '{table}', t."{key}"::text, t::text FROM "{table}" t"""  # noqa: S608  a table of ours


def lost_rows(before: Rows, after: Rows) -> list[str]:
    """INV-13: nothing is physically deleted."""
    return [
        f"INV-13 {table} lost {sorted(map(str, gone))}"
        for table, rows in before.items()
        if (gone := rows.keys() - after[table].keys())
    ]


def changed_tables(before: Rows, after: Rows) -> set[str]:
    """Return the tables in which anything is otherwise."""
    return {table for table, rows in before.items() if rows != after[table]}


@dataclass(frozen=True)
class Entry:
    """One entry as it is stored."""

    number: int
    kind: str
    subjects: str
    text: str
    previous: str
    seal: str

    @property
    def body(self) -> dict[str, Any]:
        """What it says."""
        read: dict[str, Any] = json.loads(self.text)
        return read


@dataclass(frozen=True)
class Record:
    """The ledger as far as it was proved: the last number and seal, and what is folded of it so far."""

    number: int = 0
    seal: str = "0" * 64
    last_at: str = ""
    folded: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def read_on(self) -> tuple["Record", list[Entry], list[str]]:
        """Prove what was appended since; return the record with it, the new entries, and what is wrong."""
        entries = [Entry(*row) for row in select(_NEW, self.number)]
        record, problems = self, []
        folded = {item: dict(facts) for item, facts in self.folded.items()}
        for entry in entries:
            problems += [f"entry {entry.number} ({entry.kind}): {text}" for text in record._against(entry, folded)]
            record = replace(record, number=entry.number, seal=entry.seal, last_at=entry.body["at"])
        head = select("SELECT number, seal FROM biobank_ledgerhead")
        if entries and head != [(record.number, record.seal)]:
            problems.append(f"INV-08 the head says {head}, the last entry is {record.number}")
        count, most = select("SELECT COUNT(*), MAX(number) FROM biobank_ledgerentry")[0]
        if (count, most or 0) != (record.number, record.number):
            problems.append(f"INV-08 {count} entries up to number {most}, proved {record.number}")
        return replace(record, folded=folded), entries, problems

    def _against(self, entry: Entry, folded: dict[str, dict[str, str]]) -> Iterator[str]:
        subjects, text = (sha256(each.encode()).hexdigest() for each in (entry.subjects, entry.text))
        sealed = f"ledger-entry-v1\0{entry.number}\0{self.seal}\0{subjects}\0{text}"
        if entry.number != self.number + 1:
            yield f"INV-08 it follows number {self.number}"
        if entry.previous != self.seal or entry.seal != sha256(sealed.encode()).hexdigest():
            yield "INV-09 it does not seal the one before"
        body = entry.body
        if ("clock stepped back" in body["flags"]) != (body["at"] < self.last_at):
            yield "INV-18 a clock that stepped back is flagged, and no other"
        claimed = body["occurred_at"]
        if ("occurred in the future" in body["flags"]) != bool(claimed and claimed > body["at"]):
            yield "INV-18 a claim in the future is flagged, and no other"
        if body["item"]:
            yield from _fold(body, folded.setdefault(body["item"], {}))

    def against_the_tables(self) -> list[str]:
        """INV-10: state, holder and place of every unit and sample are what the ledger says."""
        places: dict[object, list[object]] = {}
        for code, place in select(_PLACES):
            places.setdefault(code, []).append(place)
        rows = select(_ITEMS)
        problems = [
            f"INV-10 {code}: {fact} is {said or 'nothing'} in the ledger, and {now or 'nothing'} in the tables"
            for code, state, holder in rows
            for fact, now, said in (
                ("state", state, self._said(code, "state")),
                ("holder", holder, self._said(code, "holder")),
                ("place", " and ".join(map(str, places.get(code, []))), self._said(code, "place")),
            )
            if now != said
        ]
        unknown = self.folded.keys() - {str(row[0]) for row in rows}
        return [*problems, *(f"INV-10 {code} is in the ledger and not in the tables" for code in sorted(unknown))]

    def _said(self, code: object, fact: str) -> str:
        return self.folded.get(str(code), {}).get(fact, "")


def _fold(body: Mapping[str, Any], facts: dict[str, str]) -> Iterator[str]:
    """Take one entry into what is known of its item; tell where it contradicts that, or the table of states."""
    old, new = body["old"], body["new"]
    for fact in FOLDED:
        if fact in old and old[fact] != facts.get(fact, ""):
            yield f"INV-10 {body['item']} had {fact} {facts.get(fact)!r}, and it says {old[fact]!r}"
    if "state" in new and new["state"] != facts.get("state", ""):
        lawful = SAMPLE_STATES if new["state"] == "stored" or facts.get("state") == "stored" else LAWFUL
        if new["state"] not in lawful.get(facts.get("state", ""), set()):
            yield f"INV-15 {body['item']} went from {facts.get('state')!r} to {new['state']!r}"
    facts.update({fact: new[fact] for fact in FOLDED if fact in new})


def told_at(at: datetime) -> str:
    """Return an instant as entries write it."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


_NEW = "SELECT number, kind, subjects, body, previous, seal FROM biobank_ledgerentry WHERE number > %s ORDER BY number"
_PLACES = (
    "SELECT COALESCE(u.code, t.code), o.code FROM inventory_placement p"
    " JOIN inventory_position o ON o.id = p.position_id LEFT JOIN inventory_unit u ON u.id = p.unit_id"
    " LEFT JOIN inventory_referencesample t ON t.id = p.sample_id WHERE p.removed_at IS NULL"
)
_ITEMS = (
    "SELECT code, state, holder FROM inventory_unit UNION ALL SELECT code, state, holder FROM inventory_referencesample"
)
