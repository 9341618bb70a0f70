"""One way to spoil an export, and what the ways are made of."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from biobank.exchange import verify_ledger
from tests.factories.ledger import Export, checkpoint_file

STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)


@dataclass(frozen=True)
class Damage:
    """What was done to an export, by name, and the words in which the verifier must refuse it."""

    name: str
    spoil: Callable[[Export], Export]
    reason: str


def swapped_bodies(export: Export, one: int, other: int) -> Export:
    return export.changed(one, body=export.line(other)["body"]).changed(other, body=export.line(one)["body"])


def hashes_swapped(export: Export, number: int) -> Export:
    line = export.line(number)
    return export.changed(number, body_sha256=line["subjects_sha256"], subjects_sha256=line["body_sha256"])


def with_head_of(signed: Export, export: Export) -> Export:
    return export.with_bytes(len(export.lines), signed.lines[-1])


def made_good(export: Export) -> Export:
    """Seal and sign a spoiled export as if the bank had written it so: only the form can give it away."""
    return export.resealed().signed()


def replaced(export: Export, number: int, old: bytes, new: bytes) -> Export:
    assert old in export.lines[number - 1]
    return export.with_bytes(number, export.lines[number - 1].replace(old, new, 1))


def flipped(export: Export, number: int, word: bytes, bit: int) -> Export:
    return replaced(export, number, word, bytes([word[0] ^ 1 << bit]) + word[1:])


def flipped_hex(export: Export, field: str) -> Export:
    value = export.line(13)[field]
    return export.changed(13, **{field: ("1" if value[0] == "0" else "0") + value[1:]})


def head_edited(export: Export, **fields: object) -> Export:
    return export.changed(13, head={**export.line(13)["head"], **fields})


def plus_order(export: Export) -> str:
    """Write the signature's second half the other way: plus the order of the base point."""
    signature = bytes.fromhex(export.line(13)["signature"])
    second = int.from_bytes(signature[32:], "little") + verify_ledger.L
    return (signature[:32] + second.to_bytes(32, "little")).hex()


def spaced_body(export: Export, number: int) -> Export:
    return export.changed(number, body=export.line(number)["body"].replace(",", ", ", 1))


def doubled_key(export: Export, number: int) -> Export:
    return export.changed(number, body=export.line(number)["body"].replace('"by":', '"by":"nobody","by":', 1))


def disordered(export: Export, number: int) -> bytes:
    line = export.line(number)
    return json.dumps(dict(reversed(line.items())), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def checkpoint_of(export: Export, number: int, /, **fields: object) -> bytes:
    return checkpoint_file(export.key, **{"number": number, "seal": export.line(number)["seal"], **fields})
