"""The page of states is drawn from the tables."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from inventory.domain.state_diagram import draw
from inventory.domain.unit import UnitState

PAGE = Path(__file__).parents[3] / "docs" / "states.md"


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == draw()


def test_every_state_and_every_sentence_is_on_the_page() -> None:
    page = draw()

    assert all(state.value in page for state in UnitState)
    assert "quarantined --> reserved: requested exceptionally" in page
    assert "where it was reserved from" in page


def test_the_command_draws_the_page_and_notices_a_stale_one(tmp_path: Path, settings: Settings) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError, match="stale"):
        call_command("draw_states", "--check")

    call_command("draw_states", verbosity=0)
    call_command("draw_states", "--check")

    assert (tmp_path / "docs" / "states.md").read_text(encoding="utf-8") == draw()
    (tmp_path / "docs" / "states.md").write_text("old", encoding="utf-8")
    with pytest.raises(CommandError, match="stale"):
        call_command("draw_states", "--check")
