"""A small ledger as the service writes it, a key to sign with, and ways to spoil an export of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from tests.factories.time import NOON, hours

Lines = list[bytes]

UNIT = "A999926000123S1234VA0"
OTHER_UNIT = "A999926000124S1234VA0"
DONOR = "D-7F3K9QXM"


@service
def eleven_entries(*, by: Person) -> None:
    """Append eleven entries, seven of them about UNIT; after the system's own registration they are numbers 2 to 12."""
    told: Sequence[tuple[str, list[str], str]] = [
        ("donation.registered", [DONOR, UNIT], ""),
        ("unit.registered", [UNIT], ""),
        ("unit.registered", [OTHER_UNIT], ""),
        ("unit.placed", [UNIT], "TANK-1/R2/B3/4"),
        ("unit.placed", [OTHER_UNIT], "TANK-1/R2/B3/5"),
        ("result.recorded", [DONOR, UNIT], ""),
        ("result.verified", [DONOR, UNIT], ""),
        ("result.recorded", [OTHER_UNIT], ""),
        ("unit.moved", [UNIT], "TANK-2/R1/B1/1"),
        ("hold.placed", [OTHER_UNIT], ""),
        ("unit.accepted", [DONOR, UNIT], ""),
    ]
    for number, (kind, subjects, place) in enumerate(told, start=2):
        record(
            kind,
            subjects=subjects,
            by=by,
            at=NOON + hours(number),
            reason=f"Step {number} – naïve ☂",
            new={"place": place} if place else {"step": number},
            item=subjects[0] if place else "",
        )


@dataclass
class Export:
    """The lines of an export, the head last, with the key that signed it."""

    lines: Lines
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def count(self) -> int:
        """How many entries there are."""
        return len(self.lines) - 1

    def line(self, number: int) -> Any:
        """The JSON value of a line, counted from 1."""
        return json.loads(self.lines[number - 1])

    def with_line(self, number: int, value: object) -> "Export":
        """The export with another JSON value in a line."""
        return self.with_bytes(number, canonical(value))

    def with_bytes(self, number: int, line: bytes) -> "Export":
        """The export with other bytes in a line."""
        return Export([*self.lines[: number - 1], line, *self.lines[number:]], self.key)

    def changed(self, number: int, /, **fields: object) -> "Export":
        """The export with some fields of a line changed, and nothing made good."""
        return self.with_line(number, {**self.line(number), **fields})

    def without(self, number: int, *names: str) -> "Export":
        """The export with fields of a line left out."""
        return self.with_line(number, {k: v for k, v in self.line(number).items() if k not in names})

    def body_changed(self, number: int, /, **fields: object) -> "Export":
        """The export with some fields of an entry's body changed, and nothing made good."""
        body = {**json.loads(self.line(number)["body"]), **fields}
        return self.changed(number, body=canonical(body).decode().rstrip("\n"))

    def body_without(self, number: int, *names: str) -> "Export":
        """The export with fields of an entry's body left out, and nothing made good."""
        body = {k: v for k, v in json.loads(self.line(number)["body"]).items() if k not in names}
        return self.changed(number, body=canonical(body).decode().rstrip("\n"))

    def moved(self, order: Sequence[int]) -> "Export":
        """The export with its lines in another order; numbers left out are cut, repeated ones doubled."""
        return Export([self.lines[number - 1] for number in order], self.key)

    def renumbered(self) -> "Export":
        """The export with its entries numbered as they stand."""
        export = self
        for number in range(1, self.count + 1):
            export = export.changed(number, number=number)
        return export

    def resealed(self) -> "Export":
        """The export with every seal made anew over what stands there, the head's too; nothing is signed."""
        export, seal = self, "0" * 64
        for number in range(1, self.count + 1):
            line = self.line(number)
            seal = own_seal(line, seal)
            if "seal" in line:
                export = export.changed(number, seal=seal)
        last = export.line(len(export.lines))
        return export.with_line(len(export.lines), {**last, "head": {**last["head"], "seal": seal}})

    def signed(self, key: Ed25519PrivateKey | None = None, **fields: object) -> "Export":
        """The export with a head changed and signed anew."""
        return self.signed_as({**self.line(len(self.lines))["head"], **fields}, key)

    def signed_as(self, head: object, key: Ed25519PrivateKey | None = None) -> "Export":
        """The export with another head, signed."""
        message = b"ledger-head-v1\0" + canonical(head).rstrip(b"\n")
        return self.with_line(len(self.lines), {"head": head, "signature": (key or self.key).sign(message).hex()})

    def withheld(self, number: int) -> "Export":
        """The export with an entry withheld that was shown."""
        line = self.line(number)
        hashes = {"body_sha256": digest(line["body"]), "subjects_sha256": digest(text(line["subjects"]))}
        return self.with_line(number, {"number": line["number"], **hashes})


def text(value: object) -> str:
    """Return canonical JSON, made here without the code under test."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def canonical(value: object) -> bytes:
    """Return a line of canonical JSON."""
    return text(value).encode() + b"\n"


def digest(written: str) -> str:
    """Return a text's SHA-256."""
    return sha256(written.encode()).hexdigest()


def own_seal(line: dict[str, Any], previous: str) -> str:
    """Return the seal of a line's entry after ``previous``."""
    subjects = line.get("subjects_sha256") or digest(text(line["subjects"]))
    body = line.get("body_sha256") or digest(line["body"])
    return sha256(f"ledger-entry-v1\0{line['number']}\0{previous}\0{subjects}\0{body}".encode()).hexdigest()


def public_hex(key: Ed25519PrivateKey) -> str:
    """Return a key's public half as hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def checkpoint_file(key: Ed25519PrivateKey, **stated: object) -> bytes:
    """Return a signed checkpoint file."""
    fields = {"at": "2026-03-14T12:00:00.000000Z", "format": "ledger-checkpoint-v1", "public_key": public_hex(key)}
    checkpoint = {**fields, **stated}
    signature = key.sign(b"ledger-checkpoint-v1\0" + text(checkpoint).encode()).hex()
    return canonical({"checkpoint": checkpoint, "signature": signature})
