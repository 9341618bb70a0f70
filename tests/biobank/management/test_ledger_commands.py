"""manage.py checkpoint and export_ledger: what they write, and one clear line when they cannot."""

import json
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from biobank.exchange import verify_ledger
from biobank.queries.ledger import head
from biobank.services.guard import drop_guards, install_guards
from biobank.services.signing_key import create_signing_key
from tests.factories.ledger import OTHER_UNIT, UNIT, eleven_entries
from tests.factories.person import the_system

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> Path:
    settings.BIOBANK_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.BIOBANK_LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.pem"
    settings.BIOBANK_DEMO = False
    return tmp_path


@pytest.fixture
def ledger() -> None:
    create_signing_key()
    eleven_entries(by=the_system())


def said(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_a_checkpoint_is_published_and_said(ledger: None, places: Path) -> None:
    answer = said("checkpoint")

    assert str(places / "checkpoints" / "checkpoint-000000000012.json") in answer
    assert "key fingerprint" in answer
    assert head().number == 13


def test_a_checkpoint_is_said_in_json(ledger: None) -> None:
    answer = json.loads(said("checkpoint", "--json"))

    assert answer["number"] == 12
    assert Path(answer["file"]).is_file()


def test_the_first_key_is_made_on_request_only() -> None:
    with pytest.raises(CommandError, match="--create-key") as refused:
        said("checkpoint")

    said("checkpoint", "--create-key")

    assert refused.value.returncode == 1
    with pytest.raises(CommandError, match="exists"):
        said("checkpoint", "--create-key")


def test_without_guards_no_checkpoint_is_published(ledger: None) -> None:
    drop_guards(connection)

    with pytest.raises(CommandError, match=r"guards are missing .* Run “manage.py migrate”") as refused:
        said("checkpoint")

    install_guards(connection)
    assert refused.value.returncode == 1


def test_the_export_of_everything_verifies_against_checkpoint_and_key(ledger: None, places: Path, capsys: Any) -> None:
    said("checkpoint")

    answer = said("export_ledger", "--output", str(places / "all.jsonl"))

    assert "13 entries" in answer
    status = verify_ledger.main(
        [
            str(places / "all.jsonl"),
            "--key",
            str(places / "keys" / "ledger.public.pem"),
            "--checkpoint",
            str(places / "checkpoints" / "checkpoint-000000000012.json"),
        ]
    )
    assert status == 0
    assert "matches entry 12" in capsys.readouterr().out


def test_the_export_of_a_subject_withholds_all_else(ledger: None, places: Path, capsys: Any) -> None:
    answer = said("export_ledger", "--subject", UNIT, "--output", str(places / "unit.jsonl"), "--json")

    assert json.loads(answer)["entries"] == 12
    content = (places / "unit.jsonl").read_text()
    assert content.count('"body":') == 7
    assert OTHER_UNIT not in content
    assert verify_ledger.main([str(places / "unit.jsonl")]) == 0


def test_without_an_output_the_lines_go_to_standard_output(ledger: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(stream))

    call_command("export_ledger")

    assert stream.getvalue().count(b"\n") == 13


def test_a_bar_is_drawn_where_a_person_watches(ledger: None, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", terminal)

    said("export_ledger", "--output", str(places / "all.jsonl"))

    assert terminal.getvalue().endswith(f"[{'#' * 30}] 12 of 12\n")


def test_an_unknown_subject_is_refused_and_nothing_written(ledger: None, places: Path) -> None:
    with pytest.raises(CommandError, match=r"No entry of the ledger names “X”.* Check the code") as refused:
        said("export_ledger", "--subject", "X", "--output", str(places / "x.jsonl"))

    assert refused.value.returncode == 1
    assert not (places / "x.jsonl").exists()


def test_an_export_without_a_key_is_refused_with_the_next_step(places: Path) -> None:
    with pytest.raises(CommandError, match="BIOBANK_LEDGER_KEY_FILE"):
        said("export_ledger", "--output", str(places / "x.jsonl"))

    assert list(places.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(ledger: None, places: Path) -> None:
    (places / "file").write_text("in the way")

    with pytest.raises(CommandError, match="Choose another file") as refused:
        said("export_ledger", "--output", str(places / "file" / "x.jsonl"))

    assert refused.value.returncode == 1


def test_a_fault_on_the_way_leaves_the_old_export(ledger: None, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (places / "all.jsonl").write_text("old")
    monkeypatch.setattr("os.fsync", full_disk)

    with pytest.raises(CommandError, match="No space left"):
        said("export_ledger", "--output", str(places / "all.jsonl"))

    assert (places / "all.jsonl").read_text() == "old"
    assert [path.name for path in places.glob(".*")] == []


def full_disk(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_json_needs_a_file(ledger: None) -> None:
    with pytest.raises(CommandError, match="--json needs --output") as refused:
        said("export_ledger", "--json")

    assert refused.value.returncode == 2
