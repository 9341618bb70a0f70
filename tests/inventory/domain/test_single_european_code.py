"""The Single European Code, composed, printed and read."""

from dataclasses import replace
from datetime import date

import pytest

from inventory.domain.din import Din
from inventory.domain.isbt128_refusal import Isbt128Refused
from inventory.domain.product_code import read_product_code
from inventory.domain.single_european_code import (
    CodingSystem,
    SingleEuropeanCodeRefused,
    compose_single_european_code,
    decode_single_european_code,
    read_printed_single_european_code,
)

# ICCBBA ST-012 v1.4.0: section 2.3, and the product sequence of section 3.3.
PRINTED = "SEC: PL001499Z549917123456 A00T041600320171231"
CONTENT = "PL001499Z549917123456A00T041600320171231"
EUTC = "PL001499Z549917123456E000005300120161231"


def composed(product_code="T0416003", *, expires_on=date(2017, 12, 31), establishment="1499"):
    din, code = Din("Z549917123456"), read_product_code(product_code)
    return compose_single_european_code("PL", establishment, din, code, expires_on=expires_on)


def test_the_published_code_is_composed_and_printed():
    code = composed()

    assert (code.content, code.printed) == (CONTENT, PRINTED)
    assert (len(code.donation_sequence), len(code.product_sequence)) == (21, 19)


def test_the_published_code_is_taken_apart():
    code = decode_single_european_code(CONTENT)

    assert code == composed() == read_printed_single_european_code(PRINTED)
    assert (code.country, code.establishment, code.donation) == ("PL", "001499", "Z549917123456")
    assert (code.system, code.product, code.split) == (CodingSystem.ISBT128, "00T0416", "003")
    assert code.expires_on == date(2017, 12, 31)


@pytest.mark.parametrize(("product_code", "split"), [("S1416VAb", "0Ab"), ("S1416V00", "000"), ("T0416000", "000")])
def test_the_division_is_the_split(product_code, split):
    assert composed(product_code).split == split


def test_a_product_without_expiry_has_zeroes():
    code = composed(expires_on=None)

    assert code.content.endswith("00000000")
    assert decode_single_european_code(code.content) == code


def test_products_coded_otherwise_are_read():
    code = decode_single_european_code(EUTC)

    assert (code.system, code.product, code.expires_on) == (CodingSystem.EUTC, "0000053", date(2016, 12, 31))
    assert code.content == EUTC


def test_a_division_that_stands_elsewhere_has_no_place():
    with pytest.raises(SingleEuropeanCodeRefused, match="no place"):
        composed("S1416V99")


@pytest.mark.parametrize(
    "wrong", [{"country": "Pl"}, {"establishment": "00149"}, {"product": "0000053"}, {"split": "3"}]
)
def test_no_code_exists_that_is_not_well_made(wrong):
    with pytest.raises(SingleEuropeanCodeRefused):
        replace(composed(), **wrong)


@pytest.mark.parametrize(
    "text",
    [
        *("", CONTENT[:-1], CONTENT + "0", CONTENT.replace("A00", "C00"), CONTENT.replace("PL", "P1"), CONTENT.lower()),
        *(CONTENT.replace("20171231", "20170229"), CONTENT.replace("20171231", "20171301"), CONTENT + "\n"),
        *(CONTENT.replace("20171231", "2017123\u0661"), CONTENT.replace("00T0416", "0000053"), None, 5),
    ],
)
def test_what_is_no_code_is_refused(text):
    with pytest.raises(Isbt128Refused):
        decode_single_european_code(text)


@pytest.mark.parametrize("text", ["", CONTENT, PRINTED[5:], PRINTED + "\n", PRINTED.replace(" A", "  A"), None])
def test_what_is_printed_otherwise_is_refused(text):
    with pytest.raises(Isbt128Refused):
        read_printed_single_european_code(text)


def test_two_printed_lines_are_read_as_one():
    assert read_printed_single_european_code(PRINTED.replace(" A", "\r\nA")).content == CONTENT
