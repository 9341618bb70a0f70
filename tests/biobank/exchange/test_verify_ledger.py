"""Whole exports are verified, broken ones refused for the right reason, by the one-file verifier."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction
from django.test import override_settings

from biobank.domain import ledger
from biobank.exchange import verify_ledger
from biobank.queries.ledger import head
from biobank.services.ledger_export import export_lines
from biobank.services.signing_key import create_signing_key
from tests.factories.ledger import (
    DONOR,
    OTHER_UNIT,
    UNIT,
    Export,
    canonical,
    checkpoint_file,
    digest,
    eleven_entries,
    public_hex,
    text,
)
from tests.factories.person import the_system
from tests.factories.time import NOON

VERIFIER = Path(verify_ledger.__file__)
VECTORS = json.loads(Path(__file__).with_name("ledger_vectors.json").read_text())
STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)

# The export is read from a ledger; the plugin lays out a database only where a test is marked so.
pytestmark = pytest.mark.django_db

Verify = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def exports(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> dict[str | None, Export]:
    """The whole export and UNIT's of a ledger that the services wrote."""
    folder = tmp_path_factory.mktemp("key")
    places = {"BIOBANK_LEDGER_KEY_FILE": folder / "ledger.pem", "BIOBANK_CHECKPOINT_DIR": folder / "checkpoints"}
    with django_db_blocker.unblock(), override_settings(**places), transaction.atomic():
        key = create_signing_key()
        eleven_entries(by=the_system())
        made = {
            subject: Export([line.encode() for line in export_lines(head(), subject=subject, at=NOON)], key)
            for subject in (None, UNIT)
        }
        transaction.set_rollback(True)
    return made


@pytest.fixture
def whole(exports: dict[str | None, Export]) -> Export:
    return exports[None]


@pytest.fixture
def of_unit(exports: dict[str | None, Export]) -> Export:
    return exports[UNIT]


