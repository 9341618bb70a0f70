"""Whole exports are verified by the one-file verifier, with key and checkpoints, as an auditor runs it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from biobank.domain import ledger
from biobank.exchange import verify_ledger
from tests.biobank.exchange.damage import STRANGER, checkpoint_of, made_good
from tests.factories.ledger import OTHER_UNIT, UNIT, Export, canonical, checkpoint_file, digest, public_hex, text

VERIFIER = Path(verify_ledger.__file__)
VECTORS = json.loads(Path(__file__).with_name("ledger_vectors.json").read_text())

# The export is read from a ledger; the plugin lays out a database only where a test is marked so.
pytestmark = pytest.mark.django_db

Verify = Callable[..., tuple[int, str]]


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
    assert "lost.json: SUPERSEDED by entry 9: of entry 8 it knew another" in said
    assert "RESUMED AT ENTRY 9: " in said


def test_a_resumption_is_reported_though_no_checkpoint_is_given(whole: Export, verify: Verify) -> None:
    resumed = made_good(whole.body_changed(9, kind="ledger.resumed", new={"supersedes": ["a" * 64, "b" * 64]}))

    status, said = verify(resumed)

    assert status == 0
    assert said.count("RESUMED AT ENTRY") == 1


def test_an_export_without_a_resumption_reports_none(whole: Export, of_unit: Export, verify: Verify) -> None:
    assert all("RESUMED" not in verify(export)[1] for export in (whole, of_unit))


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
