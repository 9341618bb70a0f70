"""Names as they are typed, and what was probably meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.allele import MalformedAllele
from inventory.domain.hla_name import read_name


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("A*O2:01", "A*02:01"),
        ("A*02:O1", "A*02:01"),
        ("A*02:0l", "A*02:01"),
        ("A*02:0I", "A*02:01"),
        ("DRBI*15:01", "DRB1*15:01"),
        ("DRI5", "DR15"),
        ("a*02:01", "A*02:01"),
        ("hla-drb1*15:01", "DRB1*15:01"),
        ("A*02:xx", "A*02:XX"),
        ("A*0201", "A*02:01"),
        ("A0201", "A*02:01"),
        ("A*2409N", "A*24:09N"),
        ("DRB1*1501", "DRB1*15:01"),
        ("DPB1*0401", "DPB1*04:01"),
        ("Cw*07:01", "C*07:01"),
        ("Cw*0701", "C*07:01"),
        ("CW7", "Cw7"),
        ("A*02:01\n", "A*02:01"),
        (" A*02:01", "A*02:01"),
        ("A*\uff10\uff12:01", "A*02:01"),
    ],
)
def test_a_slip_is_refused_and_what_was_meant_is_said(text: str, meant: str) -> None:
    assert str(read_name(meant)) == meant

    with pytest.raises(MalformedAllele) as refused:
        read_name(text)

    assert refused.value.message.endswith(f"Did you mean {meant}?")


@pytest.mark.parametrize(
    "text", ["", "A", "A*NNNN", "A*2", "Bw4", "E*01:01", "A*02:11l", "\u0391*02:01", "\ud800", "O" * 40]
)
def test_where_not_exactly_one_reading_passes_nothing_is_suggested(text: str) -> None:
    with pytest.raises(MalformedAllele) as refused:
        read_name(text)

    assert "Did you mean" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("A*02:\u0660\u0661", "ARABIC-INDIC DIGIT ZERO"),
        ("\u0391*02:01", "GREEK CAPITAL LETTER ALPHA"),
        ("A2\n", "U\\+000A"),
    ],
)
def test_a_character_that_no_name_has_is_named(text: str, named: str) -> None:
    with pytest.raises(MalformedAllele, match=named):
        read_name(text)


def test_a_name_of_no_length_that_anybody_types_is_refused_before_it_is_read() -> None:
    with pytest.raises(MalformedAllele, match="longer than any name") as refused:
        read_name("A*02:01" * 100_000)

    assert len(str(refused.value)) < 200


@given(st.text(max_size=50))
def test_every_text_is_a_name_in_its_one_form_or_refused(text: str) -> None:
    try:
        name = read_name(text)
    except MalformedAllele:
        return

    assert read_name(str(name)) == name
