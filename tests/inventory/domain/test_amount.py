"""Amounts: what is left of a unit of which some is taken, and what its two parts hold."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.amount import Amounts, divided, holding, left_after, measured_by
from inventory.domain.dose import BAG_DIVISIONS

amounts = st.decimals(min_value="0.01", max_value=500, places=2)
cells = st.none() | st.integers(0, 20_000_000_000)


@pytest.mark.parametrize(
    ("have", "taken", "left"),
    [
        (Amounts(Decimal(95), None, 950_000_000), "10", Amounts(Decimal(85), None, 850_000_000)),
        (Amounts(Decimal(95), None, None), "95", Amounts(Decimal(0), None, None)),
        (Amounts(None, Decimal(450), None), "0.01", Amounts(None, Decimal("449.99"), None)),
        (Amounts(Decimal(3), Decimal("3.15"), 10), "1", Amounts(Decimal(2), Decimal("2.10"), 6)),
    ],
)
def test_cells_and_mass_go_with_the_volume_and_what_is_left_is_rounded_down(
    have: Amounts, taken: str, left: Amounts
) -> None:
    assert left_after(have, Decimal(taken)) == left


@pytest.mark.parametrize(
    ("have", "taken"), [(Amounts(Decimal(95)), "95.01"), (Amounts(Decimal(95)), "-1"), (Amounts(), "0")]
)
def test_nothing_is_left_of_what_was_never_there(have: Amounts, taken: str) -> None:
    with pytest.raises(ValueError, match="cannot be taken"):
        left_after(have, Decimal(taken))


@given(amounts, st.lists(amounts, max_size=8), cells)
def test_however_often_some_is_taken_the_parts_and_the_rest_are_the_whole(
    amount: Decimal, parts: list[Decimal], tnc: int | None
) -> None:
    have, taken = Amounts(amount, None, tnc), Decimal(0)
    for part in parts:
        if taken + part <= amount:
            have, taken = left_after(have, part), taken + part

    assert have.volume_ml == amount - taken
    assert (have.tnc is None) is (tnc is None)
    if tnc is not None and have.tnc is not None:
        assert 0 <= have.tnc <= tnc * (amount - taken) / amount


@given(amounts, st.none() | amounts, cells, st.sampled_from(sorted(BAG_DIVISIONS)))
def test_two_parts_of_a_bag_hold_all_of_it_and_nothing_more(
    volume: Decimal, mass: Decimal | None, tnc: int | None, division: str
) -> None:
    shares = BAG_DIVISIONS[division]

    first, rest = divided(Amounts(volume, mass, tnc), (Fraction(shares[0]), Fraction(shares[1])))

    assert (first.volume_ml or 0) + (rest.volume_ml or 0) == volume
    assert mass is None or (first.mass_g or 0) + (rest.mass_g or 0) == mass
    assert tnc is None or (first.tnc or 0) + (rest.tnc or 0) == tnc
    assert first.volume_ml == (volume * shares[0] / 100).quantize(Decimal("0.01"), "ROUND_DOWN")


def test_a_unit_is_measured_by_its_volume_where_it_has_one() -> None:
    assert measured_by(Amounts(Decimal(1), Decimal(2))) == 1
    assert measured_by(Amounts(None, Decimal(2))) == 2
    assert measured_by(Amounts()) is None


@given(amounts, amounts, cells)
def test_what_was_not_taken_after_all_is_there_again_with_its_share_of_cells(
    held: Decimal, amount: Decimal, tnc: int | None
) -> None:
    now = holding(Amounts(held, None, tnc), amount)

    assert now.volume_ml == amount
    assert holding(Amounts(held, None, tnc), held) == Amounts(held, None, tnc)
    assert tnc is None or now.tnc == int(tnc * Fraction(amount) / Fraction(held))
