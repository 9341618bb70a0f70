"""Product codes by their form."""

import pytest

from inventory.domain.product_code import (
    COLLECTION_TYPES,
    NOT_FOR_HUMAN_APPLICATION,
    ProductCodeRefused,
    collection_type_of,
    read_product_code,
)


@pytest.mark.parametrize(
    ("text", "collection_type", "division", "for_humans"),
    [
        ("S12954A0", "4", "A0", True),
        ("S1295R00", "R", "00", False),
        ("S1295r99", "r", "99", False),
        ("S1234VAa", "V", "Aa", True),
        ("X0123V00", "V", "00", True),
        ("YA123V00", "V", "00", True),
        ("T1295003", "", "003", True),
        ("T1295099", "", "099", True),
        ("X1123000", "", "000", True),
        ("D0001xyz", "", "xyz", True),
    ],
)
def test_product_codes_are_read(text, collection_type, division, for_humans):
    code = read_product_code(text)

    assert code.description_code == text[:5]
    assert (code.collection_type, code.division) == (collection_type, division)
    assert code.is_for_human_application is for_humans
    assert code.needs_division is (text[5:] == "r99")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "S12954A",
            "S1295ZA0",
            "S1295V0A",
            "S1295VaA",
            "s1295VA0",
            "X1123001",
            "T12950A3",
            "S12954A0\n",
            "S12954A00",
        ),
        *("S\u0661\u0662954A0", "S1295VA\u0660", "K1295V00", None, 5),
    ],
)
def test_what_is_no_product_code_is_refused(text):
    with pytest.raises(ProductCodeRefused, match="product code"):
        read_product_code(text)


def test_every_collection_type_is_read_and_has_a_meaning():
    assert len(COLLECTION_TYPES) == 29
    for collection_type, meaning in COLLECTION_TYPES.items():
        code = read_product_code(f"S1295{collection_type}00")
        assert meaning
        assert code.is_for_human_application is (collection_type not in NOT_FOR_HUMAN_APPLICATION)


@pytest.mark.parametrize(
    ("product_code", "collection_type"),
    [("S1234VA0", "V"), ("S1234RA0", "R"), ("T1234000", ""), ("D001R000", ""), ("", None), ("S1234", None)],
)
def test_a_stored_product_code_tells_its_collection_type_has_none_or_leaves_it_unknown(product_code, collection_type):
    assert collection_type_of(product_code) == collection_type
