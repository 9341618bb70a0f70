"""The demo's record as auditors verify it: exported, whole or of one unit, and not changed by a letter."""

import json
import re
import sys
from pathlib import Path

import pytest

from tests.factories.demo_bank import DemoBank, Ended, demo_bank, run

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


@pytest.fixture(scope="module")
def bank() -> DemoBank:
    return demo_bank()


@pytest.fixture(scope="module")
def exported(bank: DemoBank, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("export") / "all.jsonl"
    assert bank.manage("export_ledger", "--output", str(file)).status == 0
    return file


def verified(bank: DemoBank, file: Path) -> Ended:
    """Run the auditors' verifier as auditors do: one file, plain Python, nothing of ours importable."""
    arguments = ("--key", str(bank.public_key), "--checkpoint", str(bank.checkpoint))
    return run(sys.executable, "-I", "-S", "biobank/exchange/verify_ledger.py", str(file), *arguments)


def test_its_record_is_verified(bank: DemoBank, tmp_path: Path) -> None:
    answer = bank.copied_to(tmp_path / "var").manage("verify")

    assert answer.status == 0, answer.said
    assert re.fullmatch(r"\d+ entries verified, nothing found\. Head [0-9a-f]{64}\n", answer.said)


def test_its_export_is_verified_with_plain_python(bank: DemoBank, exported: Path) -> None:
    answer = verified(bank, exported)

    assert answer.status == 0, answer.said
    assert f"{bank.checkpoint.name}: matches entry" in answer.out


def test_the_export_of_the_walked_unit_shows_only_its_entries(bank: DemoBank, tmp_path: Path) -> None:
    file = tmp_path / "unit.jsonl"
    bank.manage("export_ledger", "--subject", bank.walked, "--output", str(file))

    answer = verified(bank, file)

    assert answer.status == 0, answer.said
    shown = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()[:-1]]
    assert all(bank.walked in line["subjects"] for line in shown if "body" in line)
    assert len(shown) == bank.one("SELECT number FROM biobank_ledgerhead")


def test_an_export_with_one_changed_letter_is_not_verified(bank: DemoBank, exported: Path, tmp_path: Path) -> None:
    lines = exported.read_text(encoding="utf-8").splitlines(keepends=True)
    number = next(at for at, line in enumerate(lines) if "unit.shipped" in line)
    lines[number] = lines[number].replace("Demo Courier", "Demo Courier ")
    assert "Demo Courier " in lines[number]
    changed = tmp_path / "changed.jsonl"
    changed.write_text("".join(lines), encoding="utf-8")

    answer = verified(bank, changed)

    assert answer.status == 1
    assert f"entry {number + 1}" in answer.err
