"""What a scanned or typed text is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.domain.refusal import RuleViolation
from inventory.domain.din import Din, DinRefused
from inventory.domain.identifier import ScanKind, ScanRefused, TwoCodesInOneRead, decode, unit_code
from inventory.domain.isbt128 import Isbt128Refused
from inventory.domain.isbt128_refusal import DivisionMissing
from inventory.domain.product_code import read_product_code

DIN = "G123498654321"


@pytest.mark.parametrize(
    ("text", "kind", "canonical"),
    [
        (DIN, ScanKind.DIN, DIN),
        (DIN + "H", ScanKind.DIN, DIN),
        ("G1234 98 654321 H\r\n", ScanKind.DIN, DIN),
        (f"={DIN}77", ScanKind.DIN, DIN),
        (f"=+02000={DIN}00=%5100", ScanKind.DIN, DIN),
        (f"={DIN}00=<S1295VA0", ScanKind.UNIT, DIN + "S1295VA0"),
        (f"=+02000={DIN}00=<S1295VA0", ScanKind.UNIT, DIN + "S1295VA0"),
        (f"=+03000={DIN}00=<S1295V99=,000027", ScanKind.UNIT, DIN + "S1295V99000027"),
        (f"=+02000={DIN}00=<T1295099", ScanKind.UNIT, DIN + "T1295099"),
        (DIN + "S1295VA0", ScanKind.UNIT, DIN + "S1295VA0"),
        ("G1234 98 654321 H S1295VA0", ScanKind.UNIT, DIN + "S1295VA0"),
        ("REQ-7F3K9QXM", ScanKind.REFERENCE, "REQ-7F3K9QXM"),
        ("T01-R12-05-B03", ScanKind.PLACE, "T01-R12-05-B03"),
        ("02OHS1423", ScanKind.BARCODE, "02OHS1423"),
        ("OHSTO1405EDT1", ScanKind.BARCODE, "OHSTO1405EDT1"),
        ("19501101530003", ScanKind.BARCODE, "19501101530003"),
        ("Buffy1201", ScanKind.BARCODE, "Buffy1201"),
    ],
)
def test_a_text_is_what_it_is_made_like(text: str, kind: ScanKind, canonical: str) -> None:
    scan = decode(text)

    assert (scan.kind, scan.text) == (kind, canonical)


def test_a_unit_scan_keeps_din_flags_and_product_code_apart() -> None:
    scan = decode(f"={DIN}07=<S1295V99=,000027")

    assert scan.din == Din(DIN)
    assert scan.flags == "07"
    assert scan.product_code == read_product_code("S1295V99")
    assert scan.division == "000027"


def test_the_code_of_a_unit_is_din_product_code_and_division() -> None:
    assert unit_code(Din(DIN), read_product_code("S1295VA0")) == DIN + "S1295VA0"
    assert unit_code(Din(DIN), read_product_code("S1295V99"), "000027") == DIN + "S1295V99000027"


@pytest.mark.parametrize(
    "text",
    [f"={DIN}00={DIN}00", f"{DIN}\r\n{DIN}", "TUBE1 TUBE2", "TUBE1\tTUBE2", f"={DIN}00={DIN}00=<S1295VA0"],
)
def test_two_codes_in_one_read_are_refused(text: str) -> None:
    with pytest.raises(TwoCodesInOneRead, match="was read"):
        decode(text)


@pytest.mark.parametrize(
    "text", ["", "   ", "\r\n", "=<S1295VA0", "=%5100", f"{DIN}S1295V99", "&a123", "#", "x" * 65, "A"]
)
def test_what_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(ScanRefused):
        decode(text)


@pytest.mark.parametrize("text", [f"={DIN[:10]}", f"={DIN}00=<S12", f"={DIN}00&a123", f"=+02000={DIN}00"])
def test_a_partial_or_unknown_isbt_scan_is_refused_showing_what_was_read(text: str) -> None:
    with pytest.raises(Isbt128Refused) as refused:
        decode(text)

    assert text in str(refused.value)


@pytest.mark.parametrize("text", [f"={DIN}00=<S1295V99", f"=+02000={DIN}00=<S1295V99"])
def test_a_unit_whose_division_was_not_read_is_refused(text: str) -> None:
    with pytest.raises(DivisionMissing, match="S1295V99"):
        decode(text)


@pytest.mark.parametrize("text", [DIN + "A", "G12349865432IH", "g123498654321h", "G1234\u200b98654321"])
def test_a_mistyped_din_is_refused_as_one_and_not_searched_as_a_barcode(text: str) -> None:
    with pytest.raises(DinRefused):
        decode(text)


@given(st.text(max_size=60))
def test_every_text_is_decoded_or_refused_by_name(text: str) -> None:
    try:
        read = decode(text).text
    except RuleViolation as refusal:
        read = refusal.code

    assert read.isascii()
    assert read.isprintable()
    assert read != RuleViolation.code
