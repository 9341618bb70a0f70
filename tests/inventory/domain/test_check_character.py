"""The check value: published numbers, and what it notices."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory.domain.check_character import CHECK_CHARACTERS, check_character_of, check_value
from inventory.domain.din import CharactersRefused, DinRefused, LengthRefused
from inventory.domain.isbt128 import check_character, parse

# From the JPAC Red Book, twice from ICCBBA ST-001, and the last computed: DIN, weighted sum, value, character, flag.
VECTORS = [
    ("G123498654321", 148354, 17, "H", "77"),
    ("G123417654321", 146178, 10, "A", "70"),
    ("A999818123456", 152048, 23, "N", "83"),
    ("A999925000001", 152194, 25, "P", "85"),
]
bodies = st.text(alphabet=CHECK_CHARACTERS[:-1], min_size=1, max_size=40)


@pytest.mark.parametrize(("din", "weighted_sum", "value", "character", "flag"), VECTORS)
def test_published_numbers_have_their_published_check_characters(din, weighted_sum, value, character, flag):
    assert sum(CHECK_CHARACTERS.index(each) * 2 ** (13 - i) for i, each in enumerate(din)) == weighted_sum
    assert check_value(din) == value
    assert check_character(din) == check_character_of(din) == character
    assert parse(f"={din}{flag}")[0].value.flags == flag


def test_a_published_device_identifier_has_its_check_value():
    # ICCBBA ST-017 v1.0.0, appendix 1.
    assert check_value("A9990ABC123T0480") == 8


@given(bodies, st.data())
def test_a_wrong_character_is_noticed(body, data):
    index = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.sampled_from(CHECK_CHARACTERS[:-1]))
    assume(other != body[index])

    assert check_value(body[:index] + other + body[index + 1 :]) != check_value(body)


@given(bodies, st.data())
def test_a_swap_of_neighbours_is_noticed(body, data):
    assume(len(body) > 1)
    index = data.draw(st.integers(0, len(body) - 2))
    assume(body[index] != body[index + 1])

    assert check_value(body[:index] + body[index + 1] + body[index] + body[index + 2 :]) != check_value(body)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", LengthRefused),
        (None, LengthRefused),
        (1234567890123, LengthRefused),
        ("G12349865432", LengthRefused),
        ("G1234986543211", LengthRefused),
        ("G123498654321\n", LengthRefused),
        ("O123498654321", CharactersRefused),
        ("g123498654321", CharactersRefused),
        ("G12349865432\u0661", CharactersRefused),
        ("G12349865432O", CharactersRefused),
        (" G12349865432", CharactersRefused),
    ],
)
def test_only_thirteen_characters_of_a_donation_have_a_check_character(text, refusal):
    with pytest.raises(refusal) as refused:
        check_character(text)

    assert isinstance(refused.value, DinRefused)
