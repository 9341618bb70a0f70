"""How ledger exports and checkpoints are written: JSON lines, and what their signatures cover."""

import json
import re
from dataclasses import asdict, dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from biobank.domain.checkpoint import Checkpoint, CheckpointBroken
from biobank.domain.ledger import canonical_json

HEAD_FORMAT = "ledger-head-v1"
CHECKPOINT_FORMAT = "ledger-checkpoint-v1"


@dataclass(frozen=True)
class ExportHead:
    """What the last line of an export states; ``full`` counts the lines that are not withheld."""

    at: str
    count: int
    full: int
    number: int
    public_key: str
    seal: str
    subject: str | None


def full_line(number: int, subjects: str, body: str, seal: str) -> str:
    """Return the line of an entry that is shown; ``subjects`` and ``body`` are its stored texts."""
    # The subjects are canonical JSON already, and the four keys stand in their order.
    return f'{{"body":{canonical_json(body)},"number":{number},"seal":"{seal}","subjects":{subjects}}}\n'


def withheld_line(number: int, subjects_sha256: str, body_sha256: str) -> str:
    """Return the line of an entry of which only the two hashes are shown."""
    return f'{{"body_sha256":"{body_sha256}","number":{number},"subjects_sha256":"{subjects_sha256}"}}\n'


def head_message(head: ExportHead) -> bytes:
    """Return the bytes that the signature of an export's head covers."""
    return _message(HEAD_FORMAT, asdict(head))


def head_line(head: ExportHead, signature: str) -> str:
    """Return the last line of an export."""
    return canonical_json({"head": {**asdict(head), "format": HEAD_FORMAT}, "signature": signature}) + "\n"


def checkpoint_message(checkpoint: Checkpoint) -> bytes:
    """Return the bytes that a checkpoint's signature covers."""
    return _message(CHECKPOINT_FORMAT, asdict(checkpoint))


def checkpoint_line(checkpoint: Checkpoint, signature: str) -> str:
    """Return the content of a checkpoint file."""
    signed = {**asdict(checkpoint), "format": CHECKPOINT_FORMAT}
    return canonical_json({"checkpoint": signed, "signature": signature}) + "\n"


def read_checkpoint(content: bytes, *, public_key: str | None = None) -> Checkpoint:
    """Return the checkpoint in a file's content.

    Raises ``CheckpointBroken`` for anything but the canonical form, for a signature that does not hold, and for
    another key than ``public_key``, where that is given.
    """
    try:
        line = json.loads(content)
        inner, signature = line["checkpoint"], line["signature"]
        form = inner.pop("format")
        checkpoint = Checkpoint(**inner)
        if form != CHECKPOINT_FORMAT or checkpoint_line(checkpoint, signature).encode() != content:
            raise CheckpointBroken("It is not written as a checkpoint is.")
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.public_key))
        key.verify(bytes.fromhex(signature), checkpoint_message(checkpoint))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CheckpointBroken("It is not written as a checkpoint is.") from None
    except InvalidSignature:
        raise CheckpointBroken("It was changed after it was signed.") from None
    if public_key not in (None, checkpoint.public_key):
        raise CheckpointBroken(f"It is signed with another key, {fingerprint(checkpoint.public_key)}.")
    return checkpoint


def fingerprint(public_key: str) -> str:
    """Return the fingerprint of a public key (64 hexadecimal digits) in groups of four, as reports print it."""
    return " ".join(re.findall("....", sha256(bytes.fromhex(public_key)).hexdigest()))


def _message(form: str, stated: dict[str, object]) -> bytes:
    return form.encode() + b"\x00" + canonical_json({**stated, "format": form}).encode()
