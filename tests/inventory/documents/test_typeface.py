"""What can be printed, how wide it is, and where it breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.documents.typeface import BODY, HASH, grouped, legible, runs, spaced, width, wrapped

ANY_TEXT = st.text(max_size=300)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("plain", "plain"),
        ("Ł ñ я Ω", "Ł ñ я Ω"),
        ("n\u0303", "ñ"),
        ("a\nb\tc", "a b c"),
        ("漢", "[U+6F22]"),
        ("\u202e", "[U+202E]"),
        ("\ud800", "[U+D800]"),
        ("\U0001f9ec", "[U+1F9EC]"),
        ("→ ✓", "→ ✓"),
    ],
)
def test_text_is_printed_as_it_is_or_as_its_code_points(written, printed):
    assert legible(written) == printed


@given(ANY_TEXT, st.floats(min_value=20, max_value=400))
def test_every_line_fits_and_no_character_is_lost(text, available):
    lines = wrapped(text, BODY, available)

    assert all(width(line, BODY) <= available + 0.01 for line in lines)
    assert "".join(lines).replace(" ", "") == legible(text).replace(" ", "")


@given(ANY_TEXT)
def test_runs_put_together_are_the_text(text):
    shown = legible(text)

    assert "".join(part for _, part in runs(shown, HASH.font)) == shown


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("1420000000", "1\u00a0420\u00a0000\u00a0000"),
        ("10000", "10\u00a0000"),
        ("9999", "9999"),
        ("00042", "00042"),
        ("25.0", "25.0"),
        ("not done", "not done"),
        ("", ""),
    ],
)
def test_whole_numbers_are_spaced_in_thousands_and_nothing_else_is(number, printed):
    assert spaced(number) == printed


def test_hashes_are_grouped_in_fours():
    assert grouped("0123456789ab") == "0123 4567 89ab"