@pytest.fixture
def verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run the verifier on an export, with the key that signed it unless told otherwise."""

    def run(export: Export, *arguments: str, key: Ed25519PrivateKey | None = None) -> tuple[int, str]:
        (tmp_path / "export.jsonl").write_bytes(b"".join(export.lines))
        (tmp_path / "key.txt").write_text(public_hex(key or export.key))
        status = verify_ledger.main([str(tmp_path / "export.jsonl"), "--key", str(tmp_path / "key.txt"), *arguments])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


BODY_TIME = "2026-03-14T14:00:00.000000+01:00"
NO_FIFTH = [1, 2, 3, 4, *range(6, 14)]
LOCAL_TIME = "2026-03-14T13:00:00+01:00"

BROKEN: list[tuple[str, Callable[[Export], Export], str]] = [
    # An entry was edited.
    (
        "edited reason",
        lambda e: e.body_changed(5, reason="Nothing"),
        "line 5, entry 5: its seal does not follow: it was",
    ),
    ("edited first", lambda e: e.body_changed(1, reason="Nothing"), "line 1, entry 1: its seal does not follow"),
    ("edited last", lambda e: e.body_changed(12, reason="Nothing"), "line 12, entry 12: its seal does not follow"),
    ("edited person", lambda e: e.body_changed(5, by="somebody"), "entry 5: its seal does not follow"),
    ("edited time", lambda e: e.body_changed(5, at="2026-03-14T17:00:00.000001Z"), "entry 5: its seal does not follow"),
    ("edited place", lambda e: e.body_changed(5, new={"place": "TANK-9"}), "entry 5: its seal does not follow"),
    ("other subject", lambda e: e.changed(3, subjects=[OTHER_UNIT]), "entry 3: its seal does not follow"),
    ("subject added", lambda e: e.changed(3, subjects=[UNIT, DONOR]), "entry 3: its seal does not follow"),
    ("subject removed", lambda e: e.changed(7, subjects=[UNIT]), "entry 7: its seal does not follow"),
    ("edited seal", lambda e: e.changed(5, seal="f" * 64), "entry 5: its seal does not follow"),
    ("seal of another", lambda e: e.changed(5, seal=e.line(4)["seal"]), "entry 5: its seal does not follow"),
    ("capital seal", lambda e: e.changed(5, seal=e.line(5)["seal"].upper()), "line 5: seal is not 64 hexadecimal"),
    ("short seal", lambda e: e.changed(5, seal=e.line(5)["seal"][:-1]), "line 5: seal is not 64 hexadecimal digits"),
    ("seal with newline", lambda e: e.changed(5, seal=e.line(5)["seal"] + "\n"), "line 5: seal is not 64 hexadecimal"),
    ("bodies swapped", lambda e: swapped_bodies(e, 4, 9), "entry 4: its seal does not follow"),
    # Entries were moved, taken out, put in.
    ("neighbours swapped", lambda e: e.moved([1, 2, 3, 4, 6, 5, *range(7, 14)]), "line 5, entry 6: entry 5 is missing"),
    (
        "swapped, renumbered",
        lambda e: e.moved([1, 2, 3, 4, 6, 5, *range(7, 14)]).renumbered(),
        "entry 5: its seal does",
    ),
    ("reversed", lambda e: e.moved([*range(12, 0, -1), 13]), "line 1, entry 12: entry 1 is missing before it"),
    ("one removed", lambda e: e.moved(NO_FIFTH), "line 5, entry 6: entry 5 is missing before it"),
    ("removed, renumbered", lambda e: e.moved(NO_FIFTH).renumbered(), "entry 5: its seal does not"),
    (
        "removed, resealed",
        lambda e: e.moved(NO_FIFTH).renumbered().resealed(),
        "line 12, head: its signature does not hold",
    ),
    (
        "removed, resealed, old head",
        lambda e: with_head_of(e, e.moved(NO_FIFTH).renumbered().resealed()),
        "the file is cut: of 12 entries, 12 to",
    ),
    ("cut at the start", lambda e: e.moved(range(3, 14)), "line 1, entry 3: entry 1 is missing before it"),
    (
        "cut at the start, renumbered",
        lambda e: e.moved(range(3, 14)).renumbered(),
        "line 1, entry 1: its seal does not",
    ),
    (
        "cut before the head",
        lambda e: e.moved([*range(1, 11), 13]),
        "the file is cut: of 12 entries, 11 to 12 are missing",
    ),
    ("cut at the end", lambda e: e.moved(range(1, 11)), "the file is cut: no signed head after entry 10"),
    (
        "head removed",
        lambda e: e.moved(range(1, 13)),
        "end of the file: the file is cut: no signed head after entry 12",
    ),
    ("only the head", lambda e: e.moved([13]), "line 1, head: the file is cut: of 12 entries, 1 to 12 are missing"),
    ("empty", lambda e: e.moved([]), "the file is cut: no signed head after entry 0"),
    ("doubled", lambda e: e.moved([1, 2, 3, 4, 5, *range(5, 14)]), "line 6, entry 5: it stands out of place or twice"),
    (
        "doubled, renumbered",
        lambda e: e.moved([1, 2, 3, 4, 5, *range(5, 14)]).renumbered(),
        "entry 6: its seal does not",
    ),
    ("first doubled at the end", lambda e: e.moved([*range(1, 13), 1, 13]), "line 13, entry 1: it stands out of place"),
    ("two heads", lambda e: e.moved([*range(1, 14), 13]), "line 14: it stands after the signed head"),
    ("entry after the head", lambda e: e.moved([*range(1, 14), 12]), "line 14: it stands after the signed head"),
    (
        "twice in one file",
        lambda e: e.moved([*range(1, 14), *range(1, 14)]),
        "line 14: it stands after the signed head",
    ),
    ("head first", lambda e: e.moved([13, *range(1, 13)]), "line 1, head: the file is cut: of 12 entries"),
    ("empty line at the end", lambda e: Export([*e.lines, b"\n"], e.key), "line 14: it stands after the signed head"),
    ("empty line inside", lambda e: Export([*e.lines[:4], b"\n", *e.lines[4:]], e.key), "line 5: is not JSON"),
    # Numbers.
    ("far number", lambda e: e.changed(5, number=99), "line 5, entry 99: entry 5 is missing before it"),
    ("number nought", lambda e: e.changed(1, number=0), "line 1, entry 0: it stands out of place"),
    ("negative number", lambda e: e.changed(5, number=-5), "line 5: number is not a whole number"),
    ("number as text", lambda e: e.changed(5, number="5"), "line 5: number is not a whole number"),
    ("number true", lambda e: e.changed(1, number=True), "line 1: number is not a whole number"),
    ("number none", lambda e: e.changed(5, number=None), "line 5: number is not a whole number"),
    ("number with fraction", lambda e: replaced(e, 5, b'"number":5', b'"number":5.0'), "line 5: is not canonical JSON"),
    ("number with exponent", lambda e: replaced(e, 5, b'"number":5', b'"number":5e0'), "line 5: is not canonical JSON"),
    ("endless number", lambda e: replaced(e, 5, b'"number":5', b'"number":' + b"5" * 5000), "line 5: is not JSON"),
    # The tail was made good again.
    (
        "edited, resealed",
        lambda e: with_head_of(e, e.body_changed(5, reason="Nothing").resealed()),
        "its seal is not that of entry 12: the chain was rewritten",
    ),
    ("edited, head too", lambda e: e.body_changed(5, reason="No").resealed(), "head: its signature does not hold"),
    (
        "signed by a stranger",
        lambda e: e.body_changed(5, reason="No").resealed().signed(STRANGER),
        "signature does not",
    ),
    (
        "stranger's key",
        lambda e: e.signed(STRANGER, public_key=public_hex(STRANGER)),
        "it is signed with another key, ",
    ),
    # Bits flipped on the way.
    ("bit in a body", lambda e: flipped(e, 5, b"Step", 0), "entry 5: its seal does not follow"),
    (
        "bit in a key",
        lambda e: flipped(e, 5, b"number", 0),
        "line 5: has a field that does not belong there: ['oumber']",
    ),
    ("bit in the signature", lambda e: flipped_hex(e, "signature"), "head: its signature does not hold"),
    ("high bit", lambda e: replaced(e, 5, b"Step", b"\xd3tep"), "line 5: is not JSON in UTF-8"),
    ("nul byte", lambda e: replaced(e, 5, b"Step", b"St\x00p"), "line 5: is not JSON in UTF-8"),
    ("lone surrogate", lambda e: replaced(e, 5, b"Step", b"\\ud800"), "line 5: "),
    # The head was forged or mistaken.
    ("head's time", lambda e: head_edited(e, at="2027-03-14T12:00:00.000000Z"), "head: its signature does not hold"),
    ("head's count", lambda e: head_edited(e, count=11), "head: its signature does not hold"),
    ("other signature", lambda e: e.changed(13, signature="0" * 128), "head: its signature does not hold"),
    ("malleated signature", lambda e: e.changed(13, signature=plus_order(e)), "head: its signature does not hold"),
    ("capital signature", lambda e: e.changed(13, signature="A" * 128), "signature is not 128 hexadecimal digits"),
    ("short signature", lambda e: e.changed(13, signature="a" * 126), "signature is not 128 hexadecimal digits"),
    ("no signature", lambda e: e.without(13, "signature"), "line 13, head: lacks a field: ['signature']"),
    (
        "more beside the head",
        lambda e: e.changed(13, note="x"),
        "line 13, head: has a field that does not belong there",
    ),
    ("more in the head", lambda e: e.signed(note="x"), "head: has a field that does not belong there: ['note']"),
    ("another format", lambda e: e.signed(format="ledger-head-v2"), "head: its format is 'ledger-head-v2', not"),
    ("count signed low", lambda e: e.signed(count=11, number=11), "it counts 11 up to 11, the file holds 12"),
    ("count signed high", lambda e: e.signed(count=13, number=13), "of 13 entries, 13 to 13 are missing"),
    ("number signed low", lambda e: e.signed(number=11), "it counts 12 up to 11, the file holds 12"),
    ("full signed low", lambda e: e.signed(full=11), "it counts 11 full lines, but the file holds 12"),
    (
        "seal signed wrong",
        lambda e: e.signed(seal="a" * 64),
        "its seal is not that of entry 12: the chain was rewritten",
    ),
    ("time signed local", lambda e: e.signed(at=LOCAL_TIME), "head: at is not a time in UTC"),
    ("subject signed empty", lambda e: e.signed(subject=""), "head: subject is not a code"),
    ("subject signed", lambda e: e.signed(subject=UNIT), "line 1, entry 1: it is shown although it does not name"),
    ("head is a list", lambda e: e.changed(13, head=[]), "head: head is not a JSON object"),
    (
        "a checkpoint as head",
        lambda e: e.with_bytes(13, checkpoint_of(e, 12)),
        "has a field that does not belong there",
    ),
    # Fields and forms of an entry.
    ("more in an entry", lambda e: e.changed(5, note="x"), "line 5: has a field that does not belong there: ['note']"),
    ("no body", lambda e: e.without(5, "body"), "line 5: lacks a field: ['body']"),
    ("no seal", lambda e: e.without(5, "seal"), "line 5: lacks a field: ['seal']"),
    ("empty object", lambda e: e.with_line(5, {}), "line 5: lacks a field: ['body', 'number', 'seal', 'subjects']"),
    ("a list", lambda e: e.with_line(5, [1]), "line 5: is not a JSON object"),
    ("a word", lambda e: e.with_line(5, "entry"), "line 5: is not a JSON object"),
    ("subjects a text", lambda e: e.changed(5, subjects=UNIT), "line 5: subjects is not a list of texts"),
    ("a subject a number", lambda e: e.changed(5, subjects=[1]), "line 5: subjects is not a list of texts"),
    (
        "subjects unsorted",
        lambda e: made_good(e.changed(7, subjects=[DONOR, UNIT])),
        "entry 7: its subjects are not sorted",
    ),
    ("subject twice", lambda e: made_good(e.changed(3, subjects=[UNIT, UNIT])), "entry 3: its subjects are not sorted"),
    ("body an object", lambda e: e.changed(5, body={"at": 1}), "line 5: body is not text"),
    # Bodies that even the bank could not have written.
    ("body no JSON", lambda e: made_good(e.changed(5, body="{")), "entry 5, body: is not JSON"),
    ("body a list", lambda e: made_good(e.changed(5, body="[]")), "entry 5, body: is not a JSON object"),
    ("body with spaces", lambda e: made_good(spaced_body(e, 5)), "entry 5, body: is not canonical JSON"),
    ("body key twice", lambda e: made_good(doubled_key(e, 5)), "entry 5, body: is not canonical JSON"),
    ("body with fraction", lambda e: made_good(e.body_changed(5, new={"x": 0.5})), "body: is not canonical JSON"),
    ("body too deep", lambda e: made_good(e.changed(5, body="[" * 10**5)), "entry 5, body: is not JSON"),
    (
        "more in a body",
        lambda e: made_good(e.body_changed(5, note="x")),
        "body: has a field that does not belong there",
    ),
    ("body's kind", lambda e: made_good(e.body_changed(5, kind="Placed")), "body: kind is not of the form noun.verb"),
    ("body's person", lambda e: made_good(e.body_changed(5, by="")), "body: by is not a name"),
    ("body's time", lambda e: made_good(e.body_changed(5, at=BODY_TIME)), "body: at is not a time in UTC"),
    ("body's claim", lambda e: made_good(e.body_changed(5, occurred_at="soon")), "body: occurred_at is not a time"),
    ("body's old", lambda e: made_good(e.body_changed(5, old=[])), "body: old is not a JSON object"),
    ("body's flags", lambda e: made_good(e.body_changed(5, flags="late")), "body: flags is not a list of texts"),
    ("body's item", lambda e: made_good(e.body_changed(5, item=OTHER_UNIT)), "its item is not among its subjects"),
    # Not the bytes that the bank wrote.
    ("keys in another order", lambda e: e.with_bytes(5, disordered(e, 5)), "line 5: is not canonical JSON"),
    ("a space", lambda e: replaced(e, 5, b'"number":', b'"number": '), "line 5: is not canonical JSON"),
    ("escaped letters", lambda e: replaced(e, 5, "ï".encode(), b"\\u00ef"), "line 5: is not canonical JSON"),
    ("key twice", lambda e: replaced(e, 5, b'"number":5', b'"number":5,"number":5'), "line 5: is not canonical JSON"),
    (
        "windows line ends",
        lambda e: Export([x[:-1] + b"\r\n" for x in e.lines], e.key),
        "line 1: is not canonical JSON",
    ),
    ("byte order mark", lambda e: e.with_bytes(1, b"\xef\xbb\xbf" + e.lines[0]), "line 1: is not JSON"),
    ("utf-16", lambda e: e.with_bytes(1, e.lines[0].decode().encode("utf-16")), "line 1: "),
    ("not a number", lambda e: replaced(e, 5, b'"number":5', b'"number":NaN'), "line 5: is not JSON"),
    ("too deep", lambda e: e.with_bytes(5, b"[" * 100_000 + b"\n"), "line 5: is not JSON"),
    ("too long", lambda e: e.with_bytes(5, b'"' + b"x" * verify_ledger.MAX_LINE + b'"\n'), "line 5: is longer than"),
    (
        "cut in an entry",
        lambda e: Export([*e.lines[:4], e.lines[4][:50]], e.key),
        "line 5: the file is cut in the middle",
    ),
    ("cut in the head", lambda e: Export([*e.lines[:12], e.lines[12][:50]], e.key), "line 13: the file is cut in the"),
    ("no last line end", lambda e: Export([*e.lines[:12], e.lines[12][:-1]], e.key), "line 13: the file is cut in the"),
    ("half a line inside", lambda e: e.with_bytes(5, e.lines[4][:50] + b"\n"), "line 5: is not JSON"),
    ("two lines joined", lambda e: e.with_bytes(5, e.lines[4][:-1] + e.lines[5]), "line 5: is not JSON"),
    # What the whole export may not withhold.
    ("withheld", lambda e: e.withheld(5), "it counts 12 full lines, but the file holds 11"),
    ("withheld and signed", lambda e: e.withheld(5).signed(full=11), "it heads a whole export, but lines are withheld"),
]

BROKEN_OF_UNIT: list[tuple[str, Callable[[Export], Export], str]] = [
    ("withheld removed", lambda e: e.moved([1, 2, 3, *range(5, 14)]), "line 4, entry 5: entry 4 is missing before it"),
    ("withheld doubled", lambda e: e.moved([1, 1, *range(2, 14)]), "line 2, entry 1: it stands out of place or twice"),
    ("withheld cut off", lambda e: e.moved(range(2, 14)), "line 1, entry 2: entry 1 is missing before it"),
    (
        "withheld body",
        lambda e: e.changed(4, body_sha256="a" * 64),
        "entry 5: its seal does not follow: it, or one withheld",
    ),
    (
        "withheld subjects",
        lambda e: e.changed(4, subjects_sha256="a" * 64),
        "or one withheld since entry 3, was changed",
    ),
    ("hashes swapped", lambda e: hashes_swapped(e, 4), "entry 5: its seal does not follow: it, or one withheld"),
    ("hash not hex", lambda e: e.changed(4, body_sha256="z" * 64), "line 4: body_sha256 is not 64 hexadecimal digits"),
    ("hash missing", lambda e: e.without(4, "subjects_sha256"), "line 4: lacks a field: ['subjects_sha256']"),
    (
        "more in a withheld line",
        lambda e: e.changed(4, seal="a" * 64),
        "line 4: has a field that does not belong there",
    ),
    (
        "withheld swapped",
        lambda e: e.moved([*range(1, 9), 10, 9, *range(11, 14)]),
        "line 9, entry 10: entry 9 is missing",
    ),
    ("own entry edited", lambda e: e.body_changed(10, reason="No"), "entry 10: its seal does not follow: it, or one"),
    (
        "own entry removed",
        lambda e: e.moved([*range(1, 10), *range(11, 14)]),
        "entry 11: entry 10 is missing before it",
    ),
    ("own entry withheld", lambda e: e.withheld(10), "it counts 7 full lines, but the file holds 6"),
    (
        "own withheld, signed",
        lambda e: e.withheld(10).signed(full=6),
        "line 10, entry 10: it is withheld although it names",
    ),
    ("first withheld", lambda e: e.withheld(2).signed(full=6), "line 2, entry 2: it is withheld although it names"),
    ("last withheld", lambda e: e.withheld(12).signed(full=6), "line 12, entry 12: it is withheld although it names"),
    (
        "last withheld and changed",
        lambda e: e.withheld(12).changed(12, body_sha256="a" * 64),
        "one after 10 was changed",
    ),
    (
        "for another subject",
        lambda e: e.signed(subject=OTHER_UNIT),
        "line 2, entry 2: it is shown although it does not",
    ),
    ("for everybody", lambda e: e.signed(subject=None), "it heads a whole export, but lines are withheld"),
    (
        "cut before the head",
        lambda e: e.moved([*range(1, 11), 13]),
        "the file is cut: of 12 entries, 11 to 12 are missing",
    ),
    ("head removed", lambda e: e.moved(range(1, 13)), "the file is cut: no signed head after entry 12"),
]


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


def names(cases: list[tuple[str, Callable[[Export], Export], str]]) -> list[str]:
    return [name for name, _, _ in cases]


def test_there_are_more_broken_exports_than_sixty() -> None:
    assert len(BROKEN) + len(BROKEN_OF_UNIT) >= 60
    assert len(set(names(BROKEN))) == len(BROKEN)


def test_a_whole_export_holds(whole: Export, verify: Verify) -> None:
    status, said = verify(whole)

    assert status == 0
    assert "entries          12\nfull lines       12\nsubject          all\n" in said
    assert whole.line(13)["head"]["seal"] in said
    assert "KEY NOT GIVEN" not in said


def test_the_export_of_a_subject_shows_its_entries_and_holds(of_unit: Export, verify: Verify) -> None:
    status, said = verify(of_unit)

    assert status == 0
    assert f"entries          12\nfull lines       7\nsubject          '{UNIT}'\n" in said
    assert OTHER_UNIT.encode() not in b"".join(of_unit.lines)


@pytest.mark.parametrize(("broken", "reason"), [case[1:] for case in BROKEN], ids=names(BROKEN))
def test_a_broken_export_is_refused_for_its_reason(
    broken: Callable[[Export], Export], reason: str, whole: Export, verify: Verify
) -> None:
    status, said = verify(broken(whole))

    assert status == 1
    assert said.startswith("NOT VERIFIED: ")
    assert reason in said


@pytest.mark.parametrize(("broken", "reason"), [case[1:] for case in BROKEN_OF_UNIT], ids=names(BROKEN_OF_UNIT))
def test_a_broken_export_of_a_subject_is_refused_for_its_reason(
    broken: Callable[[Export], Export], reason: str, of_unit: Export, verify: Verify
) -> None:
    status, said = verify(broken(of_unit))

    assert status == 1
    assert reason in said


def test_an_entry_about_the_subject_alone_cannot_be_withheld_even_if_no_other_has_its_subjects(
    of_unit: Export, verify: Verify
) -> None:
    hidden = of_unit
    for number in (3, 5, 10):
        hidden = hidden.withheld(number)

    status, said = verify(hidden.signed(full=4))

    assert status == 1
    assert f"line 3, entry 3: it is withheld although it names '{UNIT}'" in said


def test_without_a_key_the_heads_own_is_used_and_said_loudly(whole: Export, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"".join(whole.lines))

    status = verify_ledger.main([str(path)])

    said = capsys.readouterr().out
    assert status == 0
    assert "KEY NOT GIVEN: compare this fingerprint with the one printed on a report." in said
    assert verify_ledger.fingerprint(public_hex(whole.key)) in said


def test_the_key_may_be_pem(whole: Export, tmp_path: Path, verify: Verify) -> None:
    pem = whole.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)

    status, _ = verify(whole, "--key", str(tmp_path / "key.pem"))

    assert status == 0


def test_a_checkpoint_of_the_chain_matches(whole: Export, tmp_path: Path, verify: Verify) -> None:
    for number in (5, 12):
        (tmp_path / f"{number}.json").write_bytes(checkpoint_of(whole, number))
    first = checkpoint_file(whole.key, number=0, seal="0" * 64)
    (tmp_path / "0.json").write_bytes(first)

    status, said = verify(whole, *(f"--checkpoint={tmp_path / f'{number}.json'}" for number in (0, 5, 12)))

    assert status == 0
    assert "5.json: matches entry 5\n" in said
    assert "12.json: matches entry 12\n" in said
    assert "0.json: matches entry 0\n" in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda e: checkpoint_of(e, 5, seal="a" * 64), "entry 5 had another seal when it was published"),
        (lambda e: checkpoint_of(e, 12, number=20), "it knows entry 20, but the export ends at entry 12"),
        (lambda e: checkpoint_of(e, 5).replace(b'"number":5', b'"number":4'), "its signature does not hold"),
        (lambda e: checkpoint_file(STRANGER, number=5, seal=e.line(5)["seal"]), "it is signed with another key"),
        (lambda e: checkpoint_of(e, 5)[:-1], "the file is cut in the middle of this line"),
        (lambda e: checkpoint_of(e, 5) * 2, "is not JSON"),
        (lambda e: e.lines[-1], "has a field that does not belong there: ['head']"),
        (lambda _export: b"", "the file is cut"),
        (lambda e: checkpoint_of(e, 5, format="ledger-head-v1"), "its format is 'ledger-head-v1'"),
        (lambda e: checkpoint_of(e, 5, number=-1), "number is not a whole number"),
    ],
)
def test_a_checkpoint_that_contradicts_the_chain_is_named(
    content: Callable[[Export], bytes], reason: str, whole: Export, tmp_path: Path, verify: Verify
) -> None:
    path = tmp_path / "checkpoint.json"
    path.write_bytes(content(whole))

    status, said = verify(whole, "--checkpoint", str(path))

    assert status == 1
    assert f"checkpoint {path}: " in said
    assert reason in said


def test_a_checkpoint_of_another_key_is_refused_though_no_key_was_given(
    whole: Export, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "export.jsonl").write_bytes(b"".join(whole.lines))
    (tmp_path / "other.json").write_bytes(checkpoint_file(STRANGER, number=5, seal=whole.line(5)["seal"]))

    status = verify_ledger.main([str(tmp_path / "export.jsonl"), "--checkpoint", str(tmp_path / "other.json")])

    assert status == 1
    assert "it is signed with another key" in capsys.readouterr().err


def test_a_checkpoint_that_a_resumption_names_is_reported_as_superseded(
    whole: Export, tmp_path: Path, verify: Verify
) -> None:
    lost = "a" * 64
    resumed = made_good(whole.body_changed(9, kind="ledger.resumed", new={"supersedes": [lost]}))
    (tmp_path / "lost.json").write_bytes(checkpoint_file(whole.key, number=8, seal=lost))

    status, said = verify(resumed, "--checkpoint", str(tmp_path / "lost.json"))

    assert status == 0
    assert "lost.json: superseded at entry 8, as an entry of the ledger says" in said


def test_the_verifier_needs_nothing_but_the_standard_library(whole: Export, tmp_path: Path) -> None:
    (tmp_path / "export.jsonl").write_bytes(b"".join(whole.lines))
    (tmp_path / "broken.jsonl").write_bytes(b"".join(whole.body_changed(5, reason="Nothing").lines))
    alone = tmp_path / "verify_ledger.py"
    alone.write_bytes(VERIFIER.read_bytes())

    good, bad, none = (
        subprocess.run(
            [sys.executable, "-I", "-S", alone, tmp_path / name], capture_output=True, text=True, check=False
        )
        for name in ("export.jsonl", "broken.jsonl", "absent.jsonl")
    )

    assert (good.returncode, good.stderr) == (0, "")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr == "NOT VERIFIED: line 5, entry 5: its seal does not follow: it was changed\n"
    assert none.returncode == 2
    assert "check the path" in none.stderr
    assert "Traceback" not in none.stderr


@pytest.mark.parametrize("content", [b"", b"key", b"\xff\xfe", b"a" * 63, b"-----BEGIN PUBLIC KEY-----\nAAAA\n", None])
def test_a_key_that_is_none_is_a_fault_of_use(
    content: bytes | None, whole: Export, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "export.jsonl").write_bytes(b"".join(whole.lines))
    if content is not None:
        (tmp_path / "key").write_bytes(content)

    with pytest.raises(SystemExit) as ended:
        verify_ledger.main([str(tmp_path / "export.jsonl"), "--key", str(tmp_path / "key")])

    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_an_empty_ledger_has_an_export_that_holds(whole: Export, verify: Verify) -> None:
    empty = whole.moved([13]).signed(count=0, number=0, full=0, seal="0" * 64)

    status, said = verify(empty)

    assert status == 0
    assert "entries          0\n" in said


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["number"]))
def test_both_writings_of_the_sealing_rule_agree_with_the_vectors(vector: dict[str, Any]) -> None:
    number, previous = vector["number"], vector["previous"]
    subjects, body = ledger.canonical_json(vector["subjects"]), ledger.canonical_json(vector["body"])

    assert subjects == verify_ledger.ENCODE(vector["subjects"]) == vector["subjects_text"]
    assert body == verify_ledger.ENCODE(vector["body"]) == vector["body_text"]
    assert ledger.digest(subjects) == verify_ledger.sha256(subjects) == vector["subjects_sha256"]
    assert ledger.digest(body) == verify_ledger.sha256(body) == vector["body_sha256"]
    hashes = (vector["subjects_sha256"], vector["body_sha256"])
    assert ledger.seal(number, previous, *hashes) == verify_ledger.sealed(number, previous, *hashes) == vector["seal"]


def test_the_vectors_say_what_the_rule_says() -> None:
    for vector in VECTORS:
        assert digest(text(vector["subjects"])) == vector["subjects_sha256"]
        assert canonical(vector["body"]).decode() == vector["body_text"] + "\n"
