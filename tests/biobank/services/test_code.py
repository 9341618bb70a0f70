"""Codes of the bank's own."""

import re

from biobank.services.code import new_code


def test_a_code_is_a_prefix_and_eight_letters_of_crockfords_base_32():
    assert re.fullmatch(r"REQ-[0-9A-HJKMNP-TV-Z]{8}", new_code("REQ"))


def test_codes_differ():
    assert len({new_code("SHP") for _ in range(1000)}) == 1000
