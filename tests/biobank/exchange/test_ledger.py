"""Lines of an export and checkpoint files, as they are written and read back."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from biobank.domain.checkpoint import Checkpoint, CheckpointBroken, contradiction
from biobank.exchange import verify_ledger
from biobank.exchange.ledger import (
    ExportHead,
    checkpoint_line,
    checkpoint_message,
    fingerprint,
    full_line,
    head_line,
    head_message,
    read_checkpoint,
    withheld_line,
)
from tests.factories.ledger import canonical, checkpoint_file, public_hex

KEY = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
SEAL = "ab" * 32


def checkpoint() -> Checkpoint:
    return Checkpoint(number=5, seal=SEAL, at="2026-03-14T12:00:00.000000Z", public_key=public_hex(KEY))


def test_a_full_line_is_canonical_json_of_the_stored_texts() -> None:
    line = full_line(7, '["A","Ä"]', '{"reason":"„naïve“ \\" \\\\"}', SEAL)

    fields = json.loads(line)
    assert canonical(fields).decode() == line
    assert fields["subjects"] == ["A", "Ä"]
    assert json.loads(fields["body"]) == {"reason": '„naïve“ " \\'}


def test_a_withheld_line_shows_only_hashes() -> None:
    line = withheld_line(7, "1" * 64, "2" * 64)

    assert canonical(json.loads(line)).decode() == line
    assert json.loads(line) == {"number": 7, "subjects_sha256": "1" * 64, "body_sha256": "2" * 64}


def test_a_head_line_is_what_the_verifier_reads() -> None:
    head = ExportHead(
        at="2026-03-14T12:00:00.000000Z",
        count=3,
        full=2,
        number=3,
        public_key=public_hex(KEY),
        seal=SEAL,
        subject="A",
    )

    line = head_line(head, KEY.sign(head_message(head)).hex())

    read = verify_ledger.check_signed(json.loads(line), "head", verify_ledger.HEAD, public_hex(KEY), "head")
    assert (read["count"], read["subject"]) == (3, "A")
    assert canonical(json.loads(line)).decode() == line


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    line = checkpoint_line(checkpoint(), KEY.sign(checkpoint_message(checkpoint())).hex())

    assert read_checkpoint(line.encode(), public_key=public_hex(KEY)) == checkpoint()
    assert line.encode() == checkpoint_file(KEY, number=5, seal=SEAL)


def test_a_checkpoint_of_another_key_is_refused_where_the_key_is_known() -> None:
    content = checkpoint_file(KEY, number=5, seal=SEAL)

    with pytest.raises(CheckpointBroken, match="signed with another key"):
        read_checkpoint(content, public_key="00" * 32)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}\n",
        b"null\n",
        b"[" * 100_000,
        checkpoint_file(KEY, number=5, seal=SEAL, note="x"),
        checkpoint_file(KEY, number=5, seal=SEAL, format="ledger-head-v1"),
        checkpoint_file(KEY, number=5, seal=SEAL, public_key="zz"),
        checkpoint_file(KEY, number=5, seal=SEAL, public_key=7),
        checkpoint_file(KEY, number=5, seal=SEAL) + b"\n",
        checkpoint_file(KEY, number=5, seal=SEAL).replace(b":", b": "),
    ],
)
def test_what_is_not_written_as_a_checkpoint_is_refused(content: bytes) -> None:
    with pytest.raises(CheckpointBroken):
        read_checkpoint(content)


def test_both_writings_of_the_fingerprint_agree() -> None:
    assert fingerprint(public_hex(KEY)) == verify_ledger.fingerprint(public_hex(KEY))
    assert len(fingerprint(public_hex(KEY)).split(" ")) == 16


@pytest.mark.parametrize(
    ("head_number", "seal_there", "said"),
    [
        (5, SEAL, ""),
        (9, SEAL, ""),
        (4, None, "entries 5 to 5 are missing"),
        (0, None, "entries 1 to 5 are missing"),
        (5, "cd" * 32, "replaced or rewritten"),
        (9, None, "replaced or rewritten"),
    ],
)
def test_a_checkpoint_contradicts_a_ledger_that_is_older_or_different(
    head_number: int, seal_there: str | None, said: str
) -> None:
    against = contradiction(checkpoint(), head_number=head_number, seal_there=seal_there)

    assert said in against
    assert bool(against) is bool(said)
