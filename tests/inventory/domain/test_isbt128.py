"""ISBT 128 strings and product codes."""

import pytest

from inventory.domain.isbt128 import (
    Isbt128Refused,
    ProductCodeRefused,
    Structure,
    collection_type_of,
    read_product_code,
    split,
)

# ICCBBA ST-012 v1.4.0, section 6.2.
PUBLISHED = "=+05000=Z54991712345600=%T300=<T0416003&>0183652359&,4PL001499Z549917123456A00T041600320181231"


def test_the_published_compound_message_is_split() -> None:
    assert split(PUBLISHED) == (
        Structure("=", "Z54991712345600"),
        Structure("=%", "T300"),
        Structure("=<", "T0416003"),
        Structure("&>", "0183652359"),
        Structure("&,4", "PL001499Z549917123456A00T041600320181231"),
    )


def test_two_symbols_read_as_one_are_split() -> None:
    assert split("=G12349865432100=<S1295VA0") == (Structure("=", "G12349865432100"), Structure("=<", "S1295VA0"))


@pytest.mark.parametrize(
    "text",
    [
        PUBLISHED[:-1],
        PUBLISHED.replace("=+05", "=+04"),
        PUBLISHED.replace("=+05", "=+06"),
        "=+05",
        "=+0500X" + PUBLISHED[7:],
        "=+02000=G12349865432100&a1234",
        "=G1234986543",
        "=<S1295V",
        "=!12",
        "=O12349865432100",
        "&#0112345",
    ],
)
def test_a_scan_with_anything_unknown_cut_or_miscounted_is_refused_whole(text: str) -> None:
    with pytest.raises(Isbt128Refused):
        split(text)


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
        ("X1123000", "", "000", True),
        ("D0001xyz", "", "xyz", True),
    ],
)
def test_product_codes_are_read(text: str, collection_type: str, division: str, for_humans: bool) -> None:
    code = read_product_code(text)

    assert code.description_code == text[:5]
    assert (code.collection_type, code.division) == (collection_type, division)
    assert code.is_for_human_application is for_humans


@pytest.mark.parametrize(
    "text", ["", "S12954A", "S1295ZA0", "S1295V0A", "S1295VaA", "s1295VA0", "X1123001", "T12950A3"]
)
def test_what_is_no_product_code_is_refused(text: str) -> None:
    with pytest.raises(ProductCodeRefused, match="product code"):
        read_product_code(text)


@pytest.mark.parametrize(
    ("product_code", "collection_type"),
    [("S1234VA0", "V"), ("S1234RA0", "R"), ("T1234000", ""), ("D001R000", ""), ("", None), ("S1234", None)],
)
def test_a_stored_product_code_tells_its_collection_type_has_none_or_leaves_it_unknown(product_code, collection_type):
    assert collection_type_of(product_code) == collection_type
