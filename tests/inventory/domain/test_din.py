"""Donation identification numbers: parsing, canonical form, check characters, refusals."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory.domain.check_character import CHECK_CHARACTERS
from inventory.domain.din import (
    CharactersRefused,
    Din,
    DinRefused,
    FlagsRefused,
    LengthRefused,
    WrongCheckCharacter,
    read,
)

FACILITY = "ABCDEFGHIJKLMNPQRSTUVWXYZ"
ALPHA = FACILITY + "123456789"
INNER = FACILITY + string.digits

dins = st.builds(
    lambda alpha, inner, digits: Din(alpha + inner + digits),
    st.sampled_from(ALPHA),
    st.text(alphabet=INNER, min_size=2, max_size=2),
    st.text(alphabet=string.digits, min_size=10, max_size=10),
)

# DIN, check character, type-3 flag: from the JPAC Red Book, twice from ICCBBA ST-001, and the last computed.
VECTORS = [
    ("G123498654321", "H", "77"),
    ("G123417654321", "A", "70"),
    ("A999818123456", "N", "83"),
    ("A999925000001", "P", "85"),
]


@pytest.mark.parametrize(("text", "check", "flag"), VECTORS)
def test_check_characters_are_the_published_ones(text: str, check: str, flag: str) -> None:
    din = Din.parse(text)

    assert (din.check_character, din.type_3_flag) == (check, flag)
    assert Din.parse(text + check) == Din.parse(f"={text}00") == Din.parse(f"={text}{flag}") == din


def test_a_din_has_its_parts_and_its_printed_grouping() -> None:
    din = Din("G123417654321")

    assert (din.facility, din.year, din.serial) == ("G1234", "17", "654321")
    assert din.printed == "G1234 17 654321 A"
    assert din.scanned == "=G12341765432100"
    assert str(din) == "G123417654321"


@given(dins)
def test_reading_what_was_printed_or_scanned_gives_the_same_din(din: Din) -> None:
    assert Din.parse(din.printed) == din
    assert Din.parse(din.scanned) == din
    assert Din.parse(din.text) == din


@given(dins, st.integers(min_value=0, max_value=13), st.sampled_from(CHECK_CHARACTERS))
def test_every_single_wrong_character_is_noticed(din: Din, index: int, character: str) -> None:
    typed = din.text + din.check_character
    assume(typed[index] != character)

    with pytest.raises(DinRefused):
        Din.parse(typed[:index] + character + typed[index + 1 :])


@given(dins, st.integers(min_value=0, max_value=12))
def test_every_swap_of_neighbours_is_noticed(din: Din, index: int) -> None:
    typed = din.text + din.check_character
    assume(typed[index] != typed[index + 1])
    swapped = typed[:index] + typed[index + 1] + typed[index] + typed[index + 2 :]

    with pytest.raises(DinRefused):
        Din.parse(swapped)


@given(st.text(max_size=20))
def test_whatever_is_typed_gives_a_din_or_a_named_refusal(text: str) -> None:
    try:
        din = Din.parse(text)
    except DinRefused:
        return

    assert Din.parse(din.text) == din


@pytest.mark.parametrize("flags", ["00", "07", "20", "97", "A0", "77"])
def test_flags_are_read_and_are_no_part_of_the_din(flags: str) -> None:
    reading = read(f"=G123498654321{flags}")

    assert (reading.din.text, reading.flags) == ("G123498654321", flags)


@pytest.mark.parametrize("flags", ["0I", "0O", "0Q", "0Z", "0a", "78", "60"])
def test_flags_that_do_not_exist_or_do_not_fit_are_refused(flags: str) -> None:
    with pytest.raises(FlagsRefused):
        Din.parse(f"=G123498654321{flags}")


@pytest.mark.parametrize("length", [0, 1, 12, 15, 16])
def test_a_typed_din_of_the_wrong_length_is_refused(length: int) -> None:
    with pytest.raises(LengthRefused, match=f"has {length} characters"):
        Din.parse("G123498654321HHH"[:length])


@pytest.mark.parametrize("scan", ["=", "=G1234986543210", "=G123498654321000"])
def test_a_scan_of_the_wrong_length_is_refused(scan: str) -> None:
    with pytest.raises(LengthRefused, match="a DIN has 16"):
        Din.parse(scan)


def test_a_scan_has_no_spaces_inside() -> None:
    with pytest.raises(CharactersRefused):
        Din.parse("=G1234 9865432100"[:16])


@pytest.mark.parametrize("text", ["O123498654321", "0123498654321", "g123498654321", "G12X498654321A", "G12349865432X"])
def test_what_is_not_made_like_a_din_is_refused(text: str) -> None:
    with pytest.raises(CharactersRefused):
        Din.parse(text)


def test_swapped_digits_do_not_pass_under_the_check_character_of_the_right_ones() -> None:
    with pytest.raises(WrongCheckCharacter) as refused:
        Din.parse("G123498654312H")

    assert "Did you mean" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("G123498654321\u200b", "ZERO WIDTH SPACE"),
        ("\u202eG123498654321", "RIGHT-TO-LEFT OVERRIDE"),
        ("G12349865432\uff11", "FULLWIDTH DIGIT ONE"),
        ("\u0410999818123456", "CYRILLIC CAPITAL LETTER A"),
        ("G1234\u00a098 654321", "NO-BREAK SPACE"),
        ("G1234\x0098654321", "control character"),
    ],
)
def test_characters_that_no_label_has_are_named(text: str, name: str) -> None:
    with pytest.raises(CharactersRefused, match=name):
        Din.parse(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("G12349865432IH", "G1234 98 654321 H"),
        ("g1234 98 65432l h", "G1234 98 654321 H"),
        ("A99992500OOOIP", "A9999 25 000001 P"),
    ],
)
def test_look_alikes_are_suggested_when_exactly_one_reading_passes(text: str, meant: str) -> None:
    with pytest.raises(CharactersRefused, match=f"Did you mean {meant}"):
        Din.parse(text)


def test_a_facility_may_have_the_letter_i() -> None:
    din = Din("I123498654321")

    assert Din.parse(din.printed) == din
    with pytest.raises(CharactersRefused, match=f"Did you mean {din.printed}"):
        Din.parse(f"i123498654321{din.check_character}")


def test_nothing_is_suggested_when_more_than_one_reading_passes() -> None:
    assert Din.parse("L113426000000I") != Din.parse("11L3426000000L")
    with pytest.raises(CharactersRefused) as refused:
        Din.parse("lll3426000000l")

    assert "Did you mean" not in str(refused.value)


@pytest.mark.parametrize("text", ["G12349865432IA", "G12349865432I", "llllllllllllll"])
def test_nothing_is_suggested_when_no_check_character_confirms_it(text: str) -> None:
    with pytest.raises(CharactersRefused) as refused:
        Din.parse(text)

    assert "Did you mean" not in str(refused.value)


def test_a_check_character_that_looks_like_another_is_suggested() -> None:
    din = next(din for n in range(400) if (din := Din(f"A9999260{n:05d}")).check_character == "O")

    with pytest.raises(WrongCheckCharacter, match="Did you mean"):
        Din.parse(din.text + "0")


def test_no_invalid_din_can_exist() -> None:
    with pytest.raises(CharactersRefused):
        Din("A9999 26 000001")


def test_dins_sort_by_their_text() -> None:
    assert Din("A999925000001") < Din("G123498654321")
