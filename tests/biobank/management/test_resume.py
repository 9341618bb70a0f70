"""manage.py resume: shows what is missing, asks two people at the terminal, and goes on; or says why it does not."""

import getpass
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from biobank.models.signature import Signature
from biobank.queries.ledger import head
from biobank.services.checkpoint import checkpoint_findings
from biobank.services.standing import _agreed, head_is_behind
from tests.factories.old_record import REASON, administrator, older_than_its_checkpoint, quality
from tests.factories.person import PASSWORD

pytestmark = pytest.mark.django_db
TYPED = [REASON, "administrator", "quality"]


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> Path:
    settings.BIOBANK_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.BIOBANK_LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.pem"
    settings.BIOBANK_DEMO = False
    _agreed.clear()
    return tmp_path


@pytest.fixture
def old() -> tuple[int, Path]:
    administrator()
    quality()
    return older_than_its_checkpoint()


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, typed: list[str], passwords: list[str]) -> None:
    """Let people type these answers; whoever is asked once more ends the input, as Ctrl-D does."""
    lines, secrets = iter(typed), iter(passwords)
    monkeypatch.setattr("builtins.input", lambda _prompt: next_of(lines))
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next_of(secrets))


def next_of(answers: Iterator[str]) -> str:
    for answer in answers:
        return answer
    raise EOFError


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("resume", *arguments, stdout=out)
    return out.getvalue()


def test_two_people_sign_at_the_terminal_and_a_checkpoint_is_published(
    old: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, path = old
    at_a_terminal(monkeypatch, TYPED, [PASSWORD, PASSWORD])

    answer = said()

    assert f"Entries {number - 2} to {number} are missing." in answer
    assert path.name in answer
    assert f"Resumed at entry {number}." in answer
    assert PASSWORD not in answer
    assert head().number == number + 1
    assert list(checkpoint_findings()) == []


def test_the_list_is_shown_and_nothing_asked(old: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch, [], [])

    answer = said("--list")

    assert "are missing" in answer
    assert head_is_behind()


@pytest.mark.parametrize(
    ("typed", "passwords", "words"),
    [
        (TYPED, [PASSWORD, "wrong"], "The user name or the password is wrong"),
        ([REASON, "administrator", "administrator"], [PASSWORD, PASSWORD], "sign together, and are two people"),
        ([REASON, "quality", "administrator"], [PASSWORD, PASSWORD], "quality may not sign this"),
        (["", "administrator", "quality"], [PASSWORD, PASSWORD], "The reason is missing"),
        ([], [], "Nobody signed; nothing was saved"),
        (TYPED[:2], [PASSWORD], "Nobody signed; nothing was saved"),
    ],
)
def test_what_is_not_signed_by_the_two_is_refused_in_a_line(
    typed: list[str], passwords: list[str], words: str, old: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch, typed, passwords)
    before = head().number

    with pytest.raises(CommandError, match=words) as refused:
        said()

    assert refused.value.returncode == 1
    assert head().number == before
    assert not Signature.objects.exists()
    assert head_is_behind()


def test_where_nothing_is_missing_nobody_is_asked(old: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch, TYPED, [PASSWORD, PASSWORD])
    said()

    with pytest.raises(CommandError, match="The record agrees with its checkpoints") as refused:
        said()

    assert refused.value.returncode == 1


def test_no_password_can_be_given_as_an_argument() -> None:
    with pytest.raises(CommandError, match="unrecognized arguments"):
        call_command("resume", "--password", PASSWORD)
