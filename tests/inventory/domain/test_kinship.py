"""Kinship: whom a donation may name, and whom it fits."""

import pytest

from inventory.domain.donation import DonationPurpose
from inventory.domain.kinship import Kin, fits, is_close, obstacles_to_naming

UNRELATED, RELATED, AUTOLOGOUS = DonationPurpose.UNRELATED, DonationPurpose.RELATED, DonationPurpose.AUTOLOGOUS


def kin(degree: int = 1, **otherwise: str) -> Kin:
    return Kin(
        **{"protocol_code": "P-1", "recipient": "SIB-1", "shown_by": "Birth register", **otherwise}, degree=degree
    )


@pytest.mark.parametrize(
    ("purpose", "named", "already", "codes"),
    [
        (UNRELATED, None, 0, []),
        (UNRELATED, kin(0), 0, []),
        (UNRELATED, kin(2), 3, []),
        (RELATED, None, 0, ["no-recipient"]),
        (RELATED, kin(1), 0, []),
        (RELATED, kin(4), 0, []),
        (RELATED, kin(0), 0, ["degree"]),
        (RELATED, kin(5), 0, ["degree"]),
        (RELATED, kin(1), 1, ["named-already"]),
        (AUTOLOGOUS, None, 0, []),
        (AUTOLOGOUS, kin(0), 2, []),
        (AUTOLOGOUS, kin(1), 0, ["degree"]),
        (UNRELATED, kin(-1), 0, ["degree"]),
        (UNRELATED, kin(recipient="Anna Muster"), 0, ["recipient-code"]),
        (UNRELATED, kin(protocol_code=""), 0, ["missing"]),
        (UNRELATED, kin(shown_by=" "), 0, ["missing"]),
    ],
)
def test_a_donation_names_whom_its_purpose_lets_it(
    purpose: DonationPurpose, named: Kin | None, already: int, codes: list[str]
) -> None:
    assert [each.code for each in obstacles_to_naming(purpose, named, named_already=already)] == codes


@pytest.mark.parametrize(
    ("purpose", "degrees"),
    [(UNRELATED, {None, 0, 1, 2, 3, 4}), (RELATED, {0, 1, 2, 3, 4}), (AUTOLOGOUS, {0})],
)
def test_a_donation_fits_those_whom_it_was_given_for(purpose: DonationPurpose, degrees: set[int | None]) -> None:
    assert {degree for degree in (None, 0, 1, 2, 3, 4) if fits(purpose, degree)} == degrees


def test_first_and_second_degree_are_close() -> None:
    assert {degree for degree in (None, 0, 1, 2, 3, 4) if is_close(degree)} == {1, 2}
