"""Contents typed from a label with their check character."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory.domain.check_character import CHECK_CHARACTERS, check_character_of
from inventory.domain.isbt128 import parse
from inventory.domain.isbt128_kind import KINDS, Keyed
from inventory.domain.isbt128_refusal import Isbt128Refused, UnknownStructure, WrongCheck, WrongContent
from inventory.domain.keyed_entry import check_character_for, read_keyed
from tests.inventory.domain.isbt128_examples import CONTENTS, EXAMPLES

REQUIRED = {"001", "012", "013", "014", "019", "027", "040"}
RETIRED = {"011", "015", "016", "037"}
NOT_APPLICABLE = RETIRED | {"002", "003", "017", "018", "021", "022", "025", "030", "038", "039"}


def test_the_table_says_where_a_check_character_is_printed():
    said = {kind.number: kind.keyed for kind in KINDS.values()}

    assert {number for number, keyed in said.items() if keyed is Keyed.REQUIRED} == REQUIRED
    assert {number for number, keyed in said.items() if keyed is Keyed.NOT_APPLICABLE} == NOT_APPLICABLE


@pytest.mark.parametrize("number", sorted(set(EXAMPLES) - NOT_APPLICABLE))
def test_what_was_typed_with_its_check_character_is_read(number):
    (structure,) = parse(EXAMPLES[number])
    check = check_character_for(structure)

    assert read_keyed(structure.identifier, structure.content + check) == structure


@pytest.mark.parametrize("number", sorted(NOT_APPLICABLE))
def test_what_has_no_check_character_is_read_without(number):
    (structure,) = parse(EXAMPLES[number])

    assert check_character_for(structure) == ""
    assert read_keyed(structure.identifier, structure.content) == structure
    with pytest.raises(Isbt128Refused):
        read_keyed(structure.identifier, structure.content + "0")


@pytest.mark.parametrize("number", sorted(REQUIRED))
def test_a_required_check_character_may_not_be_left_out(number):
    (structure,) = parse(EXAMPLES[number])

    with pytest.raises(WrongContent, match="and their check character"):
        read_keyed(structure.identifier, structure.content)


def test_an_optional_check_character_is_verified_when_it_is_there():
    check = check_character_of("A999900395A")

    assert read_keyed("='", "A9999 00395A") == read_keyed("='", f"A9999 00395A {check}")
    with pytest.raises(WrongCheck):
        read_keyed("='", "A999900395A" + ("0" if check != "0" else "1"))


def test_a_donation_is_checked_without_its_flags():
    (structure,) = parse("=G12349865432107")

    assert check_character_for(structure) == "H"


@given(st.sampled_from(["=;", '&"', "&/", "=\\"]), st.data())
def test_a_single_wrong_character_is_noticed(identifier, data):
    content = data.draw(CONTENTS[identifier])
    typed = content + check_character_of(content)
    index = data.draw(st.integers(0, len(typed) - 1))
    wrong = data.draw(st.sampled_from(CHECK_CHARACTERS))
    assume(typed[index] != wrong)

    with pytest.raises(Isbt128Refused):
        read_keyed(identifier, typed[:index] + wrong + typed[index + 1 :])


@pytest.mark.parametrize(
    ("identifier", "typed"),
    [
        ("&a", "123"),
        ("={", "0" * 19),
        ("=+", "05000"),
        ("", "1"),
        (None, "1"),
        ("=;", ""),
        ("=;", None),
        ("=;", "\u0661" * 22),
    ],
)
def test_what_cannot_be_typed_is_refused(identifier, typed):
    with pytest.raises(Isbt128Refused):
        read_keyed(identifier, typed)


def test_an_opaque_structure_has_no_check_character():
    assert check_character_for(parse("&a1234")[0]) == ""
    with pytest.raises(UnknownStructure):
        read_keyed("&a", "1234")
