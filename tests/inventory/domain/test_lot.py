"""Lots in the domain: divisions never repeat, labels read back, shares make up the whole, and who goes first."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.domain.refusal import Reason
from inventory.domain.din import Din
from inventory.domain.identifier import decode
from inventory.domain.lot import (
    LotRefused,
    TooFewVials,
    VialFacts,
    about_the_lot,
    check_lot_product_code,
    choose_vials,
    divisions,
    label_message,
    obstacles_to_size,
    shares,
)
from inventory.domain.product_code import ProductCodeRefused
from inventory.domain.unit import UnitState
from tests.factories.time import NOON

AVAILABLE = frozenset({UnitState.AVAILABLE})
BASE = "A999926000017S3001V"


def vial(unit_id, *, position=1, hours=0, **otherwise):
    placed = NOON - timedelta(hours=hours)
    return VialFacts(
        unit_id, **{"state": UnitState.AVAILABLE, "placed_at": placed, "position_id": position} | otherwise
    )


def test_up_to_26_vials_are_told_apart_by_letters():
    assert divisions(1, []) == ("A0",)
    assert divisions(26, [])[-1] == "Z0"


def test_beyond_26_vials_divisions_are_of_data_structure_032():
    assert divisions(27, [])[:2] == ("99000001", "99000002")
    assert divisions(300, [])[-1] == "99000300"


def test_a_second_lot_of_a_donation_goes_on_where_the_first_ended():
    assert divisions(2, ["A0", "B0", "Ca"]) == ("D0", "E0")
    assert divisions(24, [f"{letter}0" for letter in "ABCDEFGH"])[0] == "99000001"
    assert divisions(27, ["99000300"])[0] == "99000301"


def test_a_division_beyond_the_last_is_refused():
    with pytest.raises(LotRefused, match="beyond division 999999"):
        divisions(27, ["99999973"])

    assert divisions(27, ["99999972"])[-1] == "99999999"


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6))
def test_no_two_vials_of_any_lots_have_the_same_division(sizes):
    taken = []

    for size in sizes:
        taken += divisions(size, taken)

    assert len(set(taken)) == sum(sizes)


@pytest.mark.parametrize("division", ["A0", "Z0", "99000001", "99000300"])
def test_the_label_of_every_vial_reads_back_as_the_code_of_its_unit(division):
    assert decode(label_message(BASE + division)).text == BASE + division


def test_the_label_holds_the_divisions_only_where_the_product_code_leaves_them_out():
    assert Din(BASE[:13]).text in label_message(f"{BASE}A0")
    assert "=," not in label_message(f"{BASE}A0")
    assert label_message(f"{BASE}99000300").endswith("=,000300")


@pytest.mark.parametrize("size", [0, -1, 1000])
def test_a_lot_of_nothing_and_one_of_thousands_are_refused(size):
    assert [each.code for each in obstacles_to_size(size)] == ["size"]


def test_a_lot_of_one_and_one_of_999_are_taken():
    assert [obstacles_to_size(size) for size in (1, 999)] == [[], []]


@pytest.mark.parametrize("code", ["", "S3001", "S3001V0", "S3001V00", "D00400", "S3001?"])
def test_the_product_code_of_a_lot_is_six_characters_of_a_cell_product(code):
    with pytest.raises(ProductCodeRefused):
        check_lot_product_code(code)


@given(st.integers(0, 100_000), st.integers(1, 400))
def test_shares_make_up_the_whole_and_differ_by_a_hundredth_at_most(hundredths, count):
    parts = shares(Decimal(hundredths) / 100, count)

    assert sum(parts) == Decimal(hundredths) / 100
    assert len(parts) == count
    assert max(parts) - min(parts) <= Decimal("0.01")


def test_the_vials_placed_longest_go_first_and_then_by_position():
    vials = [vial(1, position=9), vial(2, position=3), vial(3, position=5, hours=1)]

    assert choose_vials("LOT-1", 2, vials, states=AVAILABLE) == (3, 2)


def test_held_unplaced_and_promised_vials_are_not_chosen():
    vials = [vial(1, held=True), vial(2, placed_at=None), vial(3, state=UnitState.RESERVED), vial(4)]

    assert choose_vials("LOT-1", 1, vials, states=AVAILABLE) == (4,)
    with pytest.raises(TooFewVials, match="has 1 of its vials left to request, not 2"):
        choose_vials("LOT-1", 2, vials, states=AVAILABLE)


def test_what_stands_against_every_vial_is_said_once_of_the_lot():
    both, one = Reason("No donor is known.", "no-donor"), Reason("It has no place in store.", "not-placed")

    said = about_the_lot("LOT-1", [[both, one], [both]], ["V-1", "V-2"])

    assert [each.text for each in said] == ["LOT-1: No donor is known.", "V-1: It has no place in store."]
